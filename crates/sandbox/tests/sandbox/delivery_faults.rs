use std::collections::BTreeSet;

use serde_json::{Value, json};
use stripe_webhook::Webhook;

use crate::world::{Delivered, LIFETIME, PRO, START, Story, World, kind};

const COMPLETED: &str = "checkout.session.completed";

/// Only this goes wrong, and always.
fn always(fault: &str) -> Value {
    json!({ "deliveries": { "chance": { fault: 1.0 } } })
}

fn ids(delivered: &[Delivered]) -> Vec<String> {
    delivered.iter().map(|delivered| delivered.event["id"].as_str().unwrap().to_owned()).collect()
}

fn of<'a>(delivered: &'a [Delivered], wanted: &'a str) -> impl Iterator<Item = &'a Value> {
    delivered.iter().map(|delivered| &delivered.event).filter(move |event| kind(event) == wanted)
}

#[tokio::test]
async fn a_dropped_event_never_comes_and_is_listed_all_the_same() {
    let plan = json!({ "deliveries": { "listed": [{ "event": COMPLETED, "nth": 1, "fault": "drop" }] } });
    let mut story = Story::under(plan).await;
    story.buy(LIFETIME).await;
    assert_eq!(of(&story.pass(10 * 86_400).await, COMPLETED).count(), 0);
    assert!(story.world.event_types().await.contains(&COMPLETED.to_owned()));
    story.buy(LIFETIME).await;
    assert_eq!(of(&story.pass(0).await, COMPLETED).count(), 1, "only the first one was meant");
}

#[tokio::test]
async fn an_unmade_event_neither_comes_nor_is_listed_and_the_object_tells_all_the_same() {
    let plan = json!({ "deliveries": { "listed": [{ "event": COMPLETED, "fault": "unmade" }] } });
    let mut story = Story::under(plan).await;
    story.buy(LIFETIME).await;
    assert_eq!(of(&story.pass(10 * 86_400).await, COMPLETED).count(), 0);
    let listed = story.world.event_types().await;
    assert!(!listed.contains(&COMPLETED.to_owned()) && listed.contains(&"charge.succeeded".to_owned()), "{listed:?}");
    let sessions = story.world.get("/v1/checkout/sessions").await.body;
    assert_eq!(sessions["data"][0]["payment_status"], "paid");
}

#[tokio::test]
async fn a_duplicated_event_comes_again_although_it_was_answered() {
    let mut story = Story::under(always("duplicate")).await;
    story.world.post("/v1/customers", &[]).await;
    let delivered = ids(&story.pass(3_600).await);
    assert!((2..=4).contains(&delivered.len()), "{delivered:?}");
    assert_eq!(BTreeSet::from_iter(&delivered).len(), 1);
}

#[tokio::test]
async fn shuffled_events_come_in_another_order_than_they_happened() {
    let mut story = Story::under(always("shuffle")).await;
    story.buy(PRO).await;
    let delivered: Vec<_> = story.pass(60).await.iter().map(|delivered| kind(&delivered.event)).collect();
    let happened = story.world.event_types().await;
    assert_ne!(delivered, happened);
    assert_eq!(sorted(delivered), sorted(happened));
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words
}

#[tokio::test]
async fn a_delayed_event_comes_later() {
    let plan = json!({ "seed": 1, "deliveries": { "chance": { "delay": 1.0 }, "delay_up_to_s": 86_400 } });
    let mut story = Story::under(plan).await;
    story.world.post("/v1/customers", &[]).await;
    assert!(story.pass(0).await.is_empty());
    assert_eq!(story.pass(86_400).await.len(), 1);
}

#[tokio::test]
async fn a_burst_brings_everything_of_its_time_in_one_second() {
    let mut story = Story::under(json!({ "deliveries": { "burst_s": 3_600 } })).await;
    // The clock begins at a full hour.
    story.pass(1).await;
    for _ in 0..3 {
        story.world.post("/v1/customers", &[]).await;
        assert!(story.pass(7).await.is_empty());
    }
    let delivered = story.pass(3_600).await;
    let signed_at = |delivered: &Delivered| header(delivered).split(',').next().unwrap().to_owned();
    assert_eq!(delivered.iter().map(signed_at).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(delivered.len(), 3);
}

#[tokio::test]
async fn after_an_outage_of_three_days_what_happened_in_it_comes_late() {
    let outage = json!({ "from_s": 0, "for_s": 3 * 86_400 - 3_600 });
    let mut story = Story::under(json!({ "deliveries": { "outages": [outage], "retry_up_to_s": 1_800 } })).await;
    story.buy(LIFETIME).await;
    assert!(story.pass(3 * 86_400 - 3_601).await.is_empty());
    assert_eq!(of(&story.pass(3_600).await, COMPLETED).count(), 1);
}

#[tokio::test]
async fn a_twin_tells_the_same_fact_under_another_id() {
    let mut story = Story::under(always("twin")).await;
    story.buy(LIFETIME).await;
    let delivered = story.pass(0).await;
    let twins: Vec<_> = of(&delivered, COMPLETED).collect();
    assert_eq!(twins.len(), 2);
    assert_ne!(twins[0]["id"], twins[1]["id"]);
    assert_eq!(twins[0]["data"], twins[1]["data"]);
    for twin in twins {
        let path = format!("/v1/events/{}", twin["id"].as_str().unwrap());
        assert_eq!(story.world.get(&path).await.status, 200);
    }
}

#[tokio::test]
async fn a_rolled_secret_signs_beside_the_old_one_and_then_alone() {
    let roll = json!({ "secret": "whsec_rolled", "from_s": 10, "overlap_s": 20 });
    let mut story = Story::under(json!({ "deliveries": { "rolled_secret": roll } })).await;
    let old = story.world.sandbox.webhook_secret().to_owned();
    let mut signers = Vec::new();
    for at in [START + 5, START + 15, START + 35] {
        story.world.sandbox.advance_to(at).await;
        story.world.post("/v1/customers", &[]).await;
        let delivered = story.pass(0).await.remove(0);
        // The verifier takes the machine's time for the present, so it is told the one of the header.
        let accepts =
            |secret| Webhook::construct_event_with_timestamp(&delivered.body, header(&delivered), secret, at).is_ok();
        signers.push((accepts(old.as_str()), accepts("whsec_rolled")));
    }
    assert_eq!(signers, [(true, false), (true, true), (false, true)]);
}

#[tokio::test]
async fn an_old_shape_has_its_fields_where_they_used_to_be() {
    let mut story = Story::under(always("old_shape")).await;
    story.buy(PRO).await;
    let delivered = story.pass(0).await;
    let updated = of(&delivered, "customer.subscription.updated").next().unwrap();
    assert_eq!(updated["api_version"], "2025-02-24.acacia");
    assert!(updated["data"]["object"]["current_period_end"].as_i64().unwrap() > START);
    assert_eq!(updated["data"]["object"]["items"]["data"][0]["current_period_end"], Value::Null);
    let paid = &of(&delivered, "invoice.paid").next().unwrap()["data"]["object"];
    assert_eq!(paid["subscription"], updated["data"]["object"]["id"]);
    assert_eq!(paid["paid"], true);
    for (field, prefix) in [("payment_intent", "pi_"), ("charge", "ch_")] {
        assert!(paid[field].as_str().unwrap().starts_with(prefix), "{field}");
    }
}

#[tokio::test]
async fn a_thin_event_names_the_object_and_the_event_that_it_stands_for() {
    let mut story = Story::under(always("thin")).await;
    let session = story.buy(LIFETIME).await;
    let delivered = story.pass(0).await;
    let thin = of(&delivered, "v1.checkout.session.completed").next().unwrap();
    assert_eq!(thin["object"], "v2.core.event");
    assert_eq!(thin["related_object"]["id"], session["id"]);
    assert_eq!(thin["created"], "2027-01-15T08:00:00Z");
    let snapshot = story.world.get(&format!("/v1/events/{}", thin["snapshot_event"].as_str().unwrap())).await;
    assert_eq!(snapshot.body["type"], COMPLETED);
    assert_ne!(snapshot.body["id"], thin["id"]);
}

#[tokio::test]
async fn a_thin_twin_comes_beside_the_snapshot() {
    let mut story = Story::under(always("thin_twin")).await;
    story.buy(LIFETIME).await;
    let delivered = story.pass(3_600).await;
    let snapshot = of(&delivered, COMPLETED).next().unwrap();
    let thin = of(&delivered, "v1.checkout.session.completed").next().unwrap();
    assert_eq!(thin["snapshot_event"], snapshot["id"]);
}

#[tokio::test]
async fn an_unknown_status_is_one_that_the_api_does_not_say() {
    let mut story = Story::under(always("unknown_status")).await;
    story.buy(PRO).await;
    let delivered = story.pass(0).await;
    let told = &of(&delivered, "customer.subscription.updated").next().unwrap()["data"]["object"];
    assert_eq!(told["status"], "status_of_a_later_release");
    let path = format!("/v1/subscriptions/{}", told["id"].as_str().unwrap());
    assert_eq!(story.world.get(&path).await.body["status"], "active");
}

#[tokio::test]
async fn skewed_objects_are_dated_apart_and_each_stays_true_to_itself() {
    let mut story = Story::under(json!({ "deliveries": { "skew_up_to_s": 30 } })).await;
    for _ in 0..3 {
        story.buy(PRO).await;
    }
    let delivered = story.pass(0).await;
    let dated = |event: &Value| (event["data"]["object"]["id"].clone(), event["created"].as_i64().unwrap());
    let all: Vec<_> = delivered.iter().map(|delivered| dated(&delivered.event)).collect();
    assert!(all.iter().map(|(_, at)| at).collect::<BTreeSet<_>>().len() > 3);
    for (id, at) in &all {
        assert!((at - START).abs() <= 30);
        assert!(all.iter().filter(|(other, _)| other == id).all(|(_, other)| other == at), "{id}");
    }
}

#[tokio::test]
async fn a_plan_can_be_put_into_force_while_it_runs() {
    let mut story = Story::under(json!({})).await;
    let begin = async |world: &World, plan: Value| {
        world.send(world.client.post(world.url("/sandbox/faults")).json(&plan)).await
    };
    assert_eq!(begin(&story.world, always("drop")).await.status, 204);
    story.buy(LIFETIME).await;
    assert!(story.pass(60).await.is_empty());
    assert_eq!(begin(&story.world, json!({})).await.status, 204);
    story.buy(LIFETIME).await;
    assert_eq!(of(&story.pass(60).await, COMPLETED).count(), 1);
    let refused = begin(&story.world, json!({ "deliveries": { "chance": { "dorp": 1.0 } } })).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("dorp"));
}

fn header(delivered: &Delivered) -> &str {
    delivered.headers["stripe-signature"].to_str().unwrap()
}
