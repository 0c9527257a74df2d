use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::advance;

use super::*;

/// A provider that the test controls.
#[derive(Default)]
struct Provider {
    /// The names of its keys; `None` while it is away.
    kids: Mutex<Option<Vec<&'static str>>>,
    asked: AtomicUsize,
}

impl Provider {
    fn with(kids: &[&'static str]) -> Arc<Self> {
        let provider = Self::default();
        provider.has(kids);
        Arc::new(provider)
    }

    fn has(&self, kids: &[&'static str]) {
        *self.kids.lock().unwrap() = Some(kids.to_vec());
    }

    fn leaves(&self) {
        *self.kids.lock().unwrap() = None;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl KeySource for Arc<Provider> {
    async fn fetch(&self) -> Result<KeySet, FetchError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let kids = self.kids.lock().unwrap().clone().ok_or(FetchError::TooSlow)?;
        Ok(key_set(&kids))
    }
}

/// A set of Ed25519 keys; what they are worth does not matter here.
fn key_set(kids: &[&str]) -> KeySet {
    let keys: Vec<_> = kids
        .iter()
        .map(|kid| serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": "A".repeat(43) }))
        .collect();
    KeySet::from_json(serde_json::json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

/// Whether the key is known: `None` when that cannot be said.
async fn knows(keys: &ProviderKeys, kid: &str) -> Option<bool> {
    keys.keys_for(kid).await.ok().map(|set| set.has_key(kid))
}

#[tokio::test(start_paused = true)]
async fn keys_are_fetched_once_for_any_number_of_tokens() {
    let provider = Provider::with(&["a"]);
    let keys = ProviderKeys::start(Arc::clone(&provider));
    for _ in 0..1_000 {
        assert_eq!(knows(&keys, "a").await, Some(true));
    }
    assert_eq!(provider.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_found_without_a_restart_and_an_old_one_is_forgotten() {
    let provider = Provider::with(&["old"]);
    let keys = ProviderKeys::start(Arc::clone(&provider));
    assert_eq!(knows(&keys, "old").await, Some(true));
    provider.has(&["new"]);
    advance(ASK_EVERY).await;
    assert_eq!(knows(&keys, "new").await, Some(true));
    assert_eq!(knows(&keys, "old").await, Some(false));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_provider_takes_back_is_forgotten_although_nobody_asks() {
    let provider = Provider::with(&["stolen"]);
    let keys = ProviderKeys::start(Arc::clone(&provider));
    assert_eq!(knows(&keys, "stolen").await, Some(true));
    provider.has(&["other"]);
    sleep(REFRESH_AFTER + ASK_EVERY).await;
    assert!(!keys.held.borrow().has_key("stolen"));
}

#[tokio::test(start_paused = true)]
async fn invented_names_make_the_provider_be_asked_at_most_once_in_a_while() {
    let provider = Provider::with(&["a"]);
    let keys = ProviderKeys::start(Arc::clone(&provider));
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_mins(1) {
        assert_eq!(knows(&keys, "invented").await, Some(false));
        sleep(Duration::from_millis(10)).await;
    }
    assert!((2..=13).contains(&provider.asked()), "{}", provider.asked());
}

#[tokio::test(start_paused = true)]
async fn while_the_provider_is_away_from_the_start_nothing_can_be_said_and_then_it_can() {
    let provider = Arc::new(Provider::default());
    let keys = ProviderKeys::start(Arc::clone(&provider));
    assert_eq!(knows(&keys, "a").await, None);
    provider.has(&["a"]);
    sleep(ASK_EVERY * 2).await;
    assert_eq!(knows(&keys, "a").await, Some(true));
}

#[tokio::test(start_paused = true)]
async fn known_keys_stay_trusted_for_a_day_while_the_provider_is_away_and_not_longer() {
    let provider = Provider::with(&["a"]);
    let keys = ProviderKeys::start(Arc::clone(&provider));
    assert_eq!(knows(&keys, "a").await, Some(true));
    provider.leaves();
    sleep(Duration::from_hours(23)).await;
    assert_eq!(knows(&keys, "a").await, Some(true));
    assert_eq!(knows(&keys, "b").await, None, "it may be a new key");
    sleep(Duration::from_hours(1) + REFRESH_AFTER).await;
    assert_eq!(knows(&keys, "a").await, None);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_answer_holds_up_nobody_whose_key_is_known() {
    struct Silent(AtomicUsize);
    #[async_trait]
    impl KeySource for Silent {
        async fn fetch(&self) -> Result<KeySet, FetchError> {
            if self.0.fetch_add(1, Ordering::SeqCst) > 0 {
                std::future::pending::<()>().await;
            }
            Ok(key_set(&["a"]))
        }
    }
    let keys = ProviderKeys::start(Silent(AtomicUsize::new(0)));
    assert_eq!(knows(&keys, "a").await, Some(true));
    advance(ASK_EVERY).await;
    let begun = Instant::now();
    assert_eq!(knows(&keys, "b").await, None);
    assert!(begun.elapsed() <= FETCH_TIMEOUT);
    let begun = Instant::now();
    assert_eq!(knows(&keys, "a").await, Some(true));
    assert_eq!(begun.elapsed(), Duration::ZERO);
}
