//! News between replicas: two relays on one server.

use settled_domain::ids::SessionId;
use settled_domain::ports::{RelayedNews, StatusRelay};
use settled_postgres::{PgSettings, PgStatusRelay, PgStore};

use crate::harness::TestDatabase;

fn sessions(numbers: std::ops::Range<u32>) -> Vec<SessionId> {
    numbers.map(|n| SessionId::new(format!("cs_test_{n:0>60}")).unwrap()).collect()
}

/// A relay that listens already.
async fn relay(store: &PgStore) -> PgStatusRelay {
    let relay = store.status_relay(&PgSettings::default());
    assert_eq!(relay.receive().await.unwrap(), RelayedNews::OfAny, "what was told before is lost");
    relay
}

#[tokio::test]
async fn what_one_replica_tells_the_others_hear_and_it_does_not_hear_itself() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let (one, other) = (relay(&store).await, relay(&store).await);
    one.send(&sessions(0..3)).await.unwrap();
    assert_eq!(other.receive().await.unwrap(), RelayedNews::Of(sessions(0..3)));
    // News come in the order in which they were told, so its own would be first.
    other.send(&sessions(3..4)).await.unwrap();
    assert_eq!(one.receive().await.unwrap(), RelayedNews::Of(sessions(3..4)));
}

#[tokio::test]
async fn news_of_more_payments_than_one_notification_holds_all_arrive_in_order() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let (one, other) = (relay(&store).await, relay(&store).await);
    one.send(&sessions(0..1_000)).await.unwrap();
    let mut heard = Vec::new();
    while heard.len() < 1_000 {
        match other.receive().await.unwrap() {
            RelayedNews::Of(sessions) => heard.extend(sessions),
            RelayedNews::OfAny => panic!("nothing was lost"),
        }
    }
    assert_eq!(heard, sessions(0..1_000));
}

#[tokio::test]
async fn after_the_connections_were_cut_it_is_said_that_news_may_be_lost_and_then_they_come_again() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let (one, other) = (relay(&store).await, relay(&store).await);
    one.send(&sessions(0..1)).await.unwrap();
    assert_eq!(other.receive().await.unwrap(), RelayedNews::Of(sessions(0..1)));
    assert!(database.cut_connections().await > 0);
    let heard = loop {
        if let Ok(heard) = other.receive().await {
            break heard;
        }
    };
    assert_eq!(heard, RelayedNews::OfAny);
    one.send(&sessions(1..2)).await.unwrap();
    assert_eq!(other.receive().await.unwrap(), RelayedNews::Of(sessions(1..2)));
}

#[tokio::test]
async fn nonsense_on_the_channel_is_news_of_nothing() {
    let database = TestDatabase::migrated().await;
    let other = relay(&database.store().await).await;
    database.execute("NOTIFY settled_status, 'DROP TABLE payments; cs_<script>'").await;
    assert_eq!(other.receive().await.unwrap(), RelayedNews::Of(Vec::new()));
}
