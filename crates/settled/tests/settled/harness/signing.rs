use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A `Stripe-Signature` header, written from Stripe's documentation alone: <https://docs.stripe.com/webhooks#verify-manually>.
pub(crate) fn signature(body: &[u8], secret: &str, timestamp: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{timestamp}.").as_bytes());
    mac.update(body);
    format!("t={timestamp},v1={}", hex::encode(mac.finalize().into_bytes()))
}
