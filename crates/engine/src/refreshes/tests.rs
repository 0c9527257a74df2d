use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use settled_domain::ids::{SubscriptionId, UserId};
use settled_domain::mirror::ANSWER_LAG;
use settled_domain::mock::{Ending, Endings, MockStore, MockStripeGateway, MockUnitOfWork};
use settled_domain::ports::{Answer, GatewayError, UnitOfWork};
use settled_domain::refresh_request::{RefreshObject, RefreshReason};
use settled_domain::subscription::{News, Subscription, SubscriptionSnapshot, SubscriptionStatus};
use settled_domain::transition::Cause;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::*;
use crate::examples::{HeldWork, NOW, active_snapshot, away, ports, store_of, until_idle};
use crate::pace::PacedGateway;
use crate::settings::CallSettings;

fn subscription() -> Subscription {
    let user = UserId::new("alice").unwrap();
    Subscription::first(&active_snapshot(), user, News::Updated, NOW, Cause::Webhook, NOW).0
}

fn doubt(id: &str, attempts: u32) -> ClaimedRefresh {
    let object = RefreshObject::Subscription(SubscriptionId::new(id).unwrap());
    ClaimedRefresh {
        object,
        reason: RefreshReason::Doubt,
        generation: 1,
        attempts,
        answered_from: None,
        trusted_from: None,
    }
}

/// A transaction that may take on `limit` entries and finds these.
fn claiming(limit: u32, due: Vec<ClaimedRefresh>) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.refreshes
        .expect_claim_due_refreshes()
        .withf(move |now, until, asked| *now == NOW && *until == NOW + Duration::from_mins(1) && *asked == limit)
        .once()
        .return_once(move |_, _, _| Ok(due));
    work
}

/// A transaction that must end the entry of this subscription.
fn finishing(id: &'static str, endings: &Endings) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::recording(endings);
    work.refreshes.expect_finish_refresh().withf(move |entry| *entry == doubt(id, 0)).once().returning(|_| Ok(()));
    work
}

/// A transaction that must put off the entry, to a time that fits.
fn putting_off(endings: &Endings, fits: impl Fn(OffsetDateTime) -> bool + Send + 'static) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::recording(endings);
    work.refreshes.expect_postpone_refresh().withf(move |_, due_at| fits(*due_at)).once().returning(|_, _| Ok(()));
    work
}

fn boxed(works: impl IntoIterator<Item = MockUnitOfWork>) -> Vec<Box<dyn UnitOfWork>> {
    works.into_iter().map(|work| Box::new(work) as Box<dyn UnitOfWork>).collect()
}

/// A store with these transactions, in which the subscription is held.
fn holding(works: impl IntoIterator<Item = MockUnitOfWork>) -> MockStore {
    let mut store = store_of(boxed(works));
    store.expect_find_subscription().returning(|_| Ok(Some(subscription())));
    store
}

/// A gateway that knows no subscription: a refresh of one that we don't hold either has nothing to write, and is done.
fn unknowing() -> MockStripeGateway {
    let mut gateway = MockStripeGateway::new();
    gateway.expect_fetch_subscription().returning(|_| Ok(None));
    gateway
}

/// A store with these transactions, in which no subscription is held.
fn empty(works: Vec<Box<dyn UnitOfWork>>) -> MockStore {
    let mut store = store_of(works);
    store.expect_find_subscription().returning(|_| Ok(None));
    store
}

fn failing(error: impl Fn() -> GatewayError + Send + Sync + 'static) -> MockStripeGateway {
    let mut gateway = MockStripeGateway::new();
    gateway.expect_fetch_subscription().once().returning(move |_| Err(error()));
    gateway
}

fn start(store: MockStore, gateway: MockStripeGateway, concurrency: u16) -> (CancellationToken, JoinHandle<()>) {
    let stop = CancellationToken::new();
    let settings = RefreshSettings { concurrency: concurrency.try_into().unwrap(), ..RefreshSettings::default() };
    let pace = Arc::new(Pace::new(&CallSettings::default()));
    let ports = ports(store, gateway);
    let paced = Arc::new(PacedGateway::new(Arc::clone(&ports.gateway), Arc::clone(&pace), Arc::clone(&ports.clock)));
    let worker = RefreshWorker::new(Ports { gateway: paced, ..ports }, settings, pace);
    (stop.clone(), tokio::spawn(worker.run(stop)))
}

#[tokio::test(start_paused = true)]
async fn a_due_entry_is_asked_about_and_ended_with_the_answer() {
    let endings = Endings::default();
    let mut writing = finishing("sub_1", &endings);
    writing.subscriptions.expect_find_subscriptions_for_update().returning(|_| Ok(vec![subscription()]));
    let store = holding([claiming(4, vec![doubt("sub_1", 0)]), writing.accepting_the_rest()]);
    let mut gateway = MockStripeGateway::new();
    gateway
        .expect_fetch_subscription()
        .once()
        .returning(|_| Ok(Some(Answer { object: active_snapshot(), as_of: NOW })));
    let _worker = start(store, gateway, 4);
    until_idle().await;
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_contradicts_fresh_news_is_asked_for_again_when_it_can_be_trusted() {
    let endings = Endings::default();
    let fits = |due_at| due_at == NOW + ANSWER_LAG;
    let store = holding([claiming(4, vec![doubt("sub_1", 0)]), putting_off(&endings, fits)]);
    let past_due = SubscriptionSnapshot { status: Some(SubscriptionStatus::PastDue), ..active_snapshot() };
    let mut gateway = MockStripeGateway::new();
    gateway.expect_fetch_subscription().once().return_once(|_| Ok(Some(Answer { object: past_due, as_of: NOW })));
    let _worker = start(store, gateway, 4);
    until_idle().await;
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_the_entry_waits_longer_with_each_attempt() {
    let endings = Endings::default();
    // The fourth failure: 16 s, half of it random.
    let fits = |due_at| (NOW + Duration::from_secs(8)..=NOW + Duration::from_secs(16)).contains(&due_at);
    let store = holding([claiming(4, vec![doubt("sub_1", 3)]), putting_off(&endings, fits)]);
    let _worker = start(store, failing(|| GatewayError::Ambiguous("timeout".into())), 4);
    until_idle().await;
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[tokio::test(start_paused = true)]
async fn an_entry_waits_for_as_long_as_stripe_asks_but_an_hour_at_most() {
    for (asked, waits) in [(120, 120), (1_000_000_000, 3600)] {
        let endings = Endings::default();
        let works = [
            claiming(4, vec![doubt("sub_1", 0)]),
            putting_off(&endings, move |due_at| {
                (NOW + Duration::from_secs(waits)..=NOW + Duration::from_secs(waits + 2)).contains(&due_at)
            }),
        ];
        let patience = move || GatewayError::RateLimited { retry_after: Some(time::Duration::seconds(asked)) };
        let _worker = start(holding(works), failing(patience), 4);
        until_idle().await;
        assert_eq!(endings.all(), [Ending::Committed]);
    }
}

#[tokio::test(start_paused = true)]
async fn while_stripe_asks_to_slow_down_no_entry_is_taken_on() {
    let endings = Endings::default();
    let works = [
        claiming(4, vec![doubt("sub_1", 0), doubt("sub_2", 0)]),
        putting_off(&endings, |due_at| due_at >= NOW + Duration::from_mins(2)),
        putting_off(&endings, |_| true),
        // Not even this may be asked for anything, for two minutes.
        MockUnitOfWork::default(),
    ];
    let patience = || GatewayError::RateLimited { retry_after: Some(time::Duration::minutes(2)) };
    let _worker = start(holding(works), failing(patience), 4);
    sleep(Duration::from_secs(119)).await;
    assert_eq!(endings.all(), [Ending::Committed; 2]);
}

/// A gateway that answers as often as this.
fn answering(times: usize) -> MockStripeGateway {
    let mut gateway = MockStripeGateway::new();
    gateway
        .expect_fetch_subscription()
        .times(times)
        .returning(|_| Ok(Some(Answer { object: active_snapshot(), as_of: NOW })));
    gateway
}

/// A transaction that finds that newer news have come.
fn overtaken(endings: &Endings) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::recording(endings);
    work.customers.expect_find_customers().returning(|_| Ok(Vec::new()));
    work.subscriptions.expect_find_subscriptions_for_update().returning(|_| Ok(Vec::new()));
    work
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_newer_news_have_overtaken_is_asked_for_again() {
    let endings = Endings::default();
    let mut writing = finishing("sub_1", &endings);
    writing.subscriptions.expect_find_subscriptions_for_update().returning(|_| Ok(vec![subscription()]));
    let works = [claiming(4, vec![doubt("sub_1", 0)]), overtaken(&endings), writing.accepting_the_rest()];
    let _worker = start(holding(works), answering(2), 4);
    until_idle().await;
    assert_eq!(endings.all(), [Ending::RolledBack, Ending::Committed]);
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_is_overtaken_three_times_in_a_row_is_put_off() {
    let endings = Endings::default();
    let works = [
        claiming(4, vec![doubt("sub_1", 0)]),
        overtaken(&endings),
        overtaken(&endings),
        overtaken(&endings),
        putting_off(&endings, |due_at| due_at > NOW && due_at <= NOW + Duration::from_secs(2)),
    ];
    let _worker = start(holding(works), answering(3), 4);
    until_idle().await;
    assert_eq!(endings.all()[3..], [Ending::Committed]);
}

#[tokio::test(start_paused = true)]
async fn only_as_many_are_claimed_as_there_are_free_places() {
    let (endings, commits) = (Endings::default(), Arc::new(Semaphore::new(0)));
    let held = |id| Box::new(HeldWork::new(finishing(id, &endings), &commits)) as Box<dyn UnitOfWork>;
    let works: Vec<Box<dyn UnitOfWork>> = vec![
        Box::new(claiming(2, vec![doubt("sub_1", 0), doubt("sub_2", 0)])),
        held("sub_1"),
        held("sub_2"),
        Box::new(claiming(1, vec![doubt("sub_3", 0)])),
        held("sub_3"),
        Box::new(claiming(1, Vec::new())),
    ];
    let _worker = start(empty(works), unknowing(), 2);
    sleep(Duration::from_mins(1)).await;
    assert_eq!(endings.all(), [], "two are under way, and no third was claimed");
    commits.add_permits(1);
    until_idle().await;
    commits.add_permits(1);
    until_idle().await;
    assert_eq!(endings.all(), [Ending::Committed; 2]);
}

/// A store that is asked for due entries and has none, or is away; and how often it was asked.
fn counting(is_away: bool, endings: &Endings) -> (MockStore, Arc<AtomicU32>) {
    let (looks, endings) = (Arc::new(AtomicU32::new(0)), endings.clone());
    let counter = Arc::clone(&looks);
    let mut store = MockStore::new();
    store.expect_begin().returning(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        let mut work = MockUnitOfWork::recording(&endings);
        work.refreshes.expect_claim_due_refreshes().returning(|_, _, _| Ok(Vec::new()));
        if is_away { Err(away()) } else { Ok(Box::new(work)) }
    });
    (store, looks)
}

#[tokio::test(start_paused = true)]
async fn an_empty_queue_is_looked_at_every_second_and_nothing_is_written() {
    let endings = Endings::default();
    let (store, looks) = counting(false, &endings);
    let _worker = start(store, MockStripeGateway::new(), 4);
    sleep(Duration::from_millis(3500)).await;
    assert_eq!(looks.load(Ordering::Relaxed), 4);
    assert_eq!(endings.all(), [Ending::RolledBack; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_is_asked_less_and_less_often() {
    let (store, looks) = counting(true, &Endings::default());
    let _worker = start(store, MockStripeGateway::new(), 4);
    sleep(Duration::from_mins(5)).await;
    assert!((10..=30).contains(&looks.load(Ordering::Relaxed)), "{looks:?} in 5 min");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_panics_does_not_end_the_worker() {
    let endings = Endings::default();
    let mut panicking = MockUnitOfWork::default();
    panicking.refreshes.expect_finish_refresh().returning(|_| panic!("on purpose"));
    let works = [
        claiming(4, vec![doubt("sub_1", 0)]),
        panicking,
        claiming(4, vec![doubt("sub_2", 0)]),
        finishing("sub_2", &endings),
    ];
    let store = empty(boxed(works));
    let _worker = start(store, unknowing(), 4);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_worker_ends_what_is_under_way_and_claims_nothing_more() {
    let (endings, commits) = (Endings::default(), Arc::new(Semaphore::new(0)));
    let works: Vec<Box<dyn UnitOfWork>> = vec![
        Box::new(claiming(4, vec![doubt("sub_1", 0)])),
        Box::new(HeldWork::new(finishing("sub_1", &endings), &commits)),
        // Not even this may be asked for anything.
        Box::new(MockUnitOfWork::default()),
    ];
    let (stop, worker) = start(empty(works), unknowing(), 4);
    until_idle().await;
    stop.cancel();
    sleep(Duration::from_mins(1)).await;
    assert!(!worker.is_finished());
    commits.add_permits(1);
    worker.await.unwrap();
    assert_eq!(endings.all(), [Ending::Committed]);
}
