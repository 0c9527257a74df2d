//! How often one user may ask.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use moka::sync::Cache;
use settled_domain::ids::UserId;

use crate::error::ApiError;

/// Of how many users is remembered how often they have asked. When there are more, those who ask least are forgotten,
/// which forgives them something and never charges them for others.
const MAX_USERS: u64 = 50_000;
/// After this long without a request everything is forgiven, so there is nothing to remember.
const FORGET_AFTER: Duration = Duration::from_mins(2);

/// How many requests a user may make in a minute, as a whole or in one go. `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Questions. A page that waits for a payment asks 30 times a minute.
    pub reads_per_minute: Option<NonZeroU32>,
    /// What may lead to calls to Stripe, such as a checkout.
    pub writes_per_minute: Option<NonZeroU32>,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { reads_per_minute: NonZeroU32::new(600), writes_per_minute: NonZeroU32::new(30) }
    }
}

type OneUser<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// How often each user has asked lately. Users are known by their tokens, so nobody can spend what is another's.
pub(crate) struct Limits<C: Clock = MonotonicClock> {
    reads: Option<Limit<C>>,
    writes: Option<Limit<C>>,
}

struct Limit<C: Clock> {
    quota: Quota,
    clock: C,
    users: Cache<UserId, Arc<OneUser<C>>>,
}

impl Limits {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self::on(limits, &MonotonicClock)
    }
}

impl<C: Clock + Clone + Send + Sync + 'static> Limits<C> {
    fn on(limits: RateLimits, clock: &C) -> Self {
        let limit = |per_minute: Option<NonZeroU32>| {
            per_minute.map(|per_minute| Limit {
                quota: Quota::per_minute(per_minute),
                clock: clock.clone(),
                users: Cache::builder().max_capacity(MAX_USERS).time_to_idle(FORGET_AFTER).build(),
            })
        };
        Self { reads: limit(limits.reads_per_minute), writes: limit(limits.writes_per_minute) }
    }

    /// Counts a request.
    pub(crate) fn check(&self, method: &Method, user_id: &UserId) -> Result<(), ApiError> {
        let limit = if method.is_safe() { &self.reads } else { &self.writes };
        match limit {
            Some(limit) => limit.check(user_id).map_err(|wait| ApiError::RateLimited { wait }),
            None => Ok(()),
        }
    }
}

impl<C: Clock + Clone + Send + Sync + 'static> Limit<C> {
    /// Fails with how long to wait.
    fn check(&self, user_id: &UserId) -> Result<(), Duration> {
        let new = || Arc::new(RateLimiter::direct_with_clock(self.quota, self.clock.clone()));
        let user = self.users.get_with_by_ref(user_id, new);
        user.check().map_err(|refusal| refusal.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn limits(reads: u32, writes: u32) -> (Limits<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let limits =
            RateLimits { reads_per_minute: NonZeroU32::new(reads), writes_per_minute: NonZeroU32::new(writes) };
        (Limits::on(limits, &clock), clock)
    }

    fn user(name: &str) -> UserId {
        UserId::new(name).unwrap()
    }

    fn wait<C: Clock + Clone + Send + Sync + 'static>(limits: &Limits<C>, method: &Method, name: &str) -> Option<u64> {
        match limits.check(method, &user(name)) {
            Ok(()) => None,
            Err(ApiError::RateLimited { wait }) => Some(wait.as_secs()),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_user_who_has_asked_too_often_is_told_when_to_ask_again_and_then_may() {
        let (limits, clock) = limits(600, 2);
        assert_eq!(wait(&limits, &Method::POST, "alice"), None);
        assert_eq!(wait(&limits, &Method::POST, "alice"), None);
        assert_eq!(wait(&limits, &Method::POST, "alice"), Some(30));
        clock.advance(Duration::from_secs(29));
        assert!(wait(&limits, &Method::POST, "alice").is_some());
        clock.advance(Duration::from_secs(1));
        assert_eq!(wait(&limits, &Method::POST, "alice"), None);
    }

    #[test]
    fn nobody_pays_for_another_and_reading_does_not_use_up_buying() {
        let (limits, _) = limits(1, 1);
        assert_eq!(wait(&limits, &Method::GET, "alice"), None);
        assert!(wait(&limits, &Method::GET, "alice").is_some());
        assert!(wait(&limits, &Method::HEAD, "alice").is_some());
        assert_eq!(wait(&limits, &Method::POST, "alice"), None);
        assert_eq!(wait(&limits, &Method::GET, "bob"), None);
    }

    #[test]
    fn five_tabs_that_ask_every_two_seconds_never_meet_the_default_limit() {
        let clock = FakeRelativeClock::default();
        let limits = Limits::on(RateLimits::default(), &clock);
        for _ in 0..900 {
            for _tab in 0..5 {
                assert_eq!(wait(&limits, &Method::GET, "alice"), None);
            }
            clock.advance(Duration::from_secs(2));
        }
    }

    #[test]
    fn without_a_limit_everything_goes() {
        let (limits, _) = limits(0, 0);
        assert!((0..10_000).all(|_| wait(&limits, &Method::POST, "alice").is_none()));
    }

    #[test]
    fn however_many_users_ask_only_so_many_are_remembered() {
        let (limits, _) = limits(1, 1);
        let reads = limits.reads.as_ref().unwrap();
        for number in 0..MAX_USERS + 5_000 {
            let _ = reads.check(&user(&number.to_string()));
        }
        reads.users.run_pending_tasks();
        assert!(reads.users.entry_count() <= MAX_USERS, "{}", reads.users.entry_count());
    }
}
