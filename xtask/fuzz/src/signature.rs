use std::sync::LazyLock;

use settled_domain::ports::StripeGateway;
use settled_stripe::StripeApi;

use crate::signing::{NOW_S, SECRETS, mac, now, stripe};

static STRIPE: LazyLock<StripeApi> = LazyLock::new(stripe);

/// A header and a body, with a line break between them. `MAC` in the header is replaced by the right signature, which no
/// fuzzer could find.
///
/// # Panics
///
/// When something is accepted that was not signed just now, or a plain good signature is refused.
pub fn signature(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let (Some(header), Some(payload)) = (parts.next(), parts.next()) else { return };
    let Ok(header) = std::str::from_utf8(header) else { return };
    let right = mac(SECRETS[header.len() % 2], timestamp(header), payload);
    let header = header.replace("MAC", &right);
    let accepted = STRIPE.verify_webhook_signature(payload, &header, now()).is_ok();
    if accepted {
        assert!(!payload.is_empty(), "an empty body was accepted");
        assert!(is_recent(timestamp(&header)), "an old signature was accepted");
        assert!(is_signed(&header, payload), "what nobody signed was accepted");
    }
    // A time may have so many zeros before it that the header is too long.
    let is_plain = header.len() < 200 && header == format!("t={},v1={right}", timestamp(&header));
    if is_plain && is_recent(timestamp(&header)) {
        assert_eq!(accepted, !payload.is_empty(), "a good signature was refused");
    }
}

/// What the header says after its first `t=`.
fn timestamp(header: &str) -> &str {
    header.split(',').find_map(|element| element.strip_prefix("t=")).unwrap_or_default()
}

fn is_recent(timestamp: &str) -> bool {
    let is_plain = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    is_plain && timestamp.parse().is_ok_and(|signed_s: i64| (NOW_S - 300..=NOW_S + 300).contains(&signed_s))
}

fn is_signed(header: &str, payload: &[u8]) -> bool {
    SECRETS.iter().any(|secret| {
        let expected = mac(secret, timestamp(header), payload);
        let mut signatures = header.split(',').filter_map(|element| element.strip_prefix("v1="));
        signatures.any(|signature| signature.eq_ignore_ascii_case(&expected))
    })
}
