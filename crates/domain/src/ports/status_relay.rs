use async_trait::async_trait;

use super::StoreError;
use crate::ids::SessionId;

/// What the other replicas have told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelayedNews {
    /// The payments of these sessions have changed.
    Of(Vec<SessionId>),
    /// News may have been lost: any payment may have changed.
    OfAny,
}

/// Carries the news of one replica to the others. Nothing rests on it: who waits is also looked after every so often. What
/// is heard is only a reason to look, so that nobody who could write there can make anybody believe anything.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait StatusRelay: Send + Sync {
    /// Tells the others, with one statement however many sessions there are, and outside of every transaction that
    /// changes anything.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the others were not told, or nobody knows.
    async fn send(&self, sessions: &[SessionId]) -> Result<(), StoreError>;

    /// Waits for what others tell. One caller at a time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nothing can be heard at present; the next call tries again.
    async fn receive(&self) -> Result<RelayedNews, StoreError>;
}
