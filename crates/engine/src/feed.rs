//! The status feed of a process: who waits for which payment, and what wakes them.

mod announcing;
mod lookout;
mod topics;

use std::sync::Arc;

use async_trait::async_trait;
use settled_domain::ids::SessionId;
use settled_domain::ports::{FeedError, StatusChanges, StatusFeed, StatusNews};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub(crate) use self::announcing::AnnouncingStore;
pub(crate) use self::lookout::Lookout;
use self::topics::Topics;

/// A [`StatusFeed`] within one process. There is one topic for each payment that somebody waits for, and it holds nothing
/// but the version that was told last, so it costs the same however many changes come and however slow a reader is.
#[derive(Debug, Clone)]
pub(crate) struct ProcessFeed {
    topics: Arc<Topics>,
    stopping: CancellationToken,
}

impl ProcessFeed {
    /// A feed in which so many may wait at once, and which ends with `stopping`.
    pub(crate) fn new(capacity: usize, stopping: CancellationToken) -> Self {
        Self { topics: Arc::new(Topics::new(capacity)), stopping }
    }

    /// Those of these sessions that somebody waits for at present.
    pub(crate) fn awaited(&self, sessions: Vec<SessionId>) -> Vec<SessionId> {
        self.topics.awaited(sessions)
    }

    /// The sessions that somebody waits for at present.
    pub(crate) fn waiting(&self) -> Vec<SessionId> {
        self.topics.sessions()
    }
}

impl StatusFeed for ProcessFeed {
    fn publish(&self, news: &[StatusNews]) {
        self.topics.publish(news);
    }

    fn subscribe(&self, session_id: &SessionId, version: i64) -> Result<Box<dyn StatusChanges>, FeedError> {
        if self.stopping.is_cancelled() {
            return Err(FeedError::Stopping);
        }
        let told = self.topics.join(session_id, version).ok_or(FeedError::Full)?;
        let place = Place { topics: Arc::clone(&self.topics), session_id: session_id.clone() };
        Ok(Box::new(Subscription { told, _place: place, stopping: self.stopping.clone() }))
    }
}

/// One who waits.
struct Subscription {
    // Dropped before the place is given up, which counts who is left.
    told: watch::Receiver<i64>,
    _place: Place,
    stopping: CancellationToken,
}

/// A place among those who may wait.
struct Place {
    topics: Arc<Topics>,
    session_id: SessionId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.topics.leave(&self.session_id);
    }
}

#[async_trait]
impl StatusChanges for Subscription {
    async fn changed(&mut self) -> Result<(), FeedError> {
        match self.stopping.run_until_cancelled(self.told.changed()).await {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) | None => Err(FeedError::Stopping),
        }
    }
}

#[cfg(test)]
mod tests;
