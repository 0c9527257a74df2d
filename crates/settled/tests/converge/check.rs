mod money;

use std::collections::BTreeSet;

use serde_json::Value;
use settled_domain::ids::{EventId, PaymentId, SubscriptionId};
use settled_domain::payment::PaymentStatus;
use settled_domain::subscription::SubscriptionRecord;
use time::OffsetDateTime;

use crate::life::Shopper;
use crate::story::World;
use crate::stripe::{rows, text};

/// What must hold at any time.
#[derive(Default)]
pub(crate) struct Watch {
    succeeded: BTreeSet<PaymentId>,
    /// What did not hold.
    pub(crate) broken: Vec<String>,
}

impl Watch {
    /// A payment that has succeeded stays so.
    pub(crate) async fn look(&mut self, world: &World, shoppers: &[Shopper]) {
        for id in shoppers.iter().flat_map(|shopper| &shopper.payments) {
            let payment = world.service.ports.store.find_payment(*id).await.unwrap();
            let has_succeeded = payment.is_some_and(|payment| payment.status() == PaymentStatus::Succeeded);
            if has_succeeded {
                self.succeeded.insert(*id);
            } else if self.succeeded.contains(id) {
                self.broken.push(format!("payment {id} had succeeded and has not any more"));
            }
        }
    }
}

/// Every difference between our rows and Stripe's truth.
pub(crate) async fn compare(world: &World, shoppers: &[Shopper]) -> Vec<String> {
    let truth = world.stripe.truth().await;
    let mut differences = Differences::default();
    for session in rows(&truth["sessions"]) {
        compare_payment(world, session, &mut differences).await;
    }
    let ours: BTreeSet<_> = shoppers.iter().flat_map(|shopper| &shopper.customers).map(String::as_str).collect();
    for subscription in rows(&truth["subscriptions"]) {
        compare_subscription(world, subscription, &ours, &mut differences).await;
    }
    money::compare(world, &truth, &ours, &mut differences).await;
    for shopper in shoppers {
        compare_access(world, shopper, &truth, &mut differences).await;
    }
    for event in rows(&truth["events"]).filter(|event| text(event, "delivery") == "delivered") {
        let id = EventId::new(text(event, "id")).unwrap();
        if !world.service.settled.is_webhook_processed(&id).await.unwrap() {
            differences.0.push(format!("{} {id} was acknowledged and is not there", text(event, "type")));
        }
    }
    compare_queue(world, &mut differences).await;
    differences.0
}

#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn note(&mut self, what: &str, id: &str, field: &str, ours: &Value, stripes: &Value) {
        if ours != stripes {
            self.0.push(format!("{what} {id}: {field} is {ours} here and {stripes} at Stripe"));
        }
    }

    fn note_all(&mut self, what: &str, fields: &[(&str, Value)], truth: &Value) {
        for (field, value) in fields {
            self.note(what, text(truth, "id"), field, value, &truth[field]);
        }
    }

    fn missing(&mut self, what: &str, truth: &Value) {
        self.0.push(format!("{what} {} is {} at Stripe and not here", text(truth, "id"), text(truth, "status")));
    }
}

async fn compare_payment(world: &World, session: &Value, differences: &mut Differences) {
    let (id, outcome) = (text(session, "id"), text(session, "outcome"));
    let Ok(payment_id) = text(&session["metadata"], "payment_id").parse::<PaymentId>() else {
        return;
    };
    let Some(payment) = world.service.ports.store.find_payment(payment_id).await.unwrap() else {
        differences.0.push(format!("session {id} names payment {payment_id}, which does not exist"));
        return;
    };
    let row = payment.record();
    if row.session_id.as_ref().is_none_or(|held| held.as_str() != id) {
        // Made by a call whose answer was a failure: nobody ever saw its page.
        if outcome != "expired" {
            let held = row.session_id.as_ref();
            differences.0.push(format!("session {id} of payment {payment_id} is {outcome}, and we hold {held:?}"));
        }
        return;
    }
    let expected = match outcome {
        "open" => "pending",
        "paid" => "succeeded",
        other => other,
    };
    differences.note("payment", id, "status", &row.status.as_str().into(), &expected.into());
    if expected == "succeeded" {
        let subscription = row.subscription_id.as_ref().map(SubscriptionId::as_str);
        differences.note("payment", id, "subscription", &subscription.into(), &session["subscription"]);
        differences.note("payment", id, "total", &row.total_minor.into(), &session["total"]);
    }
}

async fn compare_subscription(world: &World, truth: &Value, ours: &BTreeSet<&str>, differences: &mut Differences) {
    let id = SubscriptionId::new(text(truth, "id")).unwrap();
    let held = world.service.ports.store.find_subscription(&id).await.unwrap();
    match (held, ours.contains(text(truth, "customer"))) {
        (None, false) => {}
        (None, true) => differences.missing("subscription", truth),
        (Some(_), false) => differences.0.push(format!("subscription {id} is a stranger's and is here")),
        (Some(held), true) => differences.note_all("subscription", &fields(held.record()), truth),
    }
}

fn fields(row: &SubscriptionRecord) -> [(&'static str, Value); 7] {
    let second = |at: Option<OffsetDateTime>| Value::from(at.map(OffsetDateTime::unix_timestamp));
    [
        ("status", row.status.as_str().into()),
        ("price", row.price_id.as_str().into()),
        ("quantity", row.quantity.into()),
        ("current_period_end", second(row.current_period_end)),
        ("cancel_at_period_end", row.cancel_at_period_end.into()),
        ("cancel_at", second(row.cancel_at)),
        ("trial_end", second(row.trial_end)),
    ]
}

/// Whoever has paid may use the product, and nobody else.
async fn compare_access(world: &World, shopper: &Shopper, truth: &Value, differences: &mut Differences) {
    let entitled = rows(&truth["subscriptions"]).any(|row| {
        shopper.customers.iter().any(|customer| text(row, "customer") == customer)
            && matches!(text(row, "status"), "active" | "trialing")
    });
    let standing = world.service.settled.get_user_subscription_status(&shopper.user, None).await.unwrap();
    differences.note("user", shopper.user.as_str(), "access", &standing.access.into(), &entitled.into());
}

/// In the end nothing is in doubt any more.
async fn compare_queue(world: &World, differences: &mut Differences) {
    let ports = &world.service.ports;
    let for_ever = ports.clock.now() + time::Duration::days(3_650);
    let mut work = ports.store.begin().await.unwrap();
    let left = work.refreshes().claim_due_refreshes(for_ever, for_ever, 100).await.unwrap();
    // The sweep asks again and again about what is alive; that is no doubt.
    for left in left.iter().filter(|left| left.attempts > 0) {
        differences.0.push(format!("{} is still in doubt: {:?}, {} attempts", left.object, left.reason, left.attempts));
    }
    work.rollback().await.unwrap();
    for left in ports.store.list_payments_left_creating(ports.clock.now(), 100).await.unwrap() {
        differences.0.push(format!("payment {left} is still being created"));
    }
}
