use std::path::Path;

use super::*;
use crate::agenda;
use crate::checkout::create;
use crate::form;
use crate::objects::{Installation, Session, SessionStatus};
use crate::params::Params;
use crate::{catalogue, customers};

type Queue = mpsc::UnboundedReceiver<Outgoing>;

/// A store that forwards, and its writer, on the journal at `path`.
fn open(path: &Path) -> (Store, Queue, std::thread::JoinHandle<()>) {
    let mut state = State::default();
    let (journal, writer) = Journal::open(path, |record| state.apply(record)).unwrap();
    let (store, queue) = Store::new(state, journal, Forwarding::On);
    (store, queue, writer)
}

/// A state with the catalogue of the first start.
fn stocked() -> State {
    let mut state = State::default();
    for record in catalogue::seed(0) {
        state.apply(record);
    }
    state
}

async fn customer(store: &Store) -> String {
    let origin = Origin::default();
    let made = store.change(&origin, |change| customers::create(change, &mut Params::default()));
    made.await.unwrap()["id"].as_str().unwrap().to_owned()
}

fn close(store: Store, writer: std::thread::JoinHandle<()>) {
    drop(store);
    writer.join().unwrap();
}

#[tokio::test]
async fn a_journal_that_has_grown_large_is_rewritten_without_its_history() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.jsonl");
    let (store, queue, writer) = open(&path);
    let id = customer(&store).await;
    let params = || Params::new(form::parse(b"name=Ada").unwrap());
    let origin = Origin::default();
    for _ in 0..10 {
        let renamed = store.change(&origin, |change| customers::update(change, &id, &mut params()));
        renamed.await.unwrap();
    }
    store.lock().compact_at_bytes = 0;
    let last = customer(&store).await;
    close(store, writer);
    drop(queue);
    let lines = std::fs::read_to_string(&path).unwrap().lines().count();
    // Two customers, and the events of their creation and of the one change of the name.
    assert_eq!(lines, 5);
    let (store, _queue, _writer) = open(&path);
    assert!(store.read(|state| state.customers.get(&id).is_some() && state.customers.get(&last).is_some()));
}

#[tokio::test]
async fn after_a_rewrite_the_journal_goes_on_in_the_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.jsonl");
    let (store, _queue, writer) = open(&path);
    store.lock().compact_at_bytes = 0;
    customer(&store).await;
    let after = customer(&store).await;
    close(store, writer);
    let (store, _queue, _writer) = open(&path);
    assert!(store.read(|state| state.customers.get(&after).is_some()));
}

#[tokio::test]
async fn a_key_is_held_by_one_request_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _queue, _writer) = open(&folder.path().join("sandbox.jsonl"));
    let held = store.hold_key("k1");
    assert!(held.is_some());
    assert!(store.hold_key("k1").is_none());
    assert!(store.hold_key("k2").is_some());
    drop(held);
    assert!(store.hold_key("k1").is_some());
}

#[tokio::test]
async fn only_events_that_nobody_answered_are_queued_again() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut queue, _writer) = open(&folder.path().join("sandbox.jsonl"));
    customer(&store).await;
    customer(&store).await;
    let first = queue.try_recv().unwrap().way.event;
    let second = queue.try_recv().unwrap().way.event;
    store.end_delivery(&first, Delivery::Delivered);
    store.requeue_pending();
    assert_eq!(queue.try_recv().unwrap().way.event, second);
    assert!(queue.try_recv().is_err());
}

#[test]
fn a_session_expires_by_itself_at_its_second_and_says_so() {
    let mut state = stocked();
    let origin = Origin::default();
    let encoded =
        b"line_items[0][price]=price_lifetime&line_items[0][quantity]=1&success_url=http://a.example&expires_at=1800";
    let mut params = Params::new(form::parse(encoded).unwrap());
    let mut change = Change::new(&mut state, 0, &origin, Forwarding::Off);
    let session = create::create(&mut change, &mut params).unwrap();
    let id = session["id"].as_str().unwrap();

    let mut change = Change::new(&mut state, 1_799, &origin, Forwarding::Off);
    agenda::run(&mut change);
    assert_eq!(status(&state, id), SessionStatus::Open);

    let mut change = Change::new(&mut state, 1_800, &origin, Forwarding::Off);
    agenda::run(&mut change);
    agenda::run(&mut change);
    assert_eq!(status(&state, id), SessionStatus::Expired);
    let kinds: Vec<_> = state.events.newest_first().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["checkout.session.expired"]);
}

fn status(state: &State, id: &str) -> SessionStatus {
    let session: &Session = state.sessions.get(id).unwrap();
    session.status
}

#[test]
fn a_snapshot_rebuilds_the_installation_and_the_catalogue() {
    let mut state = stocked();
    state.apply(Record::Installation(Installation {
        account: "acct_1".to_owned(),
        secret_key: "sk_test_1".to_owned(),
        webhook_secret: "whsec_1".to_owned(),
    }));
    let mut rebuilt = State::default();
    for record in state.snapshot() {
        rebuilt.apply(record);
    }
    assert_eq!(rebuilt.installation.unwrap().secret_key, "sk_test_1");
    assert!(rebuilt.prices.get("price_lifetime").is_some());
    assert_eq!(rebuilt.products.newest_first().count(), 5);
}

#[test]
fn events_are_forgotten_after_thirty_days() {
    let mut state = State::default();
    let origin = Origin::default();
    let mut change = Change::new(&mut state, 0, &origin, Forwarding::Off);
    customers::create(&mut change, &mut Params::default()).unwrap();
    state.prune(30 * 86_400 - 1);
    assert_eq!(state.events.newest_first().count(), 1);
    state.prune(30 * 86_400);
    assert_eq!(state.events.newest_first().count(), 0);
}
