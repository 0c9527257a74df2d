use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use sha2::Sha256;

use super::Requests;
use crate::event::{FIRST_SECOND, PERIOD_END, Renewal, Template, scattered};

/// Which events come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// Each is new, and about another subscription than those before it until all had their turn.
    New,
    /// Every tenth has come before.
    TenthAgain,
    /// All are about one subscription, a hundred of them in a second.
    Hot,
}

/// Signed webhooks. All events of a run share one count, so that none comes twice unless it is meant to.
pub(crate) struct Webhooks {
    template: Template,
    secret: String,
    subscriptions: u64,
    mix: Mix,
}

/// Numbers of the events of this run.
static EVENTS: AtomicU64 = AtomicU64::new(0);

impl Webhooks {
    pub(crate) fn new(secret: &str, subscriptions: u64, mix: Mix) -> Self {
        Self { template: Template::renewal(), secret: secret.to_owned(), subscriptions, mix }
    }

    /// Numbers of rows that are there already are not used again.
    pub(crate) fn begin_after(events: u64) {
        EVENTS.fetch_max(events, Ordering::Relaxed);
    }

    fn renewal(&self, turn: u64) -> Renewal {
        // One of the latest: a copy meets its original in the database, or in the same batch.
        let event = if self.mix == Mix::TenthAgain && turn % 10 == 9 { turn - 5 } else { turn };
        let (subscription, second) = match self.mix {
            Mix::New | Mix::TenthAgain => (scattered(event, self.subscriptions), event / self.subscriptions),
            Mix::Hot => (0, event / 100),
        };
        Renewal { event, subscription, created: FIRST_SECOND + second, period_end: PERIOD_END + event }
    }
}

impl Requests for Webhooks {
    fn next(&self) -> (u64, Request<Full<Bytes>>) {
        let renewal = self.renewal(EVENTS.fetch_add(1, Ordering::Relaxed));
        let body = self.template.fill(renewal);
        let request = Request::post("/api/webhook/stripe")
            .header("host", "bench")
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .header("stripe-signature", signature(body.as_bytes(), &self.secret))
            .body(Full::from(body))
            .expect("a request of constant parts");
        (renewal.event, request)
    }
}

/// <https://docs.stripe.com/webhooks#verify-manually>
#[expect(clippy::disallowed_methods, reason = "the server under test compares it with its own clock")]
fn signature(body: &[u8], secret: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length will do");
    mac.update(format!("{now}.").as_bytes());
    mac.update(body);
    format!("t={now},v1={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_comes_again_and_the_rest_once() {
        let webhooks = Webhooks::new("whsec_bench", 7, Mix::TenthAgain);
        let mut events: Vec<_> = (0..1_000).map(|turn| webhooks.renewal(turn).event).collect();
        events.sort_unstable();
        events.dedup();
        assert_eq!(events.len(), 900);
    }

    #[test]
    fn every_subscription_has_its_turn_before_any_has_another() {
        let webhooks = Webhooks::new("whsec_bench", 1_000, Mix::New);
        let turns: Vec<_> = (2_000..3_000).map(|turn| webhooks.renewal(turn).subscription).collect();
        assert!(turns.windows(2).all(|pair| pair[0].abs_diff(pair[1]) > 100), "{turns:?}");
        assert_eq!(turns.iter().collect::<std::collections::BTreeSet<_>>().len(), 1_000);
    }

    #[test]
    fn every_new_event_of_a_subscription_is_of_a_later_second_and_changes_something() {
        let webhooks = Webhooks::new("whsec_bench", 7, Mix::New);
        let (first, second) = (webhooks.renewal(3), webhooks.renewal(10));
        assert_eq!(first.subscription, second.subscription);
        assert!(first.created < second.created && first.period_end < second.period_end);
    }
}
