//! Stripe's signature over a webhook: <https://docs.stripe.com/webhooks#verify-manually>.

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use settled_domain::ports::SignatureError;
use sha2::Sha256;
use time::OffsetDateTime;

use crate::config::ConfigError;

type HmacSha256 = Hmac<Sha256>;
/// A signature. It can be compared in constant time and in no other way.
type Signature = CtOutput<HmacSha256>;

/// How far the signing time may lie from ours, in either direction, in seconds.
const TOLERANCE_S: i64 = 300;
/// A header that is longer is not Stripe's.
const MAX_HEADER_BYTES: usize = 4096;
/// How many signatures of a header are tried. Stripe sends one for each secret that is active during a roll.
const MAX_SIGNATURES: usize = 10;

/// Checks signatures against the secrets of one endpoint.
pub(crate) struct Verifier {
    /// The MACs, keyed and still empty: the secrets themselves are not kept.
    keyed: Vec<HmacSha256>,
}

impl Verifier {
    /// # Errors
    ///
    /// [`ConfigError`] when there is no secret, or one is blank: whoever guesses a blank secret can forge events.
    pub(crate) fn new(secrets: &[SecretString]) -> Result<Self, ConfigError> {
        if secrets.is_empty() {
            return Err(ConfigError::NoWebhookSecret);
        }
        let keyed = secrets.iter().enumerate().map(|(index, secret)| {
            let refused = ConfigError::WebhookSecret { number: index + 1 };
            let secret = secret.expose_secret();
            if secret.is_empty() || secret.chars().any(|it| it.is_whitespace() || it.is_control()) {
                return Err(refused);
            }
            // The whole text is the key, prefix included; it is not base64 as in other schemes.
            HmacSha256::new_from_slice(secret.as_bytes()).map_err(|_| refused)
        });
        Ok(Self { keyed: keyed.collect::<Result<_, _>>()? })
    }

    /// Accepts bytes that somebody with one of the secrets has signed just now. The age is looked at last, so that it
    /// says nothing to who cannot sign.
    pub(crate) fn verify(&self, payload: &[u8], header: &str, now: OffsetDateTime) -> Result<(), SignatureError> {
        let Header { timestamp, signed_at, signatures } = Header::parse(header)?;
        // Nothing that Stripe sends is empty, and its own library refuses this.
        if payload.is_empty() {
            return Err(SignatureError::Mismatch);
        }
        let matches = self.keyed.iter().any(|keyed| {
            let mac = keyed.clone().chain_update(timestamp).chain_update(b".").chain_update(payload);
            signatures.contains(&mac.finalize())
        });
        if !matches {
            return Err(SignatureError::Mismatch);
        }
        match now.unix_timestamp().saturating_sub(signed_at) {
            age if age > TOLERANCE_S => Err(SignatureError::TooOld),
            age if age < -TOLERANCE_S => Err(SignatureError::FromTheFuture),
            _ => Ok(()),
        }
    }
}

/// `t=1492774577,v1=5257…,v0=…`
struct Header<'a> {
    /// The digits as they were signed.
    timestamp: &'a str,
    signed_at: i64,
    signatures: Vec<Signature>,
}

impl<'a> Header<'a> {
    fn parse(header: &'a str) -> Result<Self, SignatureError> {
        if header.len() > MAX_HEADER_BYTES {
            return Err(SignatureError::Malformed);
        }
        let mut timestamp = None;
        let mut signatures = Vec::new();
        for (scheme, value) in header.split(',').filter_map(|element| element.split_once('=')) {
            match scheme {
                "t" if timestamp.is_some() => return Err(SignatureError::Malformed),
                "t" => timestamp = Some(value),
                "v1" if signatures.len() < MAX_SIGNATURES => signatures.push(value),
                // Other schemes are ignored, so that a weaker one can never be forced on us.
                _ => {}
            }
        }
        let timestamp = timestamp.filter(|digits| digits.bytes().all(|it| it.is_ascii_digit()));
        let timestamp = timestamp.ok_or(SignatureError::Malformed)?;
        let signed_at = timestamp.parse().map_err(|_| SignatureError::Malformed)?;
        Ok(Self { timestamp, signed_at, signatures: signatures.into_iter().filter_map(decode).collect() })
    }
}

fn decode(signature: &str) -> Option<Signature> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(signature, &mut bytes).ok()?;
    Some(Signature::new(bytes.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn header(signature: [u8; 32]) -> String {
        format!("t=0,v1={}", hex::encode(signature))
    }

    /// Row 101 of the faults. How long a comparison takes cannot be told on a busy machine; what can be held fast is the type,
    /// which has no comparison but the one in constant time.
    #[test]
    fn signatures_have_no_comparison_but_the_one_in_constant_time_and_each_byte_counts() {
        fn compared_in_constant_time(_: &[CtOutput<HmacSha256>]) {}

        let verifier = Verifier::new(&["whsec_1".into()]).unwrap();
        let right = verifier.keyed[0].clone().chain_update(b"0.{}").finalize();
        let right: [u8; 32] = right.into_bytes().into();
        compared_in_constant_time(&Header::parse(&header(right)).unwrap().signatures);
        assert!(verifier.verify(b"{}", &header(right), NOW).is_ok());
        for byte in 0..right.len() {
            let mut wrong = right;
            wrong[byte] ^= 1;
            assert!(matches!(verifier.verify(b"{}", &header(wrong), NOW), Err(SignatureError::Mismatch)), "{byte}");
        }
    }
}
