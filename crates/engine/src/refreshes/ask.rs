use std::error::Error;
use std::time::Duration;

use settled_domain::Ports;
use settled_domain::ports::StoreError;
use settled_domain::refresh::{RefreshError, Refreshed, refresh};
use settled_domain::refresh_request::ClaimedRefresh;
use tokio::time::Instant;

use crate::backoff::delay_after;
use crate::pace::LONGEST_PATIENCE;
use crate::settings::RefreshSettings;

/// How often Stripe is asked in a row while newer news keep overtaking its answers.
const TRIES: usize = 3;

/// Sees one claimed entry to its end: it is done, or it is put off.
///
/// # Errors
///
/// [`StoreError`] when it could not even be put off: then it is free again when its lease runs out.
pub(super) async fn ask(ports: Ports, settings: RefreshSettings, claimed: ClaimedRefresh) -> Result<(), StoreError> {
    let begun = Instant::now();
    for _ in 0..TRIES {
        match refresh(&ports, &claimed).await {
            Ok(Refreshed::Done) => return Ok(()),
            // The last try has to end within the lease as well.
            Ok(Refreshed::Overtaken) if begun.elapsed() > settings.lease / 2 => break,
            Ok(Refreshed::Overtaken) => {}
            Ok(Refreshed::TooFresh(wait)) => {
                return put_off(&ports, &claimed, wait.unsigned_abs().min(settings.longest_delay)).await;
            }
            Err(error) => return put_off_after(&error, &ports, &settings, &claimed).await,
        }
    }
    tracing::debug!(object = %claimed.object, "newer news keep overtaking stripe's answers");
    let delay = delay_after(claimed.attempts, settings.first_delay, settings.longest_delay);
    put_off(&ports, &claimed, delay).await
}

async fn put_off_after(
    error: &RefreshError,
    ports: &Ports,
    settings: &RefreshSettings,
    claimed: &ClaimedRefresh,
) -> Result<(), StoreError> {
    let own = delay_after(claimed.attempts, settings.first_delay, settings.longest_delay);
    // What was put off together does not come back together.
    let asked = patience(error).map(|asked| asked + settings.first_delay.mul_f64(fastrand::f64()));
    let delay = asked.map_or(own, |asked| asked.max(own));
    put_off(ports, claimed, delay).await?;
    tracing::warn!(
        object = %claimed.object,
        attempts = claimed.attempts,
        delay_s = delay.as_secs(),
        error = error as &dyn Error,
        "could not refresh; trying again later"
    );
    Ok(())
}

async fn put_off(ports: &Ports, claimed: &ClaimedRefresh, delay: Duration) -> Result<(), StoreError> {
    let due_at = ports.clock.now() + delay;
    let mut work = ports.store.begin().await?;
    work.refreshes().postpone_refresh(claimed, due_at).await?;
    work.commit().await
}

/// How long Stripe asks us to wait, if it does.
fn patience(error: &RefreshError) -> Option<Duration> {
    let asked = match error {
        RefreshError::Gateway(error) => error.retry_after(),
        _ => None,
    };
    asked.and_then(|asked| Duration::try_from(asked).ok()).map(|asked| asked.min(LONGEST_PATIENCE))
}
