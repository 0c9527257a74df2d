//! Reads signed events as the service does and prints what it reads, for `cargo xtask conformance`.
//!
//! Each line of the input is `{"payload", "signature", "secret", "now"}`, and so is one line of the output
//! `{"type", "object_id", "facts"}`.

use std::error::Error;
use std::io::{BufRead, stdin};

use serde::Deserialize;
use settled_domain::ports::StripeGateway;
use settled_stripe::{StripeApi, StripeConfig};
use time::OffsetDateTime;

/// One delivery of a webhook.
#[derive(Deserialize)]
struct Delivery {
    payload: String,
    signature: String,
    secret: String,
    /// The second in which it comes.
    now: i64,
}

fn main() -> Result<(), Box<dyn Error>> {
    for line in stdin().lock().lines() {
        let delivery: Delivery = serde_json::from_str(&line?)?;
        let stripe = StripeApi::new(StripeConfig::new("sk_test_unused".into(), vec![delivery.secret.into()]))?;
        let now = OffsetDateTime::from_unix_timestamp(delivery.now)?;
        let event = stripe.verify_webhook_signature(delivery.payload.as_bytes(), &delivery.signature, now)?;
        let facts = format!("{:#?}", event.content);
        println!("{}", serde_json::json!({ "type": event.event_type, "object_id": event.object_id, "facts": facts }));
    }
    Ok(())
}
