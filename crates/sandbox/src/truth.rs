//! What is true at this Stripe: what a mirror of it must hold in the end, in few words.

use serde_json::{Value, json};

use crate::objects::{
    Charge, Customer, Dispute, Invoice, Outcome, PaymentStatus, Refund, Resource, Session, SessionStatus, Subscription,
};
use crate::store::State;

/// Everything, oldest first.
pub(crate) fn tell(state: &State) -> Value {
    fn all<R: Resource>(state: &State, tell: impl Fn(&State, &R) -> Value) -> Vec<Value> {
        R::table(state).oldest_first().map(|row| tell(state, row)).collect()
    }
    json!({
        "now": state.clock.now(),
        "customers": all(state, customer),
        "sessions": all(state, session),
        "subscriptions": all(state, subscription),
        "invoices": all(state, invoice),
        "refunds": all(state, refund),
        "disputes": all(state, dispute),
        "events": all(state, |_, event: &crate::objects::Event| {
            json!({ "id": event.id, "type": event.kind, "delivery": event.delivery })
        }),
    })
}

fn customer(_: &State, row: &Customer) -> Value {
    json!({ "id": row.id, "deleted": row.deleted })
}

/// `outcome` is what has become of the purchase: `open`, `expired`, `processing`, `failed` or `paid`.
fn session(state: &State, row: &Session) -> Value {
    let intent = row.payment_intent.as_ref().or_else(|| {
        let invoice = row.invoice.as_ref().and_then(|id| state.invoices.get(id));
        invoice.and_then(|invoice| invoice.payment_intent.as_ref())
    });
    let charge = intent.and_then(|id| state.payment_intents.get(id)).and_then(|intent| intent.latest_charge.as_ref());
    let declined =
        charge.and_then(|id| state.charges.get(id)).is_some_and(|charge| charge.outcome == Outcome::Declined);
    let outcome = match (row.status, row.payment_status) {
        (SessionStatus::Open, _) => "open",
        (SessionStatus::Expired, _) => "expired",
        (SessionStatus::Complete, PaymentStatus::Unpaid) if declined => "failed",
        (SessionStatus::Complete, PaymentStatus::Unpaid) => "processing",
        (SessionStatus::Complete, _) => "paid",
    };
    json!({
        "id": row.id,
        "outcome": outcome,
        "mode": row.mode,
        "customer": row.customer,
        "metadata": row.metadata,
        "currency": row.currency,
        "total": row.total(),
        "payment_intent": row.payment_intent,
        "subscription": row.subscription,
        "invoice": row.invoice,
    })
}

fn subscription(_: &State, row: &Subscription) -> Value {
    let item = row.items.first();
    json!({
        "id": row.id,
        "customer": row.customer,
        "status": row.status,
        "price": item.map(|item| &item.price),
        "quantity": item.map(|item| item.quantity),
        "current_period_end": row.current_period_end,
        "cancel_at_period_end": row.cancel_at_period_end,
        "cancel_at": row.cancel_at_period_end.then_some(row.current_period_end),
        "trial_end": row.trial_end,
    })
}

fn invoice(_: &State, row: &Invoice) -> Value {
    json!({
        "id": row.id,
        "customer": row.customer,
        "subscription": row.subscription,
        "status": row.status,
        "deleted": row.deleted,
        "amount_due": row.total,
        "amount_paid": row.paid_at.map_or(0, |_| row.total),
        "currency": row.currency,
        "payment_intent": row.payment_intent,
        "paid_at": row.paid_at,
    })
}

fn refund(state: &State, row: &Refund) -> Value {
    let shown = row.render(state);
    json!({
        "id": row.id,
        "status": shown["status"],
        "amount": row.amount,
        "currency": row.currency,
        "charge": row.charge,
        "payment_intent": row.payment_intent,
        "customer": customer_of(state, &row.charge),
    })
}

fn dispute(state: &State, row: &Dispute) -> Value {
    let shown = row.render(state);
    json!({
        "id": row.id,
        "status": shown["status"],
        "amount": row.amount,
        "currency": row.currency,
        "charge": row.charge,
        "payment_intent": row.payment_intent,
        "customer": customer_of(state, &row.charge),
    })
}

fn customer_of(state: &State, charge: &str) -> Option<String> {
    state.charges.get(charge).and_then(|charge: &Charge| charge.customer.clone())
}
