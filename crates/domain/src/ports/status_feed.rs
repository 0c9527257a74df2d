use async_trait::async_trait;

use crate::ids::SessionId;

/// A payment has changed: the version that its row has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusNews {
    /// The Checkout Session of the payment.
    pub session_id: SessionId,
    /// The version of its row.
    pub version: i64,
}

/// Why nobody can wait, or wait any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// Too many are waiting already.
    #[error("too many are waiting")]
    Full,
    /// The process is about to stop.
    #[error("the process is stopping")]
    Stopping,
}

/// Wakes those who wait for a payment. It carries no state: who is woken reads the row, so that news may come twice, late
/// or in the wrong order, and a terminal state is never missed for it.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait StatusFeed: Send + Sync {
    /// Wakes everybody who waits for these payments. To be called after the commit, and never waits itself.
    fn publish(&self, news: &[StatusNews]);

    /// Takes part in the news about a session's payment, which was at `version` when it was last read. Who may see the
    /// payment is for the caller to check, and before.
    ///
    /// # Errors
    ///
    /// [`FeedError`]
    fn subscribe(&self, session_id: &SessionId, version: i64) -> Result<Box<dyn StatusChanges>, FeedError>;
}

/// A place in the feed of one payment; given up when dropped.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait StatusChanges: Send {
    /// Returns when the payment may have changed since the last time that this returned, or since the subscription.
    ///
    /// # Errors
    ///
    /// [`FeedError::Stopping`]
    ///
    /// # Cancel safety
    ///
    /// Nothing is missed when the future is dropped before it returns.
    async fn changed(&mut self) -> Result<(), FeedError>;
}

/// A feed without news, for hosts that have no other: who waits learns nothing before the wait is over.
#[derive(Debug, Clone, Copy, Default)]
pub struct SilentFeed;

struct Silence;

impl StatusFeed for SilentFeed {
    fn publish(&self, _: &[StatusNews]) {}

    fn subscribe(&self, _: &SessionId, _: i64) -> Result<Box<dyn StatusChanges>, FeedError> {
        Ok(Box::new(Silence))
    }
}

#[async_trait]
impl StatusChanges for Silence {
    async fn changed(&mut self) -> Result<(), FeedError> {
        std::future::pending().await
    }
}
