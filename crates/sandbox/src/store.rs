//! The sandbox's memory: one state behind one lock, every change of which is journaled before it
//! is answered.

mod agenda;
mod change;
mod record;
mod state;
mod table;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, mpsc, watch};

pub(crate) use agenda::Task;
pub(crate) use change::{Change, Forwarding, Origin};
pub(crate) use record::{Answer, Record};
pub(crate) use state::State;
pub(crate) use table::Table;

use crate::clock::Clock;
use crate::errors::StripeError;
use crate::faults::{Adversity, Consignment, FaultPlan};
use crate::journal::Journal;
use crate::objects::{Delivery, DeliveryAttempt, Event};

/// The journal is rewritten when it has grown by this much, and to twice its size.
const COMPACT_AFTER_BYTES: usize = 16 * 1024 * 1024;

/// A way of an event to the endpoint, to be gone once the change it belongs to is on disk.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) way: Consignment,
    pub(crate) change: u64,
}

/// See the module's documentation. Without `Debug`: it holds secrets and payloads.
pub(crate) struct Store {
    inner: Mutex<Inner>,
    forwarding: Forwarding,
    outbox: mpsc::UnboundedSender<Outgoing>,
    /// Raised whenever a delivery ends.
    deliveries: watch::Sender<u64>,
    /// Told of every change.
    changed: Notify,
    /// Idempotency keys whose request is not answered yet.
    in_progress: Mutex<HashSet<String>>,
}

struct Inner {
    state: State,
    journal: Journal,
    /// How many changes were made since the start.
    changes: u64,
    grown_bytes: usize,
    compact_at_bytes: usize,
}

impl Store {
    /// The store over a replayed state, and the queue of its events.
    pub(crate) fn new(
        state: State,
        journal: Journal,
        forwarding: Forwarding,
    ) -> (Self, mpsc::UnboundedReceiver<Outgoing>) {
        let (outbox, queue) = mpsc::unbounded_channel();
        let store = Self {
            inner: Mutex::new(Inner {
                state,
                journal,
                changes: 0,
                grown_bytes: 0,
                compact_at_bytes: COMPACT_AFTER_BYTES,
            }),
            forwarding,
            outbox,
            deliveries: watch::Sender::new(0),
            changed: Notify::new(),
            in_progress: Mutex::default(),
        };
        (store, queue)
    }

    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock().state)
    }

    /// What the sandbox's clock shows.
    pub(crate) fn now(&self) -> i64 {
        self.read(|state| state.clock.now())
    }

    /// What deliveries are signed with; `None` while nothing reaches the endpoint.
    pub(crate) fn signing(&self, now: i64) -> Option<Vec<String>> {
        self.read(|state| {
            let own = &state.installation.as_ref()?.webhook_secret;
            (!state.adversity.is_out(now)).then(|| state.adversity.secrets(own, now))
        })
    }

    /// How long to wait after a delivery's attempts 0, 1, 2 …
    pub(crate) fn backoff_ms(&self, attempt: u32) -> u64 {
        self.lock().state.adversity.backoff_ms(attempt)
    }

    /// From now on it goes by this plan.
    pub(crate) fn begin_faults(&self, plan: FaultPlan) {
        let mut inner = self.lock();
        let now = inner.state.clock.now();
        inner.state.adversity.begin(plan, now);
    }

    /// Draws from the plan in force.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut Adversity, i64) -> T) -> T {
        let mut inner = self.lock();
        let now = inner.state.clock.now();
        draw(&mut inner.state.adversity, now)
    }

    /// Makes a change and returns when it is on disk.
    ///
    /// # Cancel safety
    ///
    /// A change that has begun is made, journaled and its events are delivered, whether or not
    /// somebody waits for the answer.
    pub(crate) async fn change<T>(
        &self,
        origin: &Origin,
        make: impl FnOnce(&mut Change<'_>) -> Result<T, StripeError>,
    ) -> Result<T, StripeError> {
        let (result, number, journal) = {
            let mut inner = self.lock();
            let result = self.make(&mut inner, origin, make);
            (result, inner.changes, inner.journal.waiter())
        };
        // Also a refusal waits: it may rest on a change that is still on its way to the disk.
        journal.durable(number).await.map_err(|_| StripeError::internal())?;
        result
    }

    fn make<T>(
        &self,
        inner: &mut Inner,
        origin: &Origin,
        make: impl FnOnce(&mut Change<'_>) -> Result<T, StripeError>,
    ) -> Result<T, StripeError> {
        let now = inner.state.clock.now();
        if matches!(inner.state.clock, Clock::Manual(_)) {
            // Ids come from this thread's generator: in a time set by hand they are the same for the same seed.
            fastrand::seed(inner.state.adversity.next_seed_of_ids());
        }
        let mut change = Change::new(&mut inner.state, now, origin, self.forwarding);
        let result = make(&mut change);
        let (records, outgoing) = change.into_parts();
        debug_assert!(result.is_ok() || records.is_empty(), "a change checks everything before it puts anything");
        inner.journal_records(&records);
        self.changed.notify_one();
        for way in outgoing {
            // Without a courier the events stay pending in the journal, for the next start.
            let _ = self.outbox.send(Outgoing { way, change: inner.changes });
        }
        result
    }

    /// Makes changes that nobody asked for, those of the first start, and returns their number.
    pub(crate) fn record(&self, records: &[Record]) -> u64 {
        let mut inner = self.lock();
        for record in records {
            inner.state.apply(record.clone());
        }
        inner.journal_records(records);
        inner.changes
    }

    /// Returns when change `number` is on disk; false when it will never be.
    pub(crate) async fn is_durable(&self, number: u64) -> bool {
        let journal = self.lock().journal.waiter();
        journal.durable(number).await.is_ok()
    }

    /// Notes how the delivery of an event ended. Nobody waits for the disk: after a crash the
    /// event is delivered once more, as Stripe does too.
    pub(crate) fn end_delivery(&self, event: &str, delivery: Delivery) {
        let record = Record::Delivery { event: event.to_owned(), delivery };
        let mut inner = self.lock();
        inner.state.apply(record.clone());
        inner.journal_records(&[record]);
        drop(inner);
        self.deliveries.send_modify(|count| *count += 1);
    }

    /// Notes what the endpoint answered. Nobody waits for the disk here either.
    pub(crate) fn note_attempt(&self, event: &str, attempt: DeliveryAttempt) {
        let record = Record::Attempt { event: event.to_owned(), attempt };
        let mut inner = self.lock();
        inner.state.apply(record.clone());
        inner.journal_records(&[record]);
    }

    /// Delivers an event once more, whatever became of it before. False without an endpoint.
    pub(crate) fn resend(&self, event: &str) -> bool {
        if self.forwarding == Forwarding::Off {
            return false;
        }
        let pending = self.read(|state| state.events.get(event).map(|event| event.delivery));
        if pending.is_none() {
            return false;
        }
        if pending != Some(Delivery::Pending) {
            self.end_delivery(event, Delivery::Pending);
        }
        let change = self.lock().changes;
        self.outbox.send(Outgoing { way: Consignment::plain(event), change }).is_ok()
    }

    /// Keeps an event back until a moment.
    pub(crate) fn hold_until(&self, event: &str, until: i64) {
        self.record(&[Record::HeldUntil { event: event.to_owned(), until }]);
    }

    /// Returns when something was changed since the last time.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Returns when the event was answered 2xx or is not to be delivered.
    pub(crate) async fn delivered(&self, event: &str) {
        let mut ended = self.deliveries.subscribe();
        loop {
            ended.mark_unchanged();
            let pending =
                self.read(|state| state.events.get(event).is_some_and(|event| event.delivery == Delivery::Pending));
            if !pending || ended.changed().await.is_err() {
                return;
            }
        }
    }

    /// Events that a former run left undelivered, oldest first.
    pub(crate) fn requeue_pending(&self) {
        let inner = self.lock();
        let pending = |event: &&Event| event.delivery == Delivery::Pending;
        for event in inner.state.events.oldest_first().filter(pending) {
            let _ = self.outbox.send(Outgoing { way: Consignment::plain(&event.id), change: inner.changes });
        }
    }

    /// Holds an idempotency key until the guard is dropped; `None` when somebody else holds it.
    pub(crate) fn hold_key<'a>(&'a self, key: &str) -> Option<KeyGuard<'a>> {
        let mut held = self.in_progress.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(key.to_owned()).then(|| KeyGuard { store: self, key: key.to_owned() })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic between two puts would be a bug of one request; the others may go on.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn journal_records(&mut self, records: &[Record]) {
        if records.is_empty() {
            return;
        }
        self.changes += 1;
        let lines = to_lines(records);
        self.grown_bytes += lines.len();
        if self.grown_bytes < self.compact_at_bytes {
            self.journal.append(self.changes, lines);
            return;
        }
        self.state.prune(self.state.clock.now());
        let snapshot = to_lines(&self.state.snapshot());
        self.grown_bytes = 0;
        self.compact_at_bytes = snapshot.len().max(COMPACT_AFTER_BYTES);
        self.journal.replace(self.changes, snapshot);
    }
}

fn to_lines(records: &[Record]) -> Vec<u8> {
    let mut lines = Vec::new();
    for record in records {
        serde_json::to_writer(&mut lines, record)
            .expect("records are plain data with text keys, and a Vec takes every write");
        lines.push(b'\n');
    }
    lines
}

/// A held idempotency key.
pub(crate) struct KeyGuard<'a> {
    store: &'a Store,
    key: String,
}

impl Drop for KeyGuard<'_> {
    fn drop(&mut self) {
        self.store.in_progress.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
