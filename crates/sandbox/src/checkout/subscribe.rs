//! Starting a subscription: its first invoice, and the payment of that.
//!
//! Events, in the order of <https://docs.stripe.com/billing/subscriptions/webhooks>: the
//! subscription is created `incomplete`, its invoice is created, finalized and paid, and the
//! subscription is updated to `active`, all within one second. With a trial it is created
//! `trialing`, and its invoice is over nothing.

use serde_json::json;

use crate::customers;
use crate::invoices::collect;
use crate::objects::{Customer, InvoiceStatus, Payer, PaymentMethod, Session, Subscription, SubscriptionStatus};
use crate::payments::attempt::Verdict;
use crate::store::Change;
use crate::subscriptions::dunning;
use crate::subscriptions::start::{self, Plan};

/// Makes the subscription and collects its first period.
pub(super) fn start(
    change: &mut Change<'_>,
    session: &mut Session,
    payer: &Payer,
    mut method: PaymentMethod,
    verdict: Verdict,
) {
    let customer = customer(change, session, payer);
    session.customer = Some(customer.id.clone());
    if method.customer.is_none() {
        method.customer = Some(customer.id.clone());
        change.put(&method);
        change.emit("payment_method.attached", &method);
    }
    let plan = Plan {
        customer: &customer,
        currency: session.currency.clone(),
        items: session.line_items.iter().map(|line| (line.price.clone(), line.quantity)).collect(),
        metadata: session.purchase_metadata.clone(),
        description: session.purchase_description.clone(),
        trial: session.trial,
        discount: session.discount.as_ref(),
        session: Some(&session.id),
    };
    let (mut subscription, mut invoice) = start::start(change, plan);
    if subscription.status == SubscriptionStatus::Trialing {
        subscription.default_payment_method = Some(method.id.clone());
        change.put(&subscription);
    }
    change.emit("customer.subscription.created", &subscription);
    change.emit("invoice.created", &invoice);
    collect::finalize(change, &mut invoice);
    if invoice.status == InvoiceStatus::Open {
        collect::collect(change, &mut invoice, Some((&method, verdict)));
    }
    if subscription.status == SubscriptionStatus::Incomplete {
        activate(change, &mut subscription, &method);
    }
    dunning::remind(change, &subscription.id);
    session.subscription = Some(subscription.id);
    session.invoice = Some(invoice.id);
}

fn customer(change: &mut Change<'_>, session: &Session, payer: &Payer) -> Customer {
    let existing = session.customer.as_ref().and_then(|id| change.state.customers.get(id));
    if let Some(customer) = existing {
        return customer.clone();
    }
    let mut customer = customers::blank(change.now);
    customer.email.clone_from(&payer.email);
    customer.name.clone_from(&payer.name);
    change.put(&customer);
    change.emit("customer.created", &customer);
    customer
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
