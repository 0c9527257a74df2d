use serde_json::Value;

use crate::world::{PAYS, PRO, Params, World};

/// 2030-01-15 00:00 UTC.
const START: i64 = 1_894_665_600;
/// A month later.
const RENEWAL: i64 = START + 31 * 86_400;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const FAILS_LATER: &str = "4000 0000 0000 0341";

/// A subscription of a customer with a clock, by Checkout; its path and the clock.
async fn subscribed(world: &World, params: Params<'_>, card: &str) -> (String, String) {
    let (customer, clock) = world.customer_with_clock(START).await;
    let session = world.session(&[PRO, &[("customer", &customer)], params].concat()).await;
    assert_eq!(world.pay(&session, card).await.status(), 303);
    let session = world.reread(&session, "").await;
    (format!("/v1/subscriptions/{}", session["subscription"].as_str().unwrap()), clock)
}

async fn status(world: &World, path: &str) -> Value {
    world.get(path).await.body["status"].clone()
}

async fn last_types(world: &World, count: usize) -> Vec<String> {
    let types = world.event_types().await;
    types[types.len() - count..].to_vec()
}

#[tokio::test]
async fn objects_of_a_clock_are_made_at_its_time() {
    let world = World::start().await;
    let (path, clock) = subscribed(&world, &[], PAYS).await;
    let subscription = world.get(&path).await.body;
    assert_eq!(subscription["created"], START);
    assert_eq!(subscription["test_clock"], clock);
    assert_eq!(subscription["items"]["data"][0]["current_period_end"], RENEWAL);
}

#[tokio::test]
async fn a_renewal_drafts_an_invoice_and_collects_it_an_hour_later() {
    let world = World::start().await;
    let (path, clock) = subscribed(&world, &[], PAYS).await;
    world.advance(&clock, RENEWAL).await;
    let renewed = world.get(&format!("{path}?expand[]=latest_invoice")).await.body;
    assert_eq!(renewed["items"]["data"][0]["current_period_start"], RENEWAL);
    assert_eq!(renewed["latest_invoice"]["status"], "draft");
    assert_eq!(renewed["latest_invoice"]["billing_reason"], "subscription_cycle");
    assert_eq!(
        last_types(&world, 4).await,
        [
            "test_helpers.test_clock.advancing",
            "customer.subscription.updated",
            "invoice.created",
            "test_helpers.test_clock.ready"
        ]
    );
    world.advance(&clock, RENEWAL + HOUR).await;
    let renewed = world.get(&format!("{path}?expand[]=latest_invoice")).await.body;
    assert_eq!(renewed["latest_invoice"]["status"], "paid");
    assert_eq!(
        last_types(&world, 7).await,
        [
            "invoice.finalized",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.paid",
            "invoice.payment_succeeded",
            "test_helpers.test_clock.ready"
        ]
    );
}

#[tokio::test]
async fn a_card_that_fails_at_renewal_leaves_the_subscription_past_due_and_ends_it_after_the_last_attempt() {
    let world = World::start().await;
    let (path, clock) = subscribed(&world, &[], FAILS_LATER).await;
    world.advance(&clock, RENEWAL + HOUR).await;
    assert_eq!(status(&world, &path).await, "past_due");
    let types = last_types(&world, 3).await;
    assert_eq!(types, ["invoice.payment_failed", "customer.subscription.updated", "test_helpers.test_clock.ready"]);
    world.advance(&clock, RENEWAL + HOUR + 15 * DAY).await;
    assert_eq!(status(&world, &path).await, "canceled");
    let failures = world.get("/v1/events?type=invoice.payment_failed").await.body;
    assert_eq!(failures["data"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn another_card_makes_a_past_due_subscription_active_again() {
    let world = World::start().await;
    let (path, clock) = subscribed(&world, &[], FAILS_LATER).await;
    world.advance(&clock, RENEWAL + HOUR).await;
    let customer = world.get(&path).await.body["customer"].as_str().unwrap().to_owned();
    let method = world.made("/v1/payment_methods/pm_card_visa/attach", &[("customer", &customer)]).await;
    world.made(&path, &[("default_payment_method", method["id"].as_str().unwrap())]).await;
    world.advance(&clock, RENEWAL + HOUR + 3 * DAY).await;
    assert_eq!(status(&world, &path).await, "active");
}

#[tokio::test]
async fn a_trial_is_announced_and_becomes_paid() {
    let world = World::start().await;
    let (path, clock) = subscribed(&world, &[("subscription_data[trial_period_days]", "7")], PAYS).await;
    world.advance(&clock, START + 4 * DAY).await;
    assert!(world.event_types().await.contains(&"customer.subscription.trial_will_end".to_owned()));
    assert_eq!(status(&world, &path).await, "trialing");
    world.advance(&clock, START + 7 * DAY + HOUR).await;
    let subscription = world.get(&format!("{path}?expand[]=latest_invoice")).await.body;
    assert_eq!(subscription["status"], "active");
    assert_eq!(subscription["latest_invoice"]["amount_paid"], 4_900);
}

#[tokio::test]
async fn a_subscription_that_was_canceled_for_its_end_ends_there() {
    let world = World::start().await;
    let (path, clock) = subscribed(&world, &[], PAYS).await;
    world.made(&path, &[("cancel_at_period_end", "true")]).await;
    world.advance(&clock, RENEWAL - 1).await;
    assert_eq!(status(&world, &path).await, "active");
    world.advance(&clock, RENEWAL).await;
    let ended = world.get(&path).await.body;
    assert_eq!(ended["status"], "canceled");
    assert_eq!(ended["ended_at"], RENEWAL);
    assert_eq!(last_types(&world, 2).await[0], "customer.subscription.deleted");
}

#[tokio::test]
async fn an_open_session_expires_on_its_customers_clock() {
    let world = World::start().await;
    let (customer, clock) = world.customer_with_clock(START).await;
    let session = world.session(&[PRO, &[("customer", &customer)]].concat()).await;
    world.advance(&clock, START + DAY).await;
    assert_eq!(world.reread(&session, "").await["status"], "expired");
}

#[tokio::test]
async fn a_clock_goes_forward_and_not_too_far() {
    let world = World::start().await;
    let (_, clock) = subscribed(&world, &[], PAYS).await;
    for at in [START, START - 1, START + 100 * DAY] {
        let path = format!("/v1/test_helpers/test_clocks/{clock}/advance");
        let refused = world.post(&path, &[("frozen_time", &at.to_string())]).await;
        assert_eq!(refused.status, 400, "{at}");
        assert_eq!(refused.body["error"]["param"], "frozen_time");
    }
}

#[tokio::test]
async fn deleting_a_clock_deletes_its_customers() {
    let world = World::start().await;
    let (path, clock) = subscribed(&world, &[], PAYS).await;
    let clock = format!("/v1/test_helpers/test_clocks/{clock}");
    assert_eq!(world.delete(&clock).await.body["deleted"], true);
    assert_eq!(world.get(&clock).await.status, 404);
    let subscription = world.get(&path).await.body;
    assert_eq!(subscription["status"], "canceled");
    let customer = world.get(&format!("/v1/customers/{}", subscription["customer"].as_str().unwrap())).await.body;
    assert_eq!(customer["deleted"], true);
}
