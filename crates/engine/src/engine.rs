use std::sync::Arc;
use std::time::Duration;

use settled_domain::installation::Installation;
use settled_domain::ports::{Intake, StatusFeed, StatusRelay};
use settled_domain::{Policy, Ports, Settled};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::feed::{AnnouncingStore, Lookout, ProcessFeed};
use crate::intake::BatchingIntake;
use crate::pace::{Pace, PacedGateway};
use crate::recovery::Recovery;
use crate::refreshes::RefreshWorker;
use crate::relay::{Outbox, Receiver, Relayed, Sender};
use crate::settings::{EngineSettings, FeedSettings, SweepSettings};
use crate::supervision::supervise;
use crate::sweep::{EventRound, ObjectRound, PruningRound, Round, RowRound, repeat};

/// How the engine came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Shutdown {
    /// Everything that had begun was brought to its end.
    Complete,
    /// The time was up. Nothing is lost: Stripe sends unanswered events again, and claimed refreshes are free again when
    /// their lease runs out.
    CutShort,
}

/// The tasks that work in the background of a process: the intake's writer, the refresh worker, the recovery, the sweep and
/// the lookout for those who wait. Dropping it ends them at once; [`shutdown`](Self::shutdown) lets them finish.
pub struct Engine {
    /// For the use cases: with the store that announces, and with a gateway that nobody slows down.
    ports: Ports,
    intake: Arc<BatchingIntake>,
    feed: Arc<dyn StatusFeed>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Engine {
    /// Starts the tasks. Events are judged by the installation that they should belong to, which is `home`.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    #[must_use]
    pub fn start(ports: Ports, home: Installation, settings: EngineSettings) -> Self {
        Self::start_with(ports, None, home, settings)
    }

    /// [`start`](Self::start), as one of several replicas that tell each other by `relay` what they have committed.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    #[must_use]
    pub fn start_as_replica(
        ports: Ports,
        relay: Arc<dyn StatusRelay>,
        home: Installation,
        settings: EngineSettings,
    ) -> Self {
        Self::start_with(ports, Some(relay), home, settings)
    }

    fn start_with(
        ports: Ports,
        relay: Option<Arc<dyn StatusRelay>>,
        home: Installation,
        settings: EngineSettings,
    ) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let waiting = ProcessFeed::new(settings.feed.capacity.get().into(), stop.clone());
        let outbox = relay.is_some().then(|| Arc::new(Outbox::default()));
        let feed: Arc<dyn StatusFeed> = match &outbox {
            Some(outbox) => Arc::new(Relayed { feed: waiting.clone(), outbox: Arc::clone(outbox) }),
            None => Arc::new(waiting.clone()),
        };
        let announcing = Ports { store: Arc::new(AnnouncingStore::new(ports.store, Arc::clone(&feed))), ..ports };
        let ports = announcing.clone();
        let (intake, writer) =
            BatchingIntake::new(Arc::clone(&ports.store), Arc::clone(&ports.clock), home, &settings.intake);
        tasks.spawn(writer);
        let pace = Arc::new(Pace::new(&settings.calls));
        let gateway =
            Arc::new(PacedGateway::new(Arc::clone(&ports.gateway), Arc::clone(&pace), Arc::clone(&ports.clock)));
        let ports = Ports { gateway, ..ports };
        let (worker_ports, refreshes, token) = (ports.clone(), settings.refreshes, stop.clone());
        tasks.spawn(supervise("refreshes", stop.clone(), move || {
            RefreshWorker::new(worker_ports.clone(), refreshes.clone(), Arc::clone(&pace)).run(token.clone())
        }));
        let (recovery_ports, recovery, token) = (ports.clone(), settings.recovery, stop.clone());
        tasks.spawn(supervise("recovery", stop.clone(), move || {
            Recovery::new(recovery_ports.clone(), recovery.clone()).run(token.clone())
        }));
        let intake = Arc::new(intake);
        spawn_sweep(&mut tasks, &stop, &ports, &intake, &settings.sweep);
        spawn_lookout(&mut tasks, &stop, &ports, &waiting, &settings.feed);
        if let (Some(relay), Some(outbox)) = (relay, outbox) {
            spawn_sender(&mut tasks, &stop, &relay, &outbox, &settings.feed);
            spawn_receiver(&mut tasks, &stop, (relay, ports), &waiting, &settings.feed);
        }
        Self { ports: announcing, intake, feed, stop, tasks }
    }

    /// The use cases, wired to this engine: its intake commits the webhooks, and whoever waits for a payment hears of what
    /// any of them has changed.
    #[must_use]
    pub fn settled(&self, policy: Policy) -> Settled {
        Settled::new(self.ports.clone(), self.intake(), policy).with_status_feed(Arc::clone(&self.feed))
    }

    /// Where verified events are to be submitted.
    #[must_use]
    pub fn intake(&self) -> Arc<dyn Intake> {
        Arc::clone(&self.intake) as Arc<dyn Intake>
    }

    /// Refuses new events, begins nothing new, and waits until what has begun is done: accepted events committed and
    /// answered, running refreshes written. After `deadline` it ends the tasks where they are.
    pub async fn shutdown(mut self, deadline: Duration) -> Shutdown {
        self.intake.stop();
        self.stop.cancel();
        let finish = async { while self.tasks.join_next().await.is_some() {} };
        // What is left after that ends with `self`.
        if timeout(deadline, finish).await.is_ok() { Shutdown::Complete } else { Shutdown::CutShort }
    }
}

fn spawn_sweep(
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
    ports: &Ports,
    intake: &Arc<BatchingIntake>,
    settings: &SweepSettings,
) {
    let (row_ports, row_settings) = (ports.clone(), settings.clone());
    sweeping(tasks, stop, move || RowRound::new(row_ports.clone(), row_settings.clone()));
    let (event_ports, door, event_settings) = (ports.clone(), Arc::clone(intake), settings.clone());
    sweeping(tasks, stop, move || {
        let door = Arc::clone(&door) as Arc<dyn Intake>;
        EventRound::new(event_ports.clone(), door, event_settings.clone())
    });
    let (object_ports, object_settings) = (ports.clone(), settings.clone());
    sweeping(tasks, stop, move || ObjectRound::new(object_ports.clone(), object_settings.clone()));
    let (pruning_ports, pruning_settings) = (ports.clone(), settings.clone());
    sweeping(tasks, stop, move || PruningRound::new(pruning_ports.clone(), pruning_settings.clone()));
}

/// Runs one part of the sweep as a task of its own.
fn sweeping<R: Round + 'static>(
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
    round: impl Fn() -> R + Send + 'static,
) {
    let token = stop.clone();
    tasks.spawn(supervise(R::TASK, stop.clone(), move || repeat(round(), token.clone())));
}

fn spawn_lookout(
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
    ports: &Ports,
    waiting: &ProcessFeed,
    settings: &FeedSettings,
) {
    let (ports, waiting, settings, token) = (ports.clone(), waiting.clone(), settings.clone(), stop.clone());
    tasks.spawn(supervise("lookout", stop.clone(), move || {
        Lookout::new(ports.clone(), waiting.clone(), settings.clone()).run(token.clone())
    }));
}

fn spawn_sender(
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
    relay: &Arc<dyn StatusRelay>,
    outbox: &Arc<Outbox>,
    settings: &FeedSettings,
) {
    let (relay, outbox, settings, token) = (Arc::clone(relay), Arc::clone(outbox), settings.clone(), stop.clone());
    tasks.spawn(supervise("relay sender", stop.clone(), move || {
        Sender::new(Arc::clone(&relay), Arc::clone(&outbox), settings.clone()).run(token.clone())
    }));
}

fn spawn_receiver(
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
    (relay, ports): (Arc<dyn StatusRelay>, Ports),
    waiting: &ProcessFeed,
    settings: &FeedSettings,
) {
    let (waiting, settings, token) = (waiting.clone(), settings.clone(), stop.clone());
    tasks.spawn(supervise("relay receiver", stop.clone(), move || {
        Receiver::new(Arc::clone(&relay), ports.clone(), waiting.clone(), settings.clone()).run(token.clone())
    }));
}

#[cfg(test)]
mod tests;
