use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use settled_domain::Ports;
use settled_domain::event::WebhookEvent;
use settled_domain::listing::Window;
use settled_domain::ports::{Intake, IntakeError, StoreError};
use settled_domain::settlement::Outcome;
use settled_domain::sweep::{EndpointHealth, EventPatience, SearchedEvents, SweepError, SweepName, search_events};
use time::OffsetDateTime;

use super::{Round, claim};
use crate::settings::SweepSettings;

/// How many windows one round looks through, after a long absence or where there is much in them; the next one goes on.
const WINDOWS_MAX: usize = 32;
/// How many events are submitted to the intake at once: they are committed together, oldest first.
const CHUNK: usize = 64;

/// Looks through Stripe's list for events that never arrived, and lets them in by the same door as those that did.
pub(crate) struct EventRound {
    ports: Ports,
    intake: Arc<dyn Intake>,
    settings: SweepSettings,
    endpoint: EndpointHealth,
    stripe_failed: bool,
}

/// Why a round ended early. The next one begins where it ended.
enum Cut {
    Sweep(SweepError),
    Intake(IntakeError),
}

impl From<SweepError> for Cut {
    fn from(error: SweepError) -> Self {
        Self::Sweep(error)
    }
}

impl From<StoreError> for Cut {
    fn from(error: StoreError) -> Self {
        Self::Sweep(error.into())
    }
}

impl EventRound {
    pub(crate) const fn new(ports: Ports, intake: Arc<dyn Intake>, settings: SweepSettings) -> Self {
        Self { ports, intake, settings, endpoint: EndpointHealth::Unknown, stripe_failed: false }
    }

    fn patience(&self) -> EventPatience {
        let signed = |duration: Duration| time::Duration::try_from(duration).unwrap_or(time::Duration::MAX);
        let SweepSettings { grace, overlap, first_look, .. } = self.settings;
        EventPatience { grace: signed(grace), overlap: signed(overlap), first_look: signed(first_look) }
    }

    /// Everything from where the last round ended to what may still arrive by itself.
    async fn catch_up(&mut self, mut reached: Option<OffsetDateTime>) -> Result<(), Cut> {
        let mut windows = Vec::new();
        for _ in 0..WINDOWS_MAX {
            let next = windows.pop().or_else(|| self.patience().next_window(reached, self.ports.clock.now()));
            let Some(window) = next.filter(|window| reached.is_none_or(|reached| window.until > reached)) else {
                return Ok(());
            };
            match (search_events(&self.ports, &window).await?, window.halves()) {
                (Some(found), _) => self.take_in(found, &window).await?,
                (None, Some((earlier, later))) => {
                    windows.extend([later, earlier]);
                    continue;
                }
                (None, None) => tracing::error!(second = %window.from, "too many events in one second to look through"),
            }
            self.ports.store.save_sweep(SweepName::Events, window.until).await?;
            reached = Some(window.until);
        }
        Ok(())
    }

    async fn take_in(&mut self, found: SearchedEvents, window: &Window) -> Result<(), Cut> {
        self.note_endpoint(&found, window);
        if found.missed.is_empty() {
            return Ok(());
        }
        let types = format!("{:?}", found.missed_by_type());
        let (listed, missed) = (found.listed, found.missed.len());
        let settled = self.submit(found.missed).await?;
        tracing::warn!(listed, missed, settled, types, "events never arrived and were taken from stripe's list");
        Ok(())
    }

    /// How many of them had something to say to us.
    async fn submit(&self, missed: Vec<WebhookEvent>) -> Result<usize, Cut> {
        let mut settled = 0;
        for chunk in missed.chunks(CHUNK) {
            let outcomes = join_all(chunk.iter().map(|event| self.intake.submit(event.clone()))).await;
            for outcome in outcomes {
                match outcome.map_err(Cut::Intake)? {
                    Outcome::Processed | Outcome::Parked(_) => settled += 1,
                    Outcome::Duplicate | Outcome::Ignored(_) => {}
                }
            }
        }
        Ok(settled)
    }

    /// Tells when the endpoint falls silent, and when events arrive again.
    fn note_endpoint(&mut self, found: &SearchedEvents, window: &Window) {
        match (self.endpoint, found.endpoint()) {
            (_, EndpointHealth::Unknown) | (EndpointHealth::Silent, EndpointHealth::Silent) => return,
            (_, EndpointHealth::Silent) => {
                let Window { from, until } = *window;
                let listed = found.listed;
                tracing::error!(%from, %until, listed, "no event arrived: the endpoint looks disabled or its secret is wrong");
            }
            (EndpointHealth::Silent, EndpointHealth::Delivers) => tracing::info!("events arrive again"),
            (_, EndpointHealth::Delivers) => {}
        }
        self.endpoint = found.endpoint();
    }

    /// Told once, and again when it has passed: this is asked every minute.
    fn note_stripe(&mut self, failure: Option<&SweepError>) {
        match failure {
            Some(error) if !self.stripe_failed => {
                let error = error as &dyn Error;
                tracing::warn!(error, "cannot read stripe's list of events; trying on");
            }
            None if self.stripe_failed => tracing::info!("stripe's list of events can be read again"),
            _ => {}
        }
        self.stripe_failed = failure.is_some();
    }
}

impl Round for EventRound {
    const TASK: &'static str = "sweep of events";

    fn every(&self) -> Duration {
        self.settings.every
    }

    async fn run(&mut self) -> Result<(), StoreError> {
        let Some(claimed) = claim(&self.ports, SweepName::Events, self.settings.every).await? else {
            return Ok(());
        };
        match self.catch_up(claimed.reached_at).await {
            Ok(()) => self.note_stripe(None),
            Err(Cut::Sweep(SweepError::Store(error))) => return Err(error),
            Err(Cut::Sweep(error)) => self.note_stripe(Some(&error)),
            Err(Cut::Intake(error)) => {
                let error = &error as &dyn Error;
                tracing::warn!(error, "the intake did not take events of the sweep; trying on");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
