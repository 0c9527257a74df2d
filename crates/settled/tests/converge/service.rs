use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use settled_api::{ApiConfig, AuthConfig, Readiness};
use settled_domain::checkout::{Assortment, PromotionCodes, ReturnUrls};
use settled_domain::installation::Installation;
use settled_domain::ports::{Intake, Store, StoreError, StripeGateway};
use settled_domain::refresh::{Refreshed, recover_payments_left_creating, refresh};
use settled_domain::refresh_request::ClaimedRefresh;
use settled_domain::{Policy, Ports, Settled};
use settled_engine::{BatchingIntake, IntakeSettings, Sweep, SweepSettings};
use settled_sandbox::ManualClock;
use settled_stripe::{Backend, RetryPolicy, StripeApi, StripeConfig};
use tokio::net::TcpListener;

use crate::plan::ROLLED_SECRET;
use crate::stripe::Stripe;
use crate::time::{SeededIds, SharedClock};

/// How long a payment may be `creating` before its request counts as gone.
const LEFT_AFTER: time::Duration = time::Duration::seconds(30);
const LEASE: time::Duration = time::Duration::minutes(1);
/// How often one question is asked in a row while newer news overtake its answers.
const TRIES: usize = 3;

/// The service, with its webhook endpoint on loopback and its background work done step by step.
pub(crate) struct Service {
    pub(crate) settled: Settled,
    pub(crate) ports: Ports,
    sweep: Sweep,
}

impl Service {
    /// Serves on `listener`.
    pub(crate) async fn start(listener: TcpListener, store: Arc<dyn Store>, stripe: &Stripe, seed: u64) -> Self {
        let gateway = Arc::new(StripeApi::new(config(stripe)).unwrap());
        let home = home(gateway.as_ref()).await;
        store.claim_installation(&home).await.unwrap();
        let clock: ManualClock = stripe.clock.clone();
        let ids = Arc::new(SeededIds::new(clock.clone(), seed));
        let ports = Ports { store, gateway, clock: Arc::new(SharedClock(clock)), ids };
        let (store, clock) = (Arc::clone(&ports.store), Arc::clone(&ports.clock));
        let (intake, writer) = BatchingIntake::new(store, clock, home, &IntakeSettings::default());
        tokio::spawn(writer);
        let intake: Arc<dyn Intake> = Arc::new(intake);
        // Every event of the story is looked for in the end.
        let settings = SweepSettings { keep_events: Duration::from_hours(10 * 365 * 24), ..SweepSettings::default() };
        let sweep = Sweep::new(&ports, Arc::clone(&intake), &settings);
        let url = format!("http://{}", listener.local_addr().unwrap());
        let return_urls = ReturnUrls {
            success: format!("{url}/success?session_id={{CHECKOUT_SESSION_ID}}"),
            cancel: format!("{url}/cancel"),
        };
        let policy = Policy {
            return_urls,
            past_due_grace: time::Duration::ZERO,
            assortment: Assortment::Everything,
            promotion_codes: PromotionCodes::NotTaken,
        };
        let settled = Settled::new(ports.clone(), intake, policy);
        let auth = AuthConfig::new(SecretString::from("a-token-secret-of-the-tests-0123456789")).unwrap();
        let api = ApiConfig::new(url.parse().unwrap(), auth).unwrap();
        let router = settled_api::router(settled.clone(), Readiness::new(), api);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { settled, ports, sweep }
    }

    /// Does what is due at this moment, one thing after the other.
    pub(crate) async fn work(&mut self) {
        self.sweep.round().await.unwrap();
        let before = self.ports.clock.now() - LEFT_AFTER;
        recover_payments_left_creating(&self.ports, before, 100).await.unwrap();
        loop {
            let claimed = self.claim().await.unwrap();
            if claimed.is_empty() {
                return;
            }
            for claimed in &claimed {
                self.ask(claimed).await.unwrap();
            }
        }
    }

    async fn claim(&self) -> Result<Vec<ClaimedRefresh>, StoreError> {
        let now = self.ports.clock.now();
        let mut work = self.ports.store.begin().await?;
        let claimed = work.refreshes().claim_due_refreshes(now, now + LEASE, 16).await?;
        work.commit().await?;
        Ok(claimed)
    }

    async fn ask(&self, claimed: &ClaimedRefresh) -> Result<(), StoreError> {
        let mut patience = time::Duration::ZERO;
        for _ in 0..TRIES {
            match refresh(&self.ports, claimed).await {
                Ok(Refreshed::Done) => return Ok(()),
                Ok(Refreshed::Overtaken) => {}
                Ok(Refreshed::TooFresh(wait)) => {
                    patience = wait;
                    break;
                }
                Err(settled_domain::refresh::RefreshError::Gateway(error)) => {
                    patience = error.retry_after().unwrap_or_default();
                    break;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        let delay = time::Duration::seconds(2_i64 << claimed.attempts.min(7)).max(patience);
        let mut work = self.ports.store.begin().await?;
        work.refreshes().postpone_refresh(claimed, self.ports.clock.now() + delay).await?;
        work.commit().await
    }
}

fn config(stripe: &Stripe) -> StripeConfig {
    let secrets = vec![SecretString::from(stripe.sandbox.webhook_secret()), SecretString::from(ROLLED_SECRET)];
    StripeConfig {
        api_base: stripe.sandbox.base_url().parse().unwrap(),
        backend: Backend::Sandbox,
        // These run in real time: a wait costs the test its time and proves nothing more.
        call_timeout: Duration::from_secs(3),
        retries: RetryPolicy {
            attempts: 2,
            first_delay: Duration::from_millis(1),
            longest_retry_after: Duration::ZERO,
            whole: Duration::from_secs(10),
        },
        ..StripeConfig::new(SecretString::from(stripe.sandbox.secret_key()), secrets)
    }
}

/// The first start waits until Stripe answers.
async fn home(gateway: &dyn StripeGateway) -> Installation {
    loop {
        if let Ok(home) = gateway.fetch_installation().await {
            return home;
        }
    }
}
