use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use settled_domain::ids::SessionId;
use settled_domain::mock::{MockStatusRelay, MockStore, MockStripeGateway};
use settled_domain::ports::{RelayedNews, StatusFeed, StatusNews, StatusRelay, StoreError};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::examples::{away, changed, ports, session, until_idle};
use crate::feed::ProcessFeed;
use crate::settings::FeedSettings;

fn news(n: u32) -> StatusNews {
    StatusNews { session_id: session(n), version: 2 }
}

/// A relay that sends when it is let, and hears what the test says.
struct Wire {
    sent: Mutex<Vec<Vec<SessionId>>>,
    sending: Semaphore,
    heard: tokio::sync::Mutex<mpsc::UnboundedReceiver<Result<RelayedNews, StoreError>>>,
}

impl Wire {
    fn new(heard: Vec<Result<RelayedNews, StoreError>>) -> Arc<Self> {
        let (sender, receiver) = mpsc::unbounded_channel();
        for heard in heard {
            sender.send(heard).unwrap();
        }
        Arc::new(Self { sent: Mutex::default(), sending: Semaphore::new(0), heard: tokio::sync::Mutex::new(receiver) })
    }

    fn sent(&self) -> Vec<Vec<SessionId>> {
        self.sent.lock().unwrap().clone()
    }
}

#[async_trait]
impl StatusRelay for Wire {
    async fn send(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        self.sent.lock().unwrap().push(sessions.to_vec());
        self.sending.acquire().await.unwrap().forget();
        Ok(())
    }

    async fn receive(&self) -> Result<RelayedNews, StoreError> {
        match self.heard.lock().await.recv().await {
            Some(heard) => heard,
            None => std::future::pending().await,
        }
    }
}

/// A feed whose news go out through `relay`.
fn sending(relay: Arc<dyn StatusRelay>) -> Relayed {
    let outbox = Arc::new(Outbox::default());
    let stop = CancellationToken::new();
    tokio::spawn(Sender::new(relay, Arc::clone(&outbox), FeedSettings::default()).run(stop.clone()));
    Relayed { feed: ProcessFeed::new(10, stop), outbox }
}

#[tokio::test(start_paused = true)]
async fn what_is_committed_while_news_are_under_way_goes_out_together_and_once() {
    let wire = Wire::new(Vec::new());
    let feed = sending(wire.clone());
    feed.publish(&[news(1)]);
    until_idle().await;
    for n in [3, 2, 3, 2, 3] {
        feed.publish(&[news(n)]);
    }
    until_idle().await;
    assert_eq!(wire.sent(), [vec![session(1)]]);
    wire.sending.add_permits(9);
    until_idle().await;
    assert_eq!(wire.sent(), [vec![session(1)], vec![session(2), session(3)]]);
}

#[tokio::test(start_paused = true)]
async fn news_that_cannot_be_sent_are_dropped_and_later_ones_are_sent() {
    let (sender, mut sent) = mpsc::unbounded_channel();
    let mut relay = MockStatusRelay::new();
    relay.expect_send().once().returning(|_| Err(away()));
    relay.expect_send().returning(move |sessions| {
        sender.send(sessions.to_vec()).unwrap();
        Ok(())
    });
    let feed = sending(Arc::new(relay));
    feed.publish(&[news(1)]);
    until_idle().await;
    feed.publish(&[news(2)]);
    assert_eq!(sent.recv().await.unwrap(), [session(2)]);
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_here_hear_at_once_what_goes_out() {
    let feed = sending(Wire::new(Vec::new()));
    let mut changes = feed.subscribe(&session(1), 1).unwrap();
    feed.publish(&[news(1)]);
    assert_eq!(changes.changed().await, Ok(()));
}

/// Hears these, one after the other, and then nothing.
fn receiving(heard: Vec<Result<RelayedNews, StoreError>>, store: MockStore) -> ProcessFeed {
    let stop = CancellationToken::new();
    let feed = ProcessFeed::new(10, stop.clone());
    let ports = ports(store, MockStripeGateway::new());
    tokio::spawn(Receiver::new(Wire::new(heard), ports, feed.clone(), FeedSettings::default()).run(stop));
    feed
}

#[tokio::test(start_paused = true)]
async fn only_payments_that_somebody_waits_for_here_are_looked_at() {
    let mut store = MockStore::new();
    store
        .expect_list_awaited_payments()
        .withf(|sessions| sessions == [session(2)])
        .once()
        .returning(|_| Ok(vec![changed(2)]));
    let heard = [vec![session(7), session(8)], vec![session(1), session(2), session(9)]];
    let feed = receiving(heard.map(|sessions| Ok(RelayedNews::Of(sessions))).into(), store);
    let mut changes = feed.subscribe(&session(2), 1).unwrap();
    assert_eq!(changes.changed().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn after_news_may_have_been_lost_everybody_is_looked_after() {
    let mut store = MockStore::new();
    store.expect_list_awaited_payments().once().returning(|sessions| {
        assert_eq!(sessions.len(), 2);
        Ok(vec![changed(1), changed(2)])
    });
    let feed = receiving(vec![Ok(RelayedNews::OfAny)], store);
    let (mut first, mut second) = (feed.subscribe(&session(1), 1).unwrap(), feed.subscribe(&session(2), 1).unwrap());
    assert_eq!((first.changed().await, second.changed().await), (Ok(()), Ok(())));
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_was_away_is_heard_again() {
    let mut store = MockStore::new();
    store.expect_list_awaited_payments().returning(|_| Ok(vec![changed(1)]));
    let heard = vec![Err(away()), Err(away()), Ok(RelayedNews::Of(vec![session(1)]))];
    let feed = receiving(heard, store);
    let mut changes = feed.subscribe(&session(1), 1).unwrap();
    let begun = tokio::time::Instant::now();
    assert_eq!(changes.changed().await, Ok(()));
    assert!(begun.elapsed() < Duration::from_secs(30));
}
