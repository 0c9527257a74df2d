//! A sandbox whose time is set by hand.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::agenda;
use crate::clock::ManualClock;
use crate::delivery::Timetable;
use crate::store::{Origin, Store};

/// What would otherwise happen by itself.
pub(crate) struct ByHand {
    store: Arc<Store>,
    clock: ManualClock,
    /// One at a time moves the clock.
    timetable: Mutex<Option<Timetable>>,
}

impl ByHand {
    /// Without a timetable there is no endpoint.
    pub(crate) fn new(store: Arc<Store>, clock: ManualClock, timetable: Option<Timetable>) -> Self {
        Self { store, clock, timetable: Mutex::new(timetable) }
    }

    pub(crate) async fn next_due(&self) -> Option<i64> {
        let mut timetable = self.timetable.lock().await;
        let delivery = timetable.as_mut().and_then(Timetable::next);
        delivery.into_iter().chain(self.next_on_agenda(i64::MAX)).min()
    }

    fn next_on_agenda(&self, until: i64) -> Option<i64> {
        self.store.read(|state| state.agenda.first(None, until)).map(|(at, _)| at)
    }

    /// What happens is done before it is told: within one second the agenda comes first.
    pub(crate) async fn advance_to(&self, target: i64) {
        let mut timetable = self.timetable.lock().await;
        loop {
            let delivery = timetable.as_mut().and_then(Timetable::next).filter(|at| *at <= target);
            let on_agenda = self.next_on_agenda(delivery.unwrap_or(target));
            match (on_agenda, delivery, timetable.as_mut()) {
                (Some(at), ..) => {
                    self.clock.advance_to(at);
                    self.do_what_is_due().await;
                }
                (None, Some(at), Some(timetable)) => {
                    self.clock.advance_to(at);
                    timetable.deliver_next().await;
                }
                _ => break,
            }
        }
        self.clock.advance_to(target);
    }

    async fn do_what_is_due(&self) {
        let origin = Origin::default();
        let done = self.store.change(&origin, |change| {
            agenda::run(change);
            Ok(())
        });
        if done.await.is_err() {
            tracing::error!("what was due could not be written");
        }
    }
}
