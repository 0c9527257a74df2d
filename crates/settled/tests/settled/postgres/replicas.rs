//! Several replicas on one database, and the same news for all of them at once.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use tempfile::TempDir;

use super::{OwnServer, TestDatabase, events, rows};
use crate::harness::{Process, SandboxProcess, Service, Started};

const REPLICAS: u64 = 3;
/// Enough for 500 events.
const CUSTOMERS: usize = 60;

/// A database on which customers have bought, and the events of which it has heard nothing yet.
struct Story {
    dir: TempDir,
    sandbox: SandboxProcess,
    database: TestDatabase,
    events: Vec<serde_json::Value>,
}

impl Story {
    async fn begin(database: TestDatabase) -> Self {
        let dir = TempDir::new().unwrap();
        let sandbox = SandboxProcess::start(&dir, "http://127.0.0.1:9/");
        let url = database.url();
        let service = Service::start_in(&dir, &[&sandbox.vars()[..], &[("DATABASE_URL", url.as_str())]].concat());
        events::buy(&service.url, CUSTOMERS).await;
        let (status, _) = service.process.terminate();
        assert!(status.success());
        let mut events = events::all(&sandbox).await;
        assert!(events.len() >= 500, "{}", events.len());
        events.truncate(500);
        Self { dir, sandbox, database, events }
    }

    /// Starts so many replicas at once.
    fn replicas(&self, count: u64, database: &TestDatabase) -> Vec<Started> {
        let url = database.url();
        let vars = [&self.sandbox.vars()[..], &[("DATABASE_URL", url.as_str()), ("LISTEN_ADDR", "127.0.0.1:0")]];
        let starting: Vec<_> = (0..count).map(|_| Process::spawn(&["serve"], &vars.concat())).collect();
        starting.into_iter().map(Process::ready).collect()
    }

    /// Delivers all events to each replica, in an order of its own; the answers to each event.
    async fn tell(&self, replicas: &[Started], seed: u64) -> BTreeMap<String, Vec<Option<String>>> {
        let deliveries = (seed..).zip(replicas).map(|(seed, replica)| {
            let events = events::shuffled(&self.events, seed);
            events::deliver(events, &replica.url, &self.sandbox.webhook_secret)
        });
        let mut answers = BTreeMap::<_, Vec<_>>::new();
        for (id, outcome) in join_all(deliveries).await.into_iter().flatten() {
            answers.entry(id).or_default().push(outcome);
        }
        answers
    }
}

async fn assert_every_payment_succeeded_once(database: &TestDatabase) {
    let mut shell = database.shell().await;
    let twice = "SELECT count(*) FROM (
                     SELECT object_id FROM transitions WHERE to_status = 'succeeded' GROUP BY object_id HAVING count(*) > 1
                 ) AS twice";
    assert_eq!(rows::count(&mut shell, twice).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_500_events_at_three_replicas_have_one_effect_each_and_leave_what_one_process_leaves() {
    let story = Story::begin(TestDatabase::empty().await).await;
    let alone = story.database.copy().await;

    let three = story.replicas(REPLICAS, &story.database);
    let answers = story.tell(&three, 1).await;
    assert_eq!(answers.len(), 500);
    for (id, answers) in &answers {
        let answers: Vec<_> = answers.iter().map(|answer| answer.as_deref().expect("acknowledged")).collect();
        let fresh = answers.iter().filter(|answer| **answer != "duplicate").count();
        assert_eq!((answers.len(), fresh), (3, 1), "{id}: {answers:?}");
    }
    drop(three);
    assert_every_payment_succeeded_once(&story.database).await;

    let one = story.replicas(1, &alone);
    story.tell(&one, 9).await;
    drop(one);
    assert_eq!(rows::of(&story.database).await, rows::of(&alone).await);
    drop(story.dir);
}

/// Waits until so many events are committed.
async fn until_committed(database: &TestDatabase, events: i64) {
    let mut shell = database.shell().await;
    while rows::count(&mut shell, "SELECT count(*) FROM webhook_events").await < events {
        tokio::task::yield_now().await;
    }
}

/// Rows 54 and 55 of the faults, for the whole program. A server that is not ours to kill loses all its connections
/// instead, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_the_server_went_down_is_there_when_it_is_back() {
    let mut server = OwnServer::made_on_request().await;
    let story = Story::begin(match &server {
        Some(server) => TestDatabase::empty_on(server.options.clone()).await,
        None => TestDatabase::empty().await,
    })
    .await;
    let three = story.replicas(REPLICAS, &story.database);
    let going_down = async {
        if let Some(server) = &mut server {
            until_committed(&story.database, 120).await;
            server.kill_and_start().await;
            return;
        }
        for events in [20, 120, 260] {
            until_committed(&story.database, events).await;
            assert!(story.database.cut_connections().await > 0, "there is something to survive");
        }
    };
    let (answers, ()) = tokio::join!(story.tell(&three, 1), going_down);
    let ids = "SELECT id FROM webhook_events";
    let stored: Vec<String> = sqlx::query_scalar(ids).fetch_all(&mut story.database.shell().await).await.unwrap();
    for (id, answers) in &answers {
        let is_acknowledged = answers.iter().any(Option::is_some);
        assert!(!is_acknowledged || stored.contains(id), "{id}: {answers:?}");
        let fresh = answers.iter().flatten().filter(|answer| *answer != "duplicate").count();
        assert!(fresh <= 1, "{id}: {answers:?}");
    }
    // Stripe sends again what was not acknowledged.
    let again = story.tell(&three, 5).await;
    assert!(again.values().flatten().all(Option::is_some));
    drop(three);
    assert_every_payment_succeeded_once(&story.database).await;
}
