use std::sync::Arc;
use std::time::Duration;

use settled_api::token::{KeySet, KeysUnavailable};
use tokio::time::Instant;

use super::ASK_EVERY;

/// For how long keys are trusted that the provider cannot be asked about. While it is away it signs nothing new either.
const TRUST_FOR: Duration = Duration::from_hours(24);

/// What is known of the provider's keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    keys: Option<Confirmed>,
    asked_at: Option<Instant>,
    is_asking: bool,
    did_fail: bool,
    /// How many questions have come to an end.
    pub(super) answers: u64,
}

#[derive(Debug, Clone)]
struct Confirmed {
    set: Arc<KeySet>,
    at: Instant,
}

impl Held {
    /// A question begins.
    pub(super) fn ask(&mut self, now: Instant) {
        self.asked_at = Some(now);
        self.is_asking = true;
    }

    /// A question has ended, with these keys or without an answer.
    pub(super) fn take(&mut self, set: Option<KeySet>) {
        self.is_asking = false;
        self.answers += 1;
        self.did_fail = set.is_none();
        if let (Some(set), Some(at)) = (set, self.asked_at) {
            self.keys = Some(Confirmed { set: Arc::new(set), at });
        }
    }

    /// The last question was answered, or there was none yet.
    pub(super) const fn is_answering(&self) -> bool {
        !self.did_fail
    }

    pub(super) fn has_key(&self, kid: &str) -> bool {
        self.trusted().is_some_and(|set| set.has_key(kid))
    }

    /// An answer is under way, or a question would be allowed.
    pub(super) fn may_be_asked(&self) -> bool {
        self.is_asking || self.asked_at.is_none_or(|at| at.elapsed() >= ASK_EVERY)
    }

    /// What a token that names this key can be told.
    pub(super) fn answer(&self, kid: &str) -> Result<Arc<KeySet>, KeysUnavailable> {
        match self.trusted() {
            Some(set) if set.has_key(kid) || !self.did_fail => Ok(Arc::clone(set)),
            // The key may be new, and nobody is there who would know.
            Some(_) | None => Err(KeysUnavailable),
        }
    }

    fn trusted(&self) -> Option<&Arc<KeySet>> {
        self.keys.as_ref().filter(|keys| keys.at.elapsed() < TRUST_FOR).map(|keys| &keys.set)
    }
}
