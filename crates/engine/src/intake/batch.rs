use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use settled_domain::event::WebhookEvent;
use settled_domain::installation::Installation;
use settled_domain::ports::{Clock, IntakeError, Store, StoreError};
use settled_domain::settlement::{Outcome, ParkReason, park_event, settle_batch};
use tokio::time::Instant;

use super::Answer;

/// Between two tries of one transaction. The time, and not this, bounds their number.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(10))
    .with_max_delay(Duration::from_millis(500))
    .without_max_times()
    .with_jitter();

/// Commits batches: together if possible, else event by event.
#[derive(Clone)]
pub(super) struct Committer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    home: Installation,
    retry_for: Duration,
}

/// Why events could not be committed together.
enum Failure {
    Store(StoreError),
    Panicked,
}

impl Committer {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, home: Installation, retry_for: Duration) -> Self {
        Self { store, clock, home, retry_for }
    }

    /// Commits these events and tells what became of each, in their order.
    pub(super) async fn commit(&self, events: Vec<WebhookEvent>) -> Vec<Answer> {
        let together_until = Instant::now() + self.retry_for;
        let alone_until = together_until + self.retry_for;
        let events: Arc<[WebhookEvent]> = events.into();
        if events.len() == 1 {
            return vec![self.alone(&events, 0, together_until).await];
        }
        match self.together(&events, together_until).await {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(Failure::Store(error @ StoreError::Unavailable(_))) => {
                let again = error.repeated();
                events.iter().map(|_| Err(IntakeError::Store(again()))).collect()
            }
            // One of them may be to blame: the others shall not suffer for it.
            Err(Failure::Store(_) | Failure::Panicked) => self.one_by_one(&events, alone_until).await,
        }
    }

    async fn together(&self, events: &Arc<[WebhookEvent]>, until: Instant) -> Result<Vec<Outcome>, Failure> {
        let (committer, events) = (self.clone(), Arc::clone(events));
        // In a task of its own, so that a panic in the store does not end the writer.
        match tokio::spawn(async move { committer.settle(&events, until).await }).await {
            Ok(settled) => settled.map_err(Failure::Store),
            Err(_) => Err(Failure::Panicked),
        }
    }

    async fn one_by_one(&self, events: &Arc<[WebhookEvent]>, until: Instant) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(events.len());
        while answers.len() < events.len() {
            if Instant::now() >= until {
                answers.push(Err(IntakeError::Store(StoreError::Unavailable("there was no time left".into()))));
                continue;
            }
            match self.alone(events, answers.len(), until).await {
                Err(IntakeError::Store(error @ StoreError::Unavailable(_))) => {
                    // The database went away: the rest need not find out one after the other.
                    let again = error.repeated();
                    answers.resize_with(events.len(), || Err(IntakeError::Store(again())));
                }
                answer => answers.push(answer),
            }
        }
        answers
    }

    async fn alone(&self, events: &Arc<[WebhookEvent]>, index: usize, until: Instant) -> Answer {
        let (committer, events) = (self.clone(), Arc::clone(events));
        let task = tokio::spawn(async move { committer.settle_or_park(&events[index], until).await });
        task.await.unwrap_or(Err(IntakeError::Abandoned))
    }

    /// An event that the database refuses for a reason that will not pass is parked: Stripe would send it for days.
    async fn settle_or_park(&self, event: &WebhookEvent, until: Instant) -> Answer {
        let refusal = match self.settle(std::slice::from_ref(event), until).await {
            Ok(outcomes) => return outcomes.first().copied().ok_or(IntakeError::Abandoned),
            Err(error) if error.is_retryable() => return Err(IntakeError::Store(error)),
            Err(error) => error,
        };
        tracing::error!(
            event_id = %event.id,
            event_type = event.event_type,
            error = &refusal as &dyn Error,
            "the effects of a webhook cannot be stored; parking it"
        );
        let park = || park_event(self.store.as_ref(), event, ParkReason::NotStorable);
        retry(park, until).await.map_err(IntakeError::Store)
    }

    async fn settle(&self, events: &[WebhookEvent], until: Instant) -> Result<Vec<Outcome>, StoreError> {
        let settle = || settle_batch(self.store.as_ref(), events, &self.home, self.clock.now());
        retry(settle, until).await
    }
}

/// Runs a whole transaction again while the reason may pass and the time is not up.
async fn retry<T, F, Attempt>(transaction: F, until: Instant) -> Result<T, StoreError>
where
    F: FnMut() -> Attempt,
    Attempt: Future<Output = Result<T, StoreError>>,
{
    let in_time = |_: &StoreError, delay: Option<Duration>| delay.filter(|delay| Instant::now() + *delay < until);
    transaction.retry(BACKOFF).when(StoreError::is_retryable).adjust(in_time).await
}
