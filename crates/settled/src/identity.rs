//! The public keys of the identity provider: fetched, kept for a while, and asked for again when a token names one that
//! is not there.

mod fetch;
mod held;

pub(crate) use fetch::{Document, check_url};

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use settled_api::token::{KeySet, KeysUnavailable, TokenKeys};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::task::AbortOnDropHandle;

use self::fetch::{FETCH_TIMEOUT, FetchError};
use self::held::Held;

/// How old keys get while the provider answers: a key that it takes back is trusted for this long at most.
const REFRESH_AFTER: Duration = Duration::from_mins(5);
/// The provider is asked at most this often, whatever tokens name and however its answers turn out.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// How long a token waits for an answer about its key: a little longer than the answer may take.
const ANSWER_WITHIN: Duration = FETCH_TIMEOUT.saturating_add(Duration::from_secs(1));

/// Where key sets come from.
#[async_trait]
pub(crate) trait KeySource: Send + Sync + 'static {
    async fn fetch(&self) -> Result<KeySet, FetchError>;
}

/// The keys of one provider. Only one task asks for them; requests read what it holds, and may wake it.
pub(crate) struct ProviderKeys {
    held: watch::Receiver<Held>,
    wish: Arc<Notify>,
    _asking: AbortOnDropHandle<()>,
}

impl ProviderKeys {
    /// Begins to ask at once, and returns without waiting: the service starts while the provider is away.
    pub(crate) fn start(source: impl KeySource) -> Self {
        let (sender, held) = watch::channel(Held::default());
        let wish = Arc::new(Notify::new());
        let asking = tokio::spawn(keep_asking(source, sender, Arc::clone(&wish)));
        Self { held, wish, _asking: AbortOnDropHandle::new(asking) }
    }
}

#[async_trait]
impl TokenKeys for ProviderKeys {
    async fn keys_for(&self, kid: &str) -> Result<Arc<KeySet>, KeysUnavailable> {
        let mut held = self.held.clone();
        let seen = held.borrow_and_update().clone();
        if !seen.has_key(kid) && seen.may_be_asked() {
            self.wish.notify_one();
            // What the answer is worth is looked at below, and so is its absence.
            let _ = timeout(ANSWER_WITHIN, held.wait_for(|now| now.answers > seen.answers)).await;
        }
        let now = held.borrow().clone();
        now.answer(kid)
    }
}

async fn keep_asking(source: impl KeySource, held: watch::Sender<Held>, wish: Arc<Notify>) {
    loop {
        let asked_at = Instant::now();
        held.send_modify(|held| held.ask(asked_at));
        let result = timeout(FETCH_TIMEOUT, source.fetch()).await.unwrap_or(Err(FetchError::TooSlow));
        log_change(&held.borrow(), &result);
        let pause = if result.is_ok() { REFRESH_AFTER } else { ASK_EVERY };
        held.send_modify(|held| held.take(result.ok()));
        tokio::select! {
            () = sleep(pause) => {}
            () = wish.notified() => {}
        }
        sleep_until(asked_at + ASK_EVERY).await;
    }
}

/// Says once that the provider is away, and once that it is back.
fn log_change(held: &Held, result: &Result<KeySet, FetchError>) {
    match result {
        Err(error) if held.is_answering() => {
            tracing::warn!(%error, "the identity provider's keys cannot be fetched; those that are held stay trusted for a day");
        }
        Ok(set) if set.is_empty() => tracing::warn!("the identity provider has no key that tokens can be checked with"),
        Ok(set) if !held.is_answering() => tracing::info!(keys = ?set, "the identity provider's keys are here"),
        Ok(_) | Err(_) => {}
    }
}

#[cfg(test)]
mod tests;
