use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use settled_domain::ids::SessionId;
use settled_domain::ports::StatusNews;
use tokio::sync::watch;

/// Which payments are waited for, and by how many. The lock is never held while anybody waits.
#[derive(Debug)]
pub(super) struct Topics {
    capacity: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    topics: HashMap<SessionId, watch::Sender<i64>>,
    places_taken: usize,
}

impl Topics {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, open: Mutex::default() }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn sessions(&self) -> Vec<SessionId> {
        self.open().topics.keys().cloned().collect()
    }

    pub(super) fn awaited(&self, mut sessions: Vec<SessionId>) -> Vec<SessionId> {
        let open = self.open();
        sessions.retain(|session_id| open.topics.contains_key(session_id));
        sessions
    }

    /// Wakes those whose payment has another version than they were told last.
    pub(super) fn publish(&self, news: &[StatusNews]) {
        let open = self.open();
        for StatusNews { session_id, version } in news {
            if let Some(topic) = open.topics.get(session_id) {
                topic.send_if_modified(|told| std::mem::replace(told, *version) != *version);
            }
        }
    }

    /// Takes a place at the topic of this session; `None` when all are taken.
    pub(super) fn join(&self, session_id: &SessionId, version: i64) -> Option<watch::Receiver<i64>> {
        let mut open = self.open();
        if open.places_taken >= self.capacity {
            return None;
        }
        open.places_taken += 1;
        let topic = open.topics.entry(session_id.clone()).or_insert_with(|| watch::Sender::new(version));
        Some(topic.subscribe())
    }

    /// Gives a place up, and the topic with the last one.
    pub(super) fn leave(&self, session_id: &SessionId) {
        let mut open = self.open();
        open.places_taken = open.places_taken.saturating_sub(1);
        if open.topics.get(session_id).is_some_and(|topic| topic.receiver_count() == 0) {
            open.topics.remove(session_id);
        }
        // A crowd that has gone leaves no memory behind.
        if open.topics.len() <= open.topics.capacity() / 4 {
            open.topics.shrink_to_fit();
        }
    }
}

#[cfg(test)]
impl Topics {
    /// For how many topics there is room without asking for more.
    pub(super) fn memory(&self) -> usize {
        self.open().topics.capacity()
    }
}
