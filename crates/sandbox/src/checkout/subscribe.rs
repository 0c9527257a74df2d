//! Starting a subscription: its first invoice, and the payment of that.
//!
//! Events, in the order of <https://docs.stripe.com/billing/subscriptions/webhooks>: the
//! subscription is created `incomplete`, its invoice is created, finalized and paid, and the
//! subscription is updated to `active`, all within one second.

use serde_json::json;

use super::card::Card;
use super::one_time;
use super::pay::payment_method;
use crate::clock;
use crate::customers;
use crate::ids;
use crate::objects::{
    Customer, Interval, Invoice, InvoiceLine, InvoiceStatus, PaymentMethod, Session, Subscription, SubscriptionItem,
    SubscriptionStatus,
};
use crate::params::Metadata;
use crate::store::Change;

/// Makes the subscription and collects its first period.
pub(super) fn start(change: &mut Change<'_>, session: &mut Session, card: &Card) {
    let mut customer = customer(change, session, card);
    session.customer = Some(customer.id.clone());
    let method = payment_method(change, card, Some(&customer.id));
    change.emit("payment_method.attached", &method);
    let mut subscription = new_subscription(change, session, &customer);
    let mut invoice = new_invoice(change, session, &subscription, &mut customer);
    subscription.latest_invoice = Some(invoice.id.clone());
    change.put(&subscription);
    change.emit("customer.subscription.created", &subscription);
    collect(change, session, &mut invoice, &method);
    activate(change, &mut subscription, &method);
    session.subscription = Some(subscription.id);
    session.invoice = Some(invoice.id);
}

fn customer(change: &mut Change<'_>, session: &Session, card: &Card) -> Customer {
    let existing = session.customer.as_ref();
    if let Some(customer) = existing.and_then(|id| change.state.customers.get(id)) {
        return customer.clone();
    }
    let mut customer = customers::blank(change.now);
    customer.email = Some(card.email.clone());
    customer.name = Some(card.name.clone());
    change.put(&customer);
    change.emit("customer.created", &customer);
    customer
}

fn new_subscription(change: &Change<'_>, session: &Session, customer: &Customer) -> Subscription {
    let items = session.line_items.iter().map(|line| SubscriptionItem {
        id: ids::object_id("si_", 14),
        price: line.price.clone(),
        quantity: line.quantity,
    });
    let price = change.state.prices.get(&session.line_items[0].price);
    let interval = price.and_then(|price| price.interval).unwrap_or(Interval::Month);
    Subscription {
        id: ids::object_id("sub_1", 23),
        created: change.now,
        status: SubscriptionStatus::Incomplete,
        customer: customer.id.clone(),
        currency: session.currency.clone(),
        metadata: session.purchase_metadata.clone(),
        description: session.purchase_description.clone(),
        items: items.collect(),
        current_period_start: change.now,
        current_period_end: clock::add_months(change.now, interval.months()),
        cancel_at_period_end: false,
        canceled_at: None,
        ended_at: None,
        default_payment_method: None,
        latest_invoice: None,
    }
}

/// A draft for the first period. It takes the customer's next invoice number.
fn new_invoice(
    change: &mut Change<'_>,
    session: &Session,
    subscription: &Subscription,
    customer: &mut Customer,
) -> Invoice {
    let lines = session.line_items.iter().zip(&subscription.items);
    let invoice = Invoice {
        id: ids::object_id("in_1", 23),
        created: change.now,
        status: InvoiceStatus::Draft,
        number: format!("{}-{:04}", customer.invoice_prefix, customer.next_invoice_sequence),
        customer: customer.id.clone(),
        customer_email: customer.email.clone(),
        customer_name: customer.name.clone(),
        subscription: subscription.id.clone(),
        subscription_metadata: subscription.metadata.clone(),
        currency: subscription.currency.clone(),
        total: session.total(),
        lines: lines
            .map(|(line, item)| InvoiceLine {
                id: ids::object_id("il_1", 23),
                subscription_item: item.id.clone(),
                price: line.price.clone(),
                quantity: line.quantity,
                amount: line.amount,
                description: format!("{} × {}", line.quantity, line.description),
                period_end: subscription.current_period_end,
            })
            .collect(),
        payment: ids::object_id("inpay_1", 23),
        payment_intent: None,
        finalized_at: None,
        paid_at: None,
    };
    customer.next_invoice_sequence += 1;
    customer.currency = Some(invoice.currency.clone());
    change.put(customer);
    change.put(&invoice);
    invoice
}

fn collect(change: &mut Change<'_>, session: &Session, invoice: &mut Invoice, method: &PaymentMethod) {
    change.emit("invoice.created", invoice);
    invoice.status = InvoiceStatus::Open;
    invoice.finalized_at = Some(change.now);
    change.put(invoice);
    change.emit("invoice.finalized", invoice);
    let description = Some("Subscription creation".to_owned());
    let mut intent = one_time::new_intent(change, session, description, Metadata::new());
    one_time::succeed(change, &mut intent, method);
    invoice.status = InvoiceStatus::Paid;
    invoice.paid_at = Some(change.now);
    invoice.payment_intent = Some(intent.id);
    change.put(invoice);
    change.emit("invoice.paid", invoice);
    change.emit("invoice.payment_succeeded", invoice);
}

fn activate(change: &mut Change<'_>, subscription: &mut Subscription, method: &PaymentMethod) {
    subscription.status = SubscriptionStatus::Active;
    subscription.default_payment_method = Some(method.id.clone());
    change.put(subscription);
    change.emit_update(
        "customer.subscription.updated",
        subscription,
        json!({ "default_payment_method": null, "status": "incomplete" }),
    );
}
