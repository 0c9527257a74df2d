//! The courier: posts events to the webhook endpoint until they are answered 2xx.
//!
//! <https://docs.stripe.com/webhooks#behaviors>

mod backoff;
mod post;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock;
use crate::objects::{Delivery, DeliveryAttempt};
use crate::store::{Outgoing, State, Store};
use post::Poster;
pub(crate) use post::poster;

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
    store: Arc<Store>,
    queue: mpsc::UnboundedReceiver<Outgoing>,
    poster: Poster,
    hold: &Hold,
    stop: CancellationToken,
    tasks: &TaskTracker,
) {
    let courier = Courier { store, poster, hold: hold.subscribe(), in_flight: Arc::new(Semaphore::new(IN_FLIGHT_MAX)) };
    tasks.spawn(courier.run(queue, stop, tasks.clone()));
}

#[derive(Clone)]
struct Courier {
    store: Arc<Store>,
    poster: Poster,
    hold: watch::Receiver<bool>,
    in_flight: Arc<Semaphore>,
}

impl Courier {
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
        let id = outgoing.event;
        for attempt in 0.. {
            if !self.wait_until_allowed(&id).await {
                return;
            }
            let Some((happened_at, body)) = self.store.read(|state| find(state, &id)) else {
                return;
            };
            if clock::now() - happened_at > GIVE_UP_AFTER_S {
                tracing::warn!(event = id, "giving up on the delivery of an event");
                self.store.end_delivery(&id, Delivery::Abandoned);
                return;
            }
            if self.attempt(&id, body).await {
                self.store.end_delivery(&id, Delivery::Delivered);
                return;
            }
            tokio::time::sleep(backoff::delay(attempt)).await;
        }
    }

    /// Waits while the event is kept back; false when it is not to be delivered any more.
    async fn wait_until_allowed(&self, id: &str) -> bool {
        loop {
            let held_until = self.store.read(|state| {
                let event = state.events.get(id).filter(|event| event.delivery == Delivery::Pending);
                event.map(|event| event.held_until.unwrap_or(0))
            });
            let Some(held_until) = held_until else {
                return false;
            };
            let wait = held_until - clock::now();
            if wait <= 0 {
                return true;
            }
            // It may be let go, or dropped, or delayed once more in the meantime.
            tokio::time::sleep(HELD_TICK).await;
        }
    }

    /// One attempt; true when it was answered 2xx.
    async fn attempt(&mut self, id: &str, body: String) -> bool {
        if self.hold.wait_for(|held| !held).await.is_err() {
            return false;
        }
        let Ok(_permit) = self.in_flight.acquire().await else {
            return false;
        };
        // It may have been dropped or delayed while everything was held back.
        let allowed = self.store.read(|state| {
            let event = state.events.get(id);
            event.is_some_and(|event| {
                event.delivery == Delivery::Pending && event.held_until.unwrap_or(0) <= clock::now()
            })
        });
        if !allowed {
            return false;
        }
        let answer = self.poster.post(clock::now(), body).await;
        let status = answer.as_ref().ok().map(reqwest::StatusCode::as_u16);
        self.store.note_attempt(id, DeliveryAttempt { at: clock::now(), status });
        match answer {
            Ok(status) if status.is_success() => {
                tracing::debug!(event = id, "event delivered");
                true
            }
            Ok(status) => {
                tracing::warn!(event = id, %status, "the webhook endpoint refused an event");
                false
            }
            Err(error) => {
                tracing::warn!(event = id, %error, "the webhook endpoint did not answer");
                false
            }
        }
    }
}

/// When the event happened, and its body, if it still has to be delivered.
fn find(state: &State, id: &str) -> Option<(i64, String)> {
    let event = state.events.get(id)?;
    (event.delivery == Delivery::Pending).then(|| (event.happened_at(), event.body(state)))
}
