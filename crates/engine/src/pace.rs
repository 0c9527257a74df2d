//! How fast this process may ask Stripe in the background, and when it must not ask at all.

mod gateway;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use settled_domain::ports::GatewayError;
use tokio::time::{Instant, sleep_until};

pub(crate) use self::gateway::PacedGateway;
use crate::backoff::delay_after;
use crate::settings::CallSettings;

/// However long Stripe asks us to wait, it is asked again after this long: nothing may be put off for ever.
pub(crate) const LONGEST_PATIENCE: Duration = Duration::from_hours(1);
/// How long nobody asks after a 429 that names no time; doubled while they go on.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// The budget of calls that all background tasks of a process share: so many a second, of which one second's worth may
/// come at once after a rest. A 429 pauses them all, for as long as Stripe asks.
pub(crate) struct Pace {
    interval: Duration,
    /// How far the budget may be ahead of the clock: one second's worth of calls.
    credit: Duration,
    state: Mutex<State>,
}

struct State {
    /// When the next call may be made.
    next: Instant,
    paused_until: Option<Instant>,
    /// How many 429s there were in a row.
    refusals: u32,
}

impl Pace {
    pub(crate) fn new(settings: &CallSettings) -> Self {
        let interval = Duration::from_secs(1) / u32::from(settings.per_second.get());
        let state = State { next: Instant::now(), paused_until: None, refusals: 0 };
        Self { interval, credit: Duration::from_secs(1).saturating_sub(interval), state: Mutex::new(state) }
    }

    /// Waits for its turn to make one call.
    ///
    /// # Errors
    ///
    /// [`GatewayError::RateLimited`] at once while Stripe wants not to be asked: whoever waited that long would hold a
    /// lease that runs out.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has used up its turn.
    pub(crate) async fn turn(&self) -> Result<(), GatewayError> {
        if let Some(left) = self.pause_left() {
            return Err(GatewayError::RateLimited { retry_after: time::Duration::try_from(left).ok() });
        }
        sleep_until(self.reserve()).await;
        Ok(())
    }

    /// How long nobody may ask, if there is such a pause.
    pub(crate) fn pause_left(&self) -> Option<Duration> {
        let left = self.state().paused_until?.saturating_duration_since(Instant::now());
        (left > Duration::ZERO).then_some(left)
    }

    /// Notes how a call ended.
    pub(crate) fn note(&self, failure: Option<&GatewayError>) {
        let mut state = self.state();
        let Some(GatewayError::RateLimited { retry_after }) = failure else {
            state.refusals = 0;
            return;
        };
        let asked = retry_after.and_then(|asked| Duration::try_from(asked).ok()).unwrap_or_default();
        // The random part is on top: nobody comes back before Stripe allows it, and replicas not at the same moment.
        let own = delay_after(state.refusals, FIRST_PAUSE, LONGEST_PAUSE);
        let pause = if asked > own { asked.min(LONGEST_PATIENCE) + FIRST_PAUSE.mul_f64(fastrand::f64()) } else { own };
        state.refusals = state.refusals.saturating_add(1);
        let until = Instant::now() + pause;
        if state.paused_until.is_none_or(|paused| paused < until) {
            state.paused_until = Some(until);
            // After the pause the budget begins anew, without a burst.
            state.next = state.next.max(until + self.credit);
            tracing::warn!(pause_ms = pause.as_millis(), "stripe asks to slow down; nobody asks it in the background");
        }
    }

    /// The moment of the next free turn, which is taken.
    fn reserve(&self) -> Instant {
        let mut state = self.state();
        let now = Instant::now();
        let turn = state.next.max(now);
        state.next = turn + self.interval;
        turn.checked_sub(self.credit).map_or(now, |turn| turn.max(now))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
