//! The courier: posts events to the webhook endpoint until they are answered 2xx.
//!
//! <https://docs.stripe.com/webhooks#behaviors>

mod backoff;
mod post;

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock;
use crate::objects::{Delivery, Resource};
use crate::store::{Outgoing, State, Store};
use post::Poster;
pub(crate) use post::poster;

/// Deliveries under way at once. They overtake each other: Stripe promises no order either.
const IN_FLIGHT_MAX: usize = 8;
/// After three days Stripe gives up, and so does the courier.
const GIVE_UP_AFTER_S: i64 = 3 * 24 * 3_600;

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
            let Some((created, body)) = self.store.read(|state| find(state, &id)) else {
                return;
            };
            if clock::now() - created > GIVE_UP_AFTER_S {
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

    /// One attempt; true when it was answered 2xx.
    async fn attempt(&mut self, id: &str, body: String) -> bool {
        if self.hold.wait_for(|held| !held).await.is_err() {
            return false;
        }
        let Ok(_permit) = self.in_flight.acquire().await else {
            return false;
        };
        match self.poster.post(clock::now(), body).await {
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
    (event.delivery == Delivery::Pending).then(|| (event.created(), event.body(state)))
}
