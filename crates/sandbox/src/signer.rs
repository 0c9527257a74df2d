//! The `Stripe-Signature` header of a webhook.
//!
//! <https://docs.stripe.com/webhooks#verify-manually>

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header for `body` sent at `timestamp` (seconds): `t=…,v1=…`, with a `v1` for every secret that is in force.
pub(crate) fn sign(secrets: &[String], timestamp: i64, body: &[u8]) -> String {
    let signatures = secrets.iter().map(|secret| format!(",v1={}", signature(secret, timestamp, body)));
    format!("t={timestamp}{}", signatures.collect::<String>())
}

/// The key is the whole secret as text, its `whsec_` included.
fn signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Computed with the official npm `stripe` 23.1.0 and PyPI `stripe` 16.1.0, which agree.
    #[test]
    fn signs_as_the_official_libraries_do() {
        assert_eq!(
            signature("whsec_test_secret", 1_492_774_577, br#"{"id":"evt_1","object":"event"}"#),
            "654b43d3508ecadb3f8cefc4bc7d3d2bdc5ba9e03bf2c89b2d0657a8e24e4543"
        );
    }

    #[test]
    fn signs_the_bytes_of_a_body_beyond_ascii() {
        assert_eq!(
            signature(
                "whsec_test_secret",
                1_492_774_577,
                r#"{"id":"evt_utf8","object":"event","n":"Zoë €😀"}"#.as_bytes()
            ),
            "6d9f16bcb2e7a8ebb911c2a4daf5cd9a7dd2aa54451048e5a2b7577ad463f18f"
        );
    }

    #[test]
    fn every_secret_in_force_signs() {
        let (old, new) = ("whsec_old".to_owned(), "whsec_new".to_owned());
        let expected = format!("t=5,v1={},v1={}", signature(&new, 5, b"{}"), signature(&old, 5, b"{}"));
        assert_eq!(sign(&[new, old], 5, b"{}"), expected);
    }
}
