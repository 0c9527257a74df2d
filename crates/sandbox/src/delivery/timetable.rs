//! The courier of a sandbox whose time is set by hand: one delivery after the other, each at its second.

use std::collections::BTreeMap;

use tokio::sync::mpsc;

use super::{Attempted, Courier, allowed_at};
use crate::faults::Consignment;
use crate::store::Outgoing;

/// What is on its way, by the second in which it is due. Of those of one second the shuffled ones come last.
pub(crate) struct Timetable {
    courier: Courier,
    queue: mpsc::UnboundedReceiver<Outgoing>,
    due: BTreeMap<(i64, u64, u64), Trip>,
    /// Numbers the entries, so that of two alike the older one comes first.
    entered: u64,
}

struct Trip {
    way: Consignment,
    attempts: u32,
}

impl Timetable {
    pub(crate) fn new(courier: Courier, queue: mpsc::UnboundedReceiver<Outgoing>) -> Self {
        Self { courier, queue, due: BTreeMap::new(), entered: 0 }
    }

    /// When the next delivery is due. None is while deliveries are held.
    pub(crate) fn next(&mut self) -> Option<i64> {
        let now = self.courier.store.now();
        while let Ok(Outgoing { way, .. }) = self.queue.try_recv() {
            self.enter(now, Trip { way, attempts: 0 });
        }
        let held = *self.courier.hold.borrow();
        self.due.keys().next().map(|(at, _, _)| *at).filter(|_| !held)
    }

    fn enter(&mut self, from: i64, trip: Trip) {
        if let Some(allowed_at) = self.courier.store.read(|state| allowed_at(state, &trip.way)) {
            self.entered += 1;
            self.due.insert((allowed_at.max(from), trip.way.order, self.entered), trip);
        }
    }

    /// Makes the attempt that is due first.
    pub(crate) async fn deliver_next(&mut self) {
        let Some((_, mut trip)) = self.due.pop_first() else {
            return;
        };
        let store = &self.courier.store;
        let now = store.now();
        match store.read(|state| allowed_at(state, &trip.way)) {
            None => return,
            // It was delayed at the dashboard.
            Some(at) if at > now => {}
            Some(_) => {
                if self.courier.attempt(&trip.way).await != Attempted::Failed {
                    return;
                }
                let wait_s = self.courier.store.backoff_ms(trip.attempts).div_ceil(1_000);
                trip.attempts += 1;
                self.enter(now.saturating_add_unsigned(wait_s), trip);
                return;
            }
        }
        self.enter(now, trip);
    }
}
