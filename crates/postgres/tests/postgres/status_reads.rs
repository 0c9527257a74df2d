//! Status requests that are answered together.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use settled_domain::ids::{SessionId, UserId};
use settled_domain::ports::{Store, StoreError, UnitOfWork};
use settled_postgres::{PgSettings, PgStore};
use settled_store_contract::examples;
use tokio::task::unconstrained;

use crate::harness::{Proxy, TestDatabase};

/// The user and the session of payment `n`.
type Asked = (UserId, SessionId);

fn asked(n: u128) -> Asked {
    examples::payment_of_a_session(n)
}

/// The sessions of the payments that were found. All have asked before anybody is answered: nothing makes the task of this
/// pause in the middle.
async fn read(store: &PgStore, questions: &[Asked]) -> Vec<Option<SessionId>> {
    let reads = questions.iter().map(|(user, session)| store.get_payment_status_by_session_id(user, session));
    let found = unconstrained(join_all(reads)).await.into_iter().map(Result::unwrap);
    found.map(|payment| payment.and_then(|payment| payment.record().session_id.clone())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_requests_at_once_take_three_statements() {
    let database = TestDatabase::migrated().await;
    let proxy = Proxy::before(database.options()).await;
    let settings = PgSettings { max_connections: 1, ..Default::default() };
    let store = PgStore::open_with(proxy.url(), &settings).await.unwrap();
    examples::payments_and_their_events(&store, 1..=100).await.unwrap();
    let questions: Vec<Asked> = (1..=100).map(asked).collect();
    read(&store, &questions[..1]).await;
    let before = proxy.statements();
    let found = read(&store, &questions).await;
    // The first two find a turn free, and the third asks for all the others.
    assert_eq!(proxy.statements() - before, 3);
    let own: Vec<_> = questions.into_iter().map(|(_, session)| Some(session)).collect();
    assert_eq!(found, own);
}

#[tokio::test]
async fn everybody_hears_of_their_own_payment_and_of_no_other() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    examples::payments_and_their_events(&store, 1..=4).await.unwrap();
    let mallory = UserId::new("mallory").unwrap();
    let own = |n| Some(asked(n).1);
    let (asked_by_another, unknown) = ((mallory.clone(), asked(3).1), asked(9));
    let questions =
        [asked(1), asked(2), asked_by_another.clone(), asked(3), unknown, asked(3), asked_by_another, asked(4)];
    let expected = [own(1), own(2), None, own(3), None, own(3), None, own(4)];
    assert_eq!(read(&store, &questions).await, expected);
}

/// A store whose one connection is taken, and what gives it back. How long the store waits for it.
async fn busy(database: &TestDatabase, acquire_timeout: Duration) -> (PgStore, Box<dyn UnitOfWork>) {
    let settings = PgSettings { max_connections: 1, acquire_timeout, ..Default::default() };
    let store = database.store_with(&settings).await;
    examples::payments_and_their_events(&store, 1..=9).await.unwrap();
    let work = store.begin().await.unwrap();
    (store, work)
}

#[tokio::test]
async fn whoever_goes_away_while_asking_for_others_does_not_take_their_answers_along() {
    let database = TestDatabase::migrated().await;
    let (store, work) = busy(&database, Duration::from_mins(1)).await;
    let readers: Vec<_> = (1..=9)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { read(&store, &[asked(n)]).await })
        })
        .collect();
    tokio::task::yield_now().await;
    // These two have the turns. The next two have them then, and the questions of all the others.
    for gone in [0..2, 2..4] {
        readers[gone].iter().for_each(tokio::task::JoinHandle::abort);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    work.rollback().await.unwrap();
    for (n, reader) in (1..).zip(readers).skip(4) {
        assert_eq!(reader.await.unwrap(), [Some(asked(n).1)]);
    }
}

#[tokio::test]
async fn all_who_wait_hear_at_once_that_the_database_is_away() {
    let database = TestDatabase::migrated().await;
    let (store, work) = busy(&database, Duration::from_millis(500)).await;
    let questions: Vec<Asked> = (1..=300).map(asked).collect();
    let mut reads: FuturesUnordered<_> =
        questions.iter().map(|(user, session)| store.get_payment_status_by_session_id(user, session)).collect();
    let first = unconstrained(reads.next()).await.unwrap();
    assert!(matches!(first, Err(StoreError::Unavailable(_))), "{first:?}");
    // From now on it is there again, and who had to ask for themselves would be told so.
    work.rollback().await.unwrap();
    let others: Vec<_> = reads.collect().await;
    // But for the one who had the other turn.
    let away = others.iter().filter(|answer| matches!(answer, Err(StoreError::Unavailable(_)))).count();
    assert!(away >= 298, "{away} of {}", others.len());
}

#[tokio::test]
async fn no_more_than_ten_thousand_may_wait() {
    let database = TestDatabase::migrated().await;
    let (store, work) = busy(&database, Duration::from_mins(1)).await;
    let (user, session) = asked(1);
    let mut reads: FuturesUnordered<_> =
        (0..10_003).map(|_| store.get_payment_status_by_session_id(&user, &session)).collect();
    // Two have the turns, and ten thousand wait.
    let refused = reads.next().await.unwrap();
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    work.rollback().await.unwrap();
    let others: Vec<_> = reads.collect().await;
    assert!(others.len() == 10_002 && others.iter().all(|answer| matches!(answer, Ok(Some(_)))));
}
