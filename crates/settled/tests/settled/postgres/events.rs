//! Stripe's events, kept back by a sandbox that cannot deliver them, and delivered by the test instead.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::UNIX_EPOCH;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use reqwest::{Client, StatusCode};
use serde_json::Value;

use crate::harness::{SandboxProcess, Shopper, signature};

const DELIVERIES_AT_ONCE: usize = 16;

/// Lets so many customers buy a subscription each. Nothing of it reaches the service at `url`.
pub(crate) async fn buy(url: &str, customers: usize) {
    let buying = (0..customers).map(|n| async move {
        let shopper = Shopper::with_token(url, &crate::users::token_for(&format!("customer {n}")));
        let checkout = shopper.checkout("price_basic_monthly").await;
        shopper.pay(&checkout, "4242 4242 4242 4242").await.expect("the card pays");
    });
    join_all(buying).await;
}

/// All events of the sandbox, oldest last.
pub(crate) async fn all(sandbox: &SandboxProcess) -> Vec<Value> {
    let (client, mut events) = (Client::new(), Vec::<Value>::new());
    loop {
        let after = events.last().map(|event| format!("&starting_after={}", event["id"].as_str().unwrap()));
        let base = sandbox.api_base.trim_end_matches('/');
        let url = format!("{base}/v1/events?limit=100{}", after.unwrap_or_default());
        let page: Value = client.get(url).bearer_auth(&sandbox.secret_key).send().await.unwrap().json().await.unwrap();
        events.extend(page["data"].as_array().unwrap().iter().cloned());
        if page["has_more"] != true {
            return events;
        }
    }
}

/// The same events in an order of their own for each `seed`.
pub(crate) fn shuffled(events: &[Value], seed: u64) -> Vec<Value> {
    let mut events = events.to_vec();
    events.sort_by_key(|event| {
        let mut hasher = DefaultHasher::new();
        (seed, event["id"].as_str()).hash(&mut hasher);
        hasher.finish()
    });
    events
}

/// Delivers the events, signed, several at once; what was answered to each, by its id.
pub(crate) async fn deliver(events: Vec<Value>, to: &str, secret: &str) -> Vec<(String, Option<String>)> {
    let client = Client::new();
    let deliveries = events.into_iter().map(|event| {
        let client = client.clone();
        async move {
            let body = event.to_string();
            let now = i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
            let signature = signature(body.as_bytes(), secret, now);
            let request = client.post(format!("{to}/api/webhook/stripe")).header("Stripe-Signature", signature);
            let outcome = match request.body(body).send().await {
                Ok(answer) if answer.status() == StatusCode::OK => {
                    Some(answer.json::<Value>().await.unwrap()["outcome"].as_str().unwrap().to_owned())
                }
                Ok(_) | Err(_) => None,
            };
            (event["id"].as_str().unwrap().to_owned(), outcome)
        }
    });
    stream::iter(deliveries).buffer_unordered(DELIVERIES_AT_ONCE).collect().await
}
