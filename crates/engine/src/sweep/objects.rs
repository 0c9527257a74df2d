use std::error::Error;
use std::time::Duration;

use settled_domain::Ports;
use settled_domain::listing::Window;
use settled_domain::ports::StoreError;
use settled_domain::sweep::{EventPatience, ListedKind, SweepError, SweepName, sweep_objects};
use time::OffsetDateTime;

use super::{Round, claim};
use crate::settings::SweepSettings;

/// How often: what they find is rare.
const EVERY: Duration = Duration::from_hours(1);
/// How many windows one round looks through; the next one goes on.
const WINDOWS_MAX: usize = 32;

/// Looks through Stripe's lists of objects for what has no event at all.
pub(crate) struct ObjectRound {
    ports: Ports,
    settings: SweepSettings,
}

impl ObjectRound {
    pub(crate) const fn new(ports: Ports, settings: SweepSettings) -> Self {
        Self { ports, settings }
    }

    fn patience(&self) -> EventPatience {
        let signed = |duration: Duration| time::Duration::try_from(duration).unwrap_or(time::Duration::MAX);
        let SweepSettings { grace, overlap, first_look, .. } = self.settings;
        EventPatience { grace: signed(grace), overlap: signed(overlap), first_look: signed(first_look) }
    }

    async fn catch_up(&self, mut reached: Option<OffsetDateTime>) -> Result<(), SweepError> {
        let mut windows = Vec::new();
        for _ in 0..WINDOWS_MAX {
            let next = windows.pop().or_else(|| self.patience().next_window(reached, self.ports.clock.now()));
            let Some(window) = next.filter(|window| reached.is_none_or(|reached| window.until > reached)) else {
                return Ok(());
            };
            let is_done = self.look_through(&window, reached).await?;
            if let Some((earlier, later)) = window.halves().filter(|_| !is_done) {
                windows.extend([later, earlier]);
                continue;
            }
            self.ports.store.save_sweep(SweepName::Objects, window.until).await?;
            reached = Some(window.until);
        }
        Ok(())
    }

    /// Whether all of it could be looked through that was not before.
    async fn look_through(&self, window: &Window, reached: Option<OffsetDateTime>) -> Result<bool, SweepError> {
        for kind in ListedKind::ALL {
            let Some(window) = kind.unseen(window, reached) else { continue };
            match sweep_objects(&self.ports, *kind, &window).await? {
                None => return Ok(false),
                Some(0) => {}
                Some(missing) => tracing::warn!(%kind, missing, "objects of which no event has told are asked for"),
            }
        }
        Ok(true)
    }
}

impl Round for ObjectRound {
    const TASK: &'static str = "sweep of objects";

    fn every(&self) -> Duration {
        EVERY
    }

    async fn run(&mut self) -> Result<(), StoreError> {
        let Some(claimed) = claim(&self.ports, SweepName::Objects, EVERY).await? else {
            return Ok(());
        };
        match self.catch_up(claimed.reached_at).await {
            Ok(()) => Ok(()),
            Err(SweepError::Store(error)) => Err(error),
            Err(error) => {
                let error = &error as &dyn Error;
                tracing::warn!(error, "cannot read stripe's lists of objects; trying on");
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use settled_domain::listing::Page;
    use settled_domain::mock::{MockStore, MockStripeGateway};
    use settled_domain::ports::GatewayError;
    use settled_domain::sweep::ClaimedSweep;

    use super::*;
    use crate::examples::{NOW, ports};

    fn store(reached: OffsetDateTime) -> (MockStore, Arc<Mutex<Vec<OffsetDateTime>>>) {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keeper = Arc::clone(&kept);
        let mut store = MockStore::new();
        store
            .expect_claim_sweep()
            .withf(|name, now, since| *name == SweepName::Objects && *since == *now - Duration::from_mins(54))
            .returning(move |_, _, _| Ok(Some(ClaimedSweep { reached_at: Some(reached) })));
        store.expect_save_sweep().returning(move |_, at| {
            keeper.lock().unwrap().push(at);
            Ok(())
        });
        (store, kept)
    }

    #[tokio::test]
    async fn every_list_is_looked_through_up_to_what_may_still_be_told_of() {
        let (store, kept) = store(NOW - Duration::from_hours(1));
        let mut gateway = MockStripeGateway::new();
        for kind in ListedKind::ALL {
            gateway
                .expect_list_objects()
                .withf(move |asked, _, _| asked == kind)
                .once()
                .returning(|_, _, _| Ok(Page { items: Vec::new(), next: None }));
        }
        ObjectRound::new(ports(store, gateway), SweepSettings::default()).run().await.unwrap();
        let until = (NOW - Duration::from_mins(2)).replace_nanosecond(0).unwrap();
        assert_eq!(*kept.lock().unwrap(), [until]);
    }

    #[tokio::test]
    async fn refunds_and_disputes_of_others_are_not_asked_for_again_in_the_overlap() {
        let reached = (NOW - Duration::from_hours(1)).replace_nanosecond(0).unwrap();
        let (store, _kept) = store(reached);
        let mut gateway = MockStripeGateway::new();
        gateway
            .expect_list_objects()
            .withf(move |kind, window, _| match kind {
                ListedKind::Subscriptions | ListedKind::Invoices => window.from == reached - Duration::from_mins(10),
                ListedKind::Refunds | ListedKind::Disputes => window.from == reached + Duration::from_secs(1),
            })
            .times(ListedKind::ALL.len())
            .returning(|_, _, _| Ok(Page { items: Vec::new(), next: None }));
        ObjectRound::new(ports(store, gateway), SweepSettings::default()).run().await.unwrap();
    }

    #[tokio::test]
    async fn what_could_not_be_read_is_looked_through_the_next_time() {
        let (store, kept) = store(NOW - Duration::from_hours(1));
        let mut gateway = MockStripeGateway::new();
        gateway.expect_list_objects().returning(|_, _, _| Err(GatewayError::Unauthorized { status: 403 }));
        ObjectRound::new(ports(store, gateway), SweepSettings::default()).run().await.unwrap();
        assert!(kept.lock().unwrap().is_empty());
    }
}
