use std::sync::LazyLock;

use settled_domain::ports::StripeGateway;
use settled_stripe::StripeApi;

use crate::signing::{NOW_S, SECRETS, mac, now, stripe};

static STRIPE: LazyLock<StripeApi> = LazyLock::new(stripe);

/// A body that Stripe has signed: whatever it is, it is read without harm.
///
/// # Panics
///
/// When a signed body is refused, read differently the second time, or loses its bytes.
pub fn envelope(payload: &[u8]) {
    if payload.is_empty() {
        return;
    }
    let timestamp = NOW_S.to_string();
    let header = format!("t={timestamp},v1={}", mac(SECRETS[0], &timestamp, payload));
    let read = || STRIPE.verify_webhook_signature(payload, &header, now()).expect("a signed body is an event");
    let (event, again) = (read(), read());
    assert_eq!(event.payload.as_bytes(), payload);
    assert_eq!((&event.id, &event.content), (&again.id, &again.content));
    assert!(!event.id.as_str().is_empty());
}
