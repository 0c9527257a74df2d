//! A storm of webhooks: ten thousand in a row, hundreds at once, and half of them have been told before.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Shopper, Silent};

const PURCHASES: usize = 50;
/// Stripe may tell one fact in several events.
const EVENTS_OF_A_PURCHASE: usize = 100;
/// And each event more than once.
const DELIVERIES_OF_AN_EVENT: usize = 2;
const AT_ONCE: usize = 256;

/// A purchase by each of so many users, of which the service has heard nothing yet.
async fn purchases(silent: &Silent) -> Vec<(Shopper, Value)> {
    let buying = (0..PURCHASES).map(|n| async move {
        let shopper = Shopper::with_token(&silent.service.url, &crate::users::token_for(&format!("customer {n}")));
        let checkout = shopper.checkout("price_lifetime").await;
        (shopper, checkout)
    });
    join_all(buying).await
}

/// The deliveries of all events, in an order that is the same each time.
async fn storm(silent: &Silent, purchases: &[(Shopper, Value)]) -> Vec<Value> {
    let mut storm = Vec::new();
    for (n, (_, checkout)) in purchases.iter().enumerate() {
        let mut event = silent.paid("", checkout).await;
        for telling in 0..EVENTS_OF_A_PURCHASE {
            event["id"] = json!(format!("evt_{n}_{telling}"));
            storm.extend(std::iter::repeat_n(event.clone(), DELIVERIES_OF_AN_EVENT));
        }
    }
    fastrand::Rng::with_seed(51).shuffle(&mut storm);
    storm
}

async fn assert_that_it_holds(mut silent: Silent) {
    // One connection for each webhook would use up the ports of this machine.
    silent.alice.client = Client::new();
    let silent = &silent;
    let purchases = purchases(silent).await;
    let storm = storm(silent, &purchases).await;
    assert_eq!(storm.len(), 10_000);

    let deliveries = storm.into_iter().map(|event| async move {
        let (status, answer) = silent.deliver(event.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        (event["id"].as_str().unwrap().to_owned(), answer["outcome"].as_str().unwrap().to_owned())
    });
    let mut answers = BTreeMap::<String, Vec<String>>::new();
    let mut said = stream::iter(deliveries).buffer_unordered(AT_ONCE);
    while let Some((id, outcome)) = said.next().await {
        answers.entry(id).or_default().push(outcome);
    }
    assert_eq!(answers.len(), PURCHASES * EVENTS_OF_A_PURCHASE);
    for (id, mut outcomes) in answers {
        outcomes.sort();
        assert_eq!(outcomes, ["duplicate", "processed"], "{id}");
    }
    for (shopper, checkout) in &purchases {
        let status = shopper.status_of(checkout).await;
        assert_eq!((&status["status"], &status["settled_by"]), (&json!("succeeded"), &json!("webhook")));
    }
}

#[tokio::test]
async fn ten_thousand_webhooks_in_a_storm_are_all_taken_and_each_event_counts_once() {
    assert_that_it_holds(Silent::start()).await;
}

#[cfg(feature = "postgres-tests")]
#[tokio::test]
async fn ten_thousand_webhooks_in_a_storm_are_all_taken_by_postgres_and_each_event_counts_once() {
    let database = crate::postgres::TestDatabase::empty().await;
    let service = crate::harness::bin();
    assert_that_it_holds(Silent::start_with(service, &[("DATABASE_URL", &database.url())])).await;
}
