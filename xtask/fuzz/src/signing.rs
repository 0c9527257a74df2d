use hmac::{Hmac, KeyInit, Mac};
use settled_stripe::{StripeApi, StripeConfig};
use sha2::Sha256;
use time::OffsetDateTime;

/// The secrets of the endpoint; one is being rolled.
pub(crate) const SECRETS: [&str; 2] = ["whsec_of_the_fuzzer_old", "whsec_of_the_fuzzer_new"];

/// The second in which everything arrives.
pub(crate) const NOW_S: i64 = 1_492_774_577;

pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(NOW_S).expect("a second of 2017")
}

pub(crate) fn stripe() -> StripeApi {
    let config = StripeConfig::new("sk_test_unused".into(), Vec::from(SECRETS.map(Into::into)));
    StripeApi::new(config).expect("the secrets are good")
}

/// Written from Stripe's documentation alone: <https://docs.stripe.com/webhooks#verify-manually>.
pub(crate) fn mac(secret: &str, timestamp: &str, payload: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(payload);
    hex::encode(mac.finalize().into_bytes())
}
