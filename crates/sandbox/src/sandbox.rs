//! Starting and stopping.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::agenda;
use crate::by_hand::ByHand;
use crate::catalogue;
use crate::clock::Clock;
use crate::config::SandboxConfig;
use crate::delivery::{self, Courier, Timetable};
use crate::ids;
use crate::journal::{Journal, JournalError};
use crate::objects::Installation;
use crate::server::{self, App, Peer, Wires};
use crate::store::{Forwarding, Origin, Record, State, Store};

/// How long a shutdown waits for requests and deliveries under way.
const SHUTDOWN_MAX: Duration = Duration::from_secs(5);
const AGENDA_TICK: Duration = Duration::from_secs(1);

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The address is taken or not ours.
    #[error("could not listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// `forward_to` is no http or https URL.
    #[error("the webhook endpoint is not an http or https URL")]
    ForwardTo,
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal could be opened and not written.
    #[error("could not write the journal")]
    NotWritten,
    /// The operating system gave no randomness for the secrets.
    #[error("could not make secrets")]
    Randomness(#[source] getrandom::Error),
    /// The HTTP client for deliveries could not be made.
    #[error("could not make an HTTP client")]
    Client(#[source] reqwest::Error),
}

/// A running sandbox. Dropping it stops it as well, less politely than
/// [`shutdown`](Self::shutdown).
pub struct Sandbox {
    base_url: String,
    installation: Installation,
    store: Arc<Store>,
    stop: CancellationToken,
    tasks: TaskTracker,
    journal_writer: Option<JoinHandle<()>>,
    by_hand: Option<ByHand>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Sandbox {
    /// Listens, replays the journal, and starts serving and delivering in tasks of their own.
    ///
    /// # Errors
    ///
    /// The address is taken, the journal cannot be used, or the endpoint's URL is none.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        let forward_to = config.forward_to.as_deref().map(endpoint).transpose()?;
        let listen_error = |source| SandboxError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(listen_error)?;
        let base_url = base_url(listener.local_addr().map_err(listen_error)?);
        let (journal, mut state, writer) = open_journal(&config)?;
        let (installation, fresh) = installation(&state)?;
        state.base_url.clone_from(&base_url);
        let forwarding = if forward_to.is_some() { Forwarding::On } else { Forwarding::Off };
        let (store, queue) = Store::new(state, journal, forwarding);
        let store = Arc::new(store);
        // The secrets are handed out only when no crash can replace them.
        if !store.is_durable(store.record(&fresh)).await {
            return Err(SandboxError::NotWritten);
        }
        let mut sandbox = Self {
            base_url,
            installation,
            store,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            journal_writer: Some(writer),
            by_hand: None,
        };
        let hold = watch::Sender::new(false);
        let courier = forward_to.map(|url| {
            let poster = delivery::poster(url).map_err(SandboxError::Client)?;
            Ok::<_, SandboxError>(Courier::new(Arc::clone(&sandbox.store), poster, &hold))
        });
        let courier = courier.transpose()?;
        if courier.is_some() {
            sandbox.store.requeue_pending();
        }
        match (config.clock, courier) {
            (Some(clock), courier) => {
                let timetable = courier.map(|courier| Timetable::new(courier, queue));
                sandbox.by_hand = Some(ByHand::new(Arc::clone(&sandbox.store), clock, timetable));
            }
            (None, courier) => {
                if let Some(courier) = courier {
                    delivery::start(courier, queue, sandbox.stop.clone(), &sandbox.tasks);
                }
                sandbox.spawn_agenda();
            }
        }
        sandbox.spawn_server(listener, hold, config.redirect_hold);
        Ok(sandbox)
    }

    /// Where the API and the pages are, e.g. `http://127.0.0.1:12111`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.base_url.clone()
    }

    /// The key that the API takes: `sk_test_…`. Random at the first start, then the journal's.
    #[must_use]
    pub fn secret_key(&self) -> &str {
        &self.installation.secret_key
    }

    /// The secret that webhooks are signed with: `whsec_…`. Random at the first start, then the
    /// journal's.
    #[must_use]
    pub fn webhook_secret(&self) -> &str {
        &self.installation.webhook_secret
    }

    /// With a [`ManualClock`](crate::ManualClock): sets it to this second of the Unix epoch, and on the way does all that
    /// is due, one thing after the other and each at its second. Trials end, subscriptions renew, debits settle, sessions
    /// expire, and events are delivered, again where they were not answered. Without such a clock nothing is done.
    pub async fn advance_to(&self, second: i64) {
        if let Some(by_hand) = &self.by_hand {
            by_hand.advance_to(second).await;
        }
    }

    /// With a [`ManualClock`](crate::ManualClock): the second in which the next thing happens, if anything does.
    pub async fn next_due(&self) -> Option<i64> {
        self.by_hand.as_ref()?.next_due().await
    }

    /// Stops: requests and deliveries under way get a few seconds, and the journal is closed.
    /// What is not delivered is, after the next start.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(SHUTDOWN_MAX, self.tasks.wait()).await.is_err() {
            tracing::warn!("the sandbox stops with requests under way");
        }
        let writer = self.journal_writer.take();
        // The writer ends when the last holder of the store is gone.
        drop(self);
        let closed = tokio::task::spawn_blocking(move || writer.map(JoinHandle::join));
        if tokio::time::timeout(SHUTDOWN_MAX, closed).await.is_err() {
            tracing::warn!("the sandbox's journal is still being written");
        }
    }

    fn spawn_agenda(&self) {
        let (store, stop) = (self.store.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            let origin = Origin::default();
            let tick = async || {
                // A change may have put something on the agenda that is due at once.
                let _ = tokio::time::timeout(AGENDA_TICK, store.changed()).await;
            };
            while stop.run_until_cancelled(tick()).await.is_some() {
                let due = store.read(|state| state.agenda.first(None, state.clock.now()).is_some());
                if due {
                    let done = store.change(&origin, |change| {
                        agenda::run(change);
                        Ok(())
                    });
                    if done.await.is_err() {
                        tracing::error!("what was due could not be written");
                    }
                }
            }
        });
    }

    fn spawn_server(&self, listener: TcpListener, hold: delivery::Hold, redirect_hold: Duration) {
        let router = server::router(App { store: self.store.clone(), hold, redirect_hold, stop: self.stop.clone() });
        let service = router.into_make_service_with_connect_info::<Peer>();
        let stop = self.stop.clone().cancelled_owned();
        self.tasks.spawn(async move {
            let served = axum::serve(Wires(listener), service).with_graceful_shutdown(stop).await;
            if let Err(error) = served {
                tracing::error!(%error, "the sandbox's server ended");
            }
        });
    }
}

fn endpoint(text: &str) -> Result<url::Url, SandboxError> {
    let url = url::Url::parse(text).map_err(|_| SandboxError::ForwardTo)?;
    let valid = matches!(url.scheme(), "http" | "https") && url.has_host();
    valid.then_some(url).ok_or(SandboxError::ForwardTo)
}

/// An address that listens everywhere is reached on this machine by its loopback.
fn base_url(mut address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    format!("http://{address}")
}

fn open_journal(config: &SandboxConfig) -> Result<(Journal, State, JoinHandle<()>), JournalError> {
    let mut state = State::default();
    let mut replayed = 0;
    let (journal, writer) = Journal::open(&config.journal, |record| {
        replayed += 1;
        state.apply(record);
    })?;
    state.debit_delay_s = i64::try_from(config.debit_delay.as_secs()).unwrap_or(i64::from(u32::MAX));
    state.clock = config.clock.clone().map_or(Clock::System, Clock::Manual);
    if let Some(plan) = config.faults.clone() {
        state.adversity.begin(plan, state.clock.now());
    }
    state.adversity.seed_ids(replayed);
    Ok((journal, state, writer))
}

/// The installation, and what a first start adds to the journal.
fn installation(state: &State) -> Result<(Installation, Vec<Record>), SandboxError> {
    if let Some(installation) = &state.installation {
        // A journal of an older version has no coupon yet.
        return Ok((installation.clone(), catalogue::missing(state, state.clock.now())));
    }
    let installation = Installation {
        account: ids::object_id("acct_1", 15),
        secret_key: ids::secret("sk_test_").map_err(SandboxError::Randomness)?,
        webhook_secret: ids::secret("whsec_").map_err(SandboxError::Randomness)?,
    };
    let mut records = vec![Record::Installation(installation.clone())];
    records.extend(catalogue::seed(state.clock.now()));
    Ok((installation, records))
}
