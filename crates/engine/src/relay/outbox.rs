use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use settled_domain::ids::SessionId;
use settled_domain::ports::{FeedError, StatusChanges, StatusFeed, StatusNews};
use tokio::sync::Notify;

use crate::feed::ProcessFeed;

/// How many sessions may wait to be told to the others. Whoever waits for one beyond that is found by the lookouts.
const CAPACITY: usize = 10_000;

/// Sessions of which the other replicas have to hear, each once however often it changes.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    sessions: Mutex<BTreeSet<SessionId>>,
    filled: Notify,
}

impl Outbox {
    fn sessions(&self) -> MutexGuard<'_, BTreeSet<SessionId>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, news: &[StatusNews]) {
        let mut sessions = self.sessions();
        let room = CAPACITY.saturating_sub(sessions.len());
        sessions.extend(news.iter().take(room).map(|news| news.session_id.clone()));
        if !sessions.is_empty() {
            self.filled.notify_one();
        }
    }

    /// Waits until there is something, and takes all of it: what came while the last was being sent goes together.
    pub(super) async fn take(&self) -> Vec<SessionId> {
        loop {
            let taken = std::mem::take(&mut *self.sessions());
            if !taken.is_empty() {
                return taken.into_iter().collect();
            }
            self.filled.notified().await;
        }
    }
}

/// The feed of this process, whose news also go to the others.
pub(crate) struct Relayed {
    pub(crate) feed: ProcessFeed,
    pub(crate) outbox: Arc<Outbox>,
}

impl StatusFeed for Relayed {
    fn publish(&self, news: &[StatusNews]) {
        self.feed.publish(news);
        self.outbox.put(news);
    }

    fn subscribe(&self, session_id: &SessionId, version: i64) -> Result<Box<dyn StatusChanges>, FeedError> {
        self.feed.subscribe(session_id, version)
    }
}
