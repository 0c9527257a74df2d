use std::sync::{Mutex, PoisonError};

use settled_domain::ports::{Clock, IdSource};
use settled_sandbox::ManualClock;
use time::OffsetDateTime;
use uuid::{Builder, Uuid};

/// The sandbox's time, as the service sees it.
pub(crate) struct SharedClock(pub(crate) ManualClock);

impl Clock for SharedClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0.now()).unwrap()
    }
}

/// The same ids for the same seed.
pub(crate) struct SeededIds {
    clock: ManualClock,
    chance: Mutex<fastrand::Rng>,
}

impl SeededIds {
    pub(crate) fn new(clock: ManualClock, seed: u64) -> Self {
        Self { clock, chance: Mutex::new(fastrand::Rng::with_seed(seed)) }
    }
}

impl IdSource for SeededIds {
    fn new_uuid(&self) -> Uuid {
        let mut tail = [0; 10];
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).fill(&mut tail);
        let millis = u64::try_from(self.clock.now() * 1_000).unwrap();
        Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}
