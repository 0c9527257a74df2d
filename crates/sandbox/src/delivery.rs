//! The courier: posts events to the webhook endpoint until they are answered 2xx.
//!
//! <https://docs.stripe.com/webhooks#behaviors>

mod post;
mod timetable;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::faults::{Consignment, Role};
use crate::objects::{Delivery, DeliveryAttempt, Event};
use crate::store::{Outgoing, State, Store};
use post::Poster;
pub(crate) use post::poster;
pub(crate) use timetable::Timetable;

/// Deliveries under way at once. They overtake each other: Stripe promises no order either.
const IN_FLIGHT_MAX: usize = 8;
/// After three days Stripe gives up, and so does the courier.
const GIVE_UP_AFTER_S: i64 = 3 * 24 * 3_600;

/// How often a delayed event is looked at.
const HELD_TICK: Duration = Duration::from_secs(1);

/// Whether deliveries are held back. Not journaled: a restart releases them.
pub(crate) type Hold = watch::Sender<bool>;

/// Starts the courier over the store's queue.
pub(crate) fn start(
    courier: Courier,
    queue: mpsc::UnboundedReceiver<Outgoing>,
    stop: CancellationToken,
    tasks: &TaskTracker,
) {
    tasks.spawn(courier.run(queue, stop, tasks.clone()));
}

/// Brings events to the endpoint, and writes down what became of them.
#[derive(Clone)]
pub(crate) struct Courier {
    store: Arc<Store>,
    poster: Poster,
    hold: watch::Receiver<bool>,
    in_flight: Arc<Semaphore>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempted {
    Answered,
    Failed,
    /// There is nothing to deliver any more.
    Over,
}

impl Courier {
    pub(crate) fn new(store: Arc<Store>, poster: Poster, hold: &Hold) -> Self {
        Self { store, poster, hold: hold.subscribe(), in_flight: Arc::new(Semaphore::new(IN_FLIGHT_MAX)) }
    }

    async fn run(self, mut queue: mpsc::UnboundedReceiver<Outgoing>, stop: CancellationToken, tasks: TaskTracker) {
        while let Some(Some(outgoing)) = stop.run_until_cancelled(queue.recv()).await {
            let courier = self.clone();
            let stop = stop.clone();
            tasks.spawn(async move {
                stop.run_until_cancelled(courier.deliver(outgoing)).await;
            });
        }
    }

    async fn deliver(mut self, outgoing: Outgoing) {
        // Nobody may hear of a change that a crash could still undo.
        if !self.store.is_durable(outgoing.change).await {
            return;
        }
        for attempt in 0.. {
            if !self.wait_until_allowed(&outgoing.way).await {
                return;
            }
            if self.attempt_in_turn(&outgoing.way).await != Attempted::Failed {
                return;
            }
            tokio::time::sleep(Duration::from_millis(self.store.backoff_ms(attempt))).await;
        }
    }

    /// Waits while the event is kept back; false when it is not to be delivered any more.
    async fn wait_until_allowed(&self, way: &Consignment) -> bool {
        loop {
            let Some(allowed_at) = self.store.read(|state| allowed_at(state, way)) else {
                return false;
            };
            if allowed_at <= self.store.now() {
                return true;
            }
            // It may be let go, or dropped, or delayed once more in the meantime.
            tokio::time::sleep(HELD_TICK).await;
        }
    }

    /// One attempt, when there is a place for it.
    async fn attempt_in_turn(&mut self, way: &Consignment) -> Attempted {
        if self.hold.wait_for(|held| !held).await.is_err() {
            return Attempted::Over;
        }
        let in_flight = Arc::clone(&self.in_flight);
        let Ok(_permit) = in_flight.acquire().await else {
            return Attempted::Over;
        };
        // It may have been dropped or delayed while everything was held back.
        match self.store.read(|state| allowed_at(state, way)) {
            Some(at) if at > self.store.now() => Attempted::Failed,
            _ => self.attempt(way).await,
        }
    }

    /// One attempt, now.
    async fn attempt(&self, way: &Consignment) -> Attempted {
        let (id, now) = (&way.event, self.store.now());
        let Some((happened_at, body)) = self.store.read(|state| {
            let event = open(state, way)?;
            Some((event.happened_at(), way.body(event, state)))
        }) else {
            return Attempted::Over;
        };
        if now - happened_at > GIVE_UP_AFTER_S.max(way.not_before - happened_at) {
            tracing::warn!(event = id, "giving up on the delivery of an event");
            self.end(way, Delivery::Abandoned);
            return Attempted::Over;
        }
        let Some(secrets) = self.store.signing(now) else {
            self.store.note_attempt(id, DeliveryAttempt { at: now, status: None });
            return Attempted::Failed;
        };
        let answer = self.poster.post(&secrets, now, body).await;
        let status = answer.as_ref().ok().map(reqwest::StatusCode::as_u16);
        self.store.note_attempt(id, DeliveryAttempt { at: now, status });
        match answer {
            Ok(status) if status.is_success() => {
                tracing::debug!(event = id, "event delivered");
                self.end(way, Delivery::Delivered);
                return Attempted::Answered;
            }
            Ok(status) => tracing::warn!(event = id, %status, "the webhook endpoint refused an event"),
            Err(error) => tracing::warn!(event = id, %error, "the webhook endpoint did not answer"),
        }
        Attempted::Failed
    }

    fn end(&self, way: &Consignment, delivery: Delivery) {
        if way.role == Role::Original {
            self.store.end_delivery(&way.event, delivery);
        }
    }
}

/// The event, if it still has to go this way.
fn open<'a>(state: &'a State, way: &Consignment) -> Option<&'a Event> {
    let event = state.events.get(&way.event)?;
    (way.role == Role::Copy || event.delivery == Delivery::Pending).then_some(event)
}

/// From when on it may be sent, if it still has to be.
fn allowed_at(state: &State, way: &Consignment) -> Option<i64> {
    let event = open(state, way)?;
    Some(event.held_until.unwrap_or(0).max(way.not_before))
}
