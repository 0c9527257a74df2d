//! What is on an invoice.

use crate::discounts;
use crate::ids;
use crate::objects::{
    BillingReason, Customer, Invoice, InvoiceItem, InvoiceLine, InvoiceStatus, Subscription, SubscriptionStatus,
};
use crate::params::Metadata;
use crate::store::Change;

/// A draft is finalized by itself after an hour.
///
/// <https://docs.stripe.com/billing/invoices/subscription#draft>
pub(crate) const DRAFT_S: i64 = 3_600;

/// A draft without lines. It takes the customer's next invoice number.
pub(super) fn blank(change: &mut Change<'_>, customer: &mut Customer, currency: &str) -> Invoice {
    let invoice = Invoice {
        id: ids::object_id("in_1", 23),
        created: change.now,
        status: InvoiceStatus::Draft,
        reason: BillingReason::default(),
        number: format!("{}-{:04}", customer.invoice_prefix, customer.next_invoice_sequence),
        customer: customer.id.clone(),
        customer_email: customer.email.clone(),
        customer_name: customer.name.clone(),
        subscription: None,
        subscription_metadata: Metadata::new(),
        description: None,
        metadata: Metadata::new(),
        currency: currency.to_owned(),
        total: 0,
        lines: Vec::new(),
        discounts: Vec::new(),
        default_payment_method: None,
        payment: ids::object_id("inpay_1", 23),
        payment_intent: None,
        attempt_count: 0,
        finalizes_at: None,
        next_payment_attempt: None,
        finalized_at: None,
        paid_at: None,
        voided_at: None,
        uncollectible_at: None,
        test_clock: customer.test_clock.clone(),
        deleted: false,
    };
    customer.next_invoice_sequence += 1;
    customer.currency = Some(invoice.currency.clone());
    change.put(customer);
    invoice
}

/// Puts waiting items on an invoice of their currency.
pub(super) fn take_in(change: &mut Change<'_>, invoice: &mut Invoice, items: Vec<InvoiceItem>) {
    for mut item in items.into_iter().filter(|item| item.currency == invoice.currency) {
        item.invoice = Some(invoice.id.clone());
        change.put(&item);
        invoice.total += item.amount;
        invoice.lines.push(InvoiceLine {
            id: ids::object_id("il_1", 23),
            subscription_item: None,
            invoice_item: Some(item.id),
            price: item.price,
            quantity: item.quantity,
            amount: item.amount,
            discount: 0,
            description: item.description.unwrap_or_default(),
            period_start: Some(item.created),
            period_end: item.created,
        });
    }
}

/// A draft for the current period of a subscription, its discounts applied.
pub(crate) fn for_period(change: &mut Change<'_>, subscription: &mut Subscription, reason: BillingReason) -> Invoice {
    let customer = change.state.customers.get(&subscription.customer).cloned();
    let mut customer = customer.unwrap_or_else(|| crate::customers::blank(change.now));
    let mut invoice = blank(change, &mut customer, &subscription.currency);
    invoice.reason = reason;
    invoice.subscription = Some(subscription.id.clone());
    invoice.subscription_metadata = subscription.metadata.clone();
    invoice.lines = lines(change, subscription);
    discounts::apply_to_invoice(change, subscription, &mut invoice);
    invoice.total = invoice.lines.iter().map(|line| line.amount - line.discount).sum();
    if reason == BillingReason::SubscriptionCycle {
        let waiting = super::items::waiting(change.state, &subscription.customer);
        take_in(change, &mut invoice, waiting);
        invoice.finalizes_at = Some(change.now + DRAFT_S);
    }
    subscription.latest_invoice = Some(invoice.id.clone());
    change.put(&invoice);
    invoice
}

fn lines(change: &Change<'_>, subscription: &Subscription) -> Vec<InvoiceLine> {
    let trial = subscription.status == SubscriptionStatus::Trialing;
    let line = |item: &crate::objects::SubscriptionItem| {
        let price = change.state.prices.get(&item.price);
        let product = price.and_then(|price| change.state.products.get(&price.product));
        let name = product.map(|product| product.name.as_str()).unwrap_or_default();
        let amount = price.map_or(0, |price| price.unit_amount.saturating_mul(item.quantity));
        InvoiceLine {
            id: ids::object_id("il_1", 23),
            subscription_item: Some(item.id.clone()),
            invoice_item: None,
            price: Some(item.price.clone()),
            quantity: item.quantity,
            amount: if trial { 0 } else { amount },
            discount: 0,
            description: if trial {
                format!("Trial period for {name}")
            } else {
                format!("{} × {name}", item.quantity)
            },
            period_start: Some(subscription.current_period_start),
            period_end: subscription.current_period_end,
        }
    };
    subscription.items.iter().map(line).collect()
}
