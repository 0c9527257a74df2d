use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that a test owns: it stands still until [`Sandbox::advance_to`](crate::Sandbox::advance_to) moves it, so that
/// three days pass in a moment. Clones show the same time; whatever else has to live in that time keeps one.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows this second of the Unix epoch.
    #[must_use]
    pub fn starting_at(second: i64) -> Self {
        Self(Arc::new(AtomicI64::new(second)))
    }

    /// The second of the Unix epoch that it shows.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Moves it on; it never goes back.
    pub(crate) fn advance_to(&self, second: i64) {
        self.0.fetch_max(second, Ordering::SeqCst);
    }
}
