use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use settled_domain::event::EventContent;
use settled_domain::mock::{Ending, Endings, MockStore, MockUnitOfWork};
use settled_domain::ports::{Claim, StoreError};
use settled_domain::settlement::{IgnoreReason, ParkReason};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::*;
use crate::examples::{HeldWork, away, clock, conflict, event, home, refused, until_idle};

const IGNORED: Result<Outcome, &str> = Ok(Outcome::Ignored(IgnoreReason::UnhandledType));
const FULL: Result<Outcome, &str> = Err("too many webhooks are waiting");
const STOPPING: Result<Outcome, &str> = Err("the process is stopping");
const NOT_COMMITTED: Result<Outcome, &str> = Err("the database could not commit the webhook");
const ABANDONED: Result<Outcome, &str> = Err("the webhook was abandoned");

/// What the transactions of a test were given, how they ended, and how many more of them may commit.
#[derive(Clone)]
struct Transactions {
    claimed: Arc<Mutex<Vec<Vec<String>>>>,
    endings: Endings,
    commits: Arc<Semaphore>,
}

impl Transactions {
    /// Transactions that commit when [`Self::let_commit`] lets them.
    fn held() -> Self {
        Self { claimed: Arc::default(), endings: Endings::default(), commits: Arc::new(Semaphore::new(0)) }
    }

    /// Transactions that commit at once.
    fn free() -> Self {
        let transactions = Self::held();
        transactions.let_commit(1000);
        transactions
    }

    fn let_commit(&self, number: usize) {
        self.commits.add_permits(number);
    }

    /// The ids of the events that each transaction was given.
    fn claimed(&self) -> Vec<Vec<String>> {
        self.claimed.lock().unwrap().clone()
    }

    /// A store in which writing the effects of these events ends like this.
    fn store(&self, write: impl Fn(&[String]) -> Result<(), StoreError> + Send + Sync + 'static) -> MockStore {
        let (transactions, write) = (self.clone(), Arc::new(write));
        let mut store = MockStore::new();
        store.expect_begin().returning(move || Ok(Box::new(transactions.work(Arc::clone(&write)))));
        store
    }

    fn work(&self, write: Arc<impl Fn(&[String]) -> Result<(), StoreError> + Send + Sync + 'static>) -> HeldWork {
        let mut work = MockUnitOfWork::recording(&self.endings);
        let claimed = Arc::clone(&self.claimed);
        work.webhooks.expect_mark_webhooks_processed().returning(move |rows| {
            claimed.lock().unwrap().push(rows.iter().map(|row| row.id.to_string()).collect());
            Ok(vec![Claim::Fresh; rows.len()])
        });
        let claimed = Arc::clone(&self.claimed);
        work.transitions.expect_record_transitions().returning(move |_| {
            let ids = claimed.lock().unwrap().last().cloned().unwrap_or_default();
            write(&ids)
        });
        HeldWork::new(work.accepting_the_rest(), &self.commits)
    }
}

fn intake(store: MockStore, settings: &IntakeSettings) -> (Arc<BatchingIntake>, JoinHandle<()>) {
    let (intake, writer) = BatchingIntake::new(Arc::new(store), Arc::new(clock()), home(), settings);
    (Arc::new(intake), tokio::spawn(writer))
}

/// The intake over such transactions, where every write succeeds.
fn intake_over(transactions: &Transactions) -> Arc<BatchingIntake> {
    intake(transactions.store(|_| Ok(())), &IntakeSettings::default()).0
}

fn submit_event(intake: &Arc<BatchingIntake>, event: WebhookEvent) -> JoinHandle<Answer> {
    let intake = Arc::clone(intake);
    tokio::spawn(async move { intake.submit(event).await })
}

/// Submits an event for each of these ids, in this order.
fn submit(intake: &Arc<BatchingIntake>, ids: &[&str]) -> Vec<JoinHandle<Answer>> {
    ids.iter().map(|id| submit_event(intake, event(id, EventContent::Unhandled))).collect()
}

async fn answers(submitters: Vec<JoinHandle<Answer>>) -> Vec<Result<Outcome, String>> {
    let mut answers = Vec::new();
    for submitter in submitters {
        answers.push(submitter.await.unwrap().map_err(|error| error.to_string()));
    }
    answers
}

fn expected(answers: &[Result<Outcome, &str>]) -> Vec<Result<Outcome, String>> {
    answers.iter().map(|answer| answer.map_err(str::to_owned)).collect()
}

fn has(ids: &[String], id: &str) -> bool {
    ids.iter().any(|one| one == id)
}

#[tokio::test(start_paused = true)]
async fn what_queues_while_a_commit_is_in_flight_is_committed_together() {
    let transactions = Transactions::held();
    let intake = intake_over(&transactions);
    let mut submitters = submit(&intake, &["evt_1"]);
    until_idle().await;
    submitters.extend(submit(&intake, &["evt_2", "evt_3", "evt_4"]));
    until_idle().await;
    transactions.let_commit(2);
    assert_eq!(answers(submitters).await, expected(&[IGNORED; 4]));
    assert_eq!(transactions.claimed(), [vec!["evt_1"], vec!["evt_2", "evt_3", "evt_4"]]);
    assert_eq!(transactions.endings.all(), [Ending::Committed; 2]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_finds_the_writer_idle_is_committed_without_delay() {
    let intake = intake_over(&Transactions::free());
    let begun = Instant::now();
    assert_eq!(answers(submit(&intake, &["evt_1"])).await, expected(&[IGNORED]));
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_never_larger_than_its_limit() {
    let transactions = Transactions::held();
    let settings = IntakeSettings { batch_limit: 2.try_into().unwrap(), ..IntakeSettings::default() };
    let (intake, _writer) = intake(transactions.store(|_| Ok(())), &settings);
    let mut submitters = submit(&intake, &["evt_1"]);
    until_idle().await;
    submitters.extend(submit(&intake, &["evt_2", "evt_3", "evt_4", "evt_5", "evt_6"]));
    until_idle().await;
    transactions.let_commit(4);
    assert_eq!(answers(submitters).await, expected(&[IGNORED; 6]));
    let batches = [vec!["evt_1"], vec!["evt_2", "evt_3"], vec!["evt_4", "evt_5"], vec!["evt_6"]];
    assert_eq!(transactions.claimed(), batches);
}

#[tokio::test(start_paused = true)]
async fn each_submitter_hears_the_outcome_of_its_own_event() {
    let transactions = Transactions::held();
    let intake = intake_over(&transactions);
    let mut submitters = submit(&intake, &["evt_1"]);
    until_idle().await;
    let live = WebhookEvent { livemode: Some(true), ..event("evt_2", EventContent::Unhandled) };
    submitters.push(submit_event(&intake, event("evt_3", EventContent::Unreadable(ParkReason::UnreadableObject))));
    submitters.push(submit_event(&intake, live));
    submitters.extend(submit(&intake, &["evt_9", "evt_9"]));
    until_idle().await;
    transactions.let_commit(2);
    let own = [
        IGNORED,
        Ok(Outcome::Parked(ParkReason::UnreadableObject)),
        Ok(Outcome::Ignored(IgnoreReason::OtherMode)),
        IGNORED,
        Ok(Outcome::Duplicate),
    ];
    assert_eq!(answers(submitters).await, expected(&own));
    assert_eq!(transactions.claimed()[1], ["evt_2", "evt_3", "evt_9"]);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_answered_before_the_commit_not_even_the_second_copy_of_an_event() {
    let transactions = Transactions::held();
    let intake = intake_over(&transactions);
    let first = submit(&intake, &["evt_1"]);
    until_idle().await;
    let copies = submit(&intake, &["evt_2", "evt_2"]);
    until_idle().await;
    assert!(!first[0].is_finished());
    transactions.let_commit(1);
    until_idle().await;
    assert!(first[0].is_finished());
    assert_eq!(transactions.claimed().len(), 2);
    assert!(copies.iter().all(|copy| !copy.is_finished()));
    transactions.let_commit(1);
    assert_eq!(answers(copies).await, expected(&[IGNORED, Ok(Outcome::Duplicate)]));
}

#[tokio::test(start_paused = true)]
async fn how_many_wait_and_how_many_were_taken_together_is_told() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let told = |line: &str| recorder.handle().render().lines().any(|it| it == line);
    let transactions = Transactions::held();
    let intake = intake_over(&transactions);
    let mut submitters = submit(&intake, &["evt_1"]);
    until_idle().await;
    submitters.extend(submit(&intake, &["evt_2", "evt_3", "evt_4"]));
    until_idle().await;
    assert!(told("settled_webhooks_waiting 3"));
    transactions.let_commit(2);
    answers(submitters).await;
    until_idle().await;
    assert!(told("settled_webhooks_waiting 0"));
    assert!(told("settled_webhook_batch_events_sum 4") && told("settled_webhook_batch_events_count 2"));
    assert!(told("settled_webhook_batch_seconds_count 2"));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_at_once_and_forgets_nobody() {
    let transactions = Transactions::held();
    let settings = IntakeSettings { capacity: 2.try_into().unwrap(), ..IntakeSettings::default() };
    let (intake, _writer) = intake(transactions.store(|_| Ok(())), &settings);
    let mut submitters = submit(&intake, &["evt_1"]);
    until_idle().await;
    submitters.extend(submit(&intake, &["evt_2", "evt_3"]));
    assert_eq!(answers(submit(&intake, &["evt_4"])).await, expected(&[FULL]));
    assert!(matches!(intake.admit(), Err(IntakeError::Full)));
    transactions.let_commit(3);
    assert_eq!(answers(submitters).await, expected(&[IGNORED; 3]));
    assert!(intake.admit().is_ok());
    assert_eq!(answers(submit(&intake, &["evt_4"])).await, expected(&[IGNORED]), "there is room again");
}

/// Three events that are submitted while the writer is idle: they form one batch.
fn submit_together(intake: &Arc<BatchingIntake>) -> Vec<JoinHandle<Answer>> {
    submit(intake, &["evt_1", "evt_2", "evt_3"])
}

#[tokio::test(start_paused = true)]
async fn a_conflict_runs_the_whole_batch_again() {
    let transactions = Transactions::free();
    let failures = AtomicU32::new(2);
    let store = transactions.store(move |_| {
        let left = failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_ok() { Err(conflict()) } else { Ok(()) }
    });
    let (intake, _writer) = intake(store, &IntakeSettings::default());
    assert_eq!(answers(submit_together(&intake)).await, expected(&[IGNORED; 3]));
    assert_eq!(transactions.claimed(), vec![["evt_1", "evt_2", "evt_3"]; 3]);
    assert_eq!(transactions.endings.all(), [Ending::RolledBack, Ending::RolledBack, Ending::Committed]);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_stays_away_is_an_error_to_all_in_good_time() {
    let transactions = Transactions::free();
    let (intake, _writer) = intake(transactions.store(|_| Err(away())), &IntakeSettings::default());
    let begun = Instant::now();
    let submitters = submit_together(&intake);
    for submitter in submitters {
        let error = submitter.await.unwrap().unwrap_err();
        assert!(matches!(error, IntakeError::Store(StoreError::Unavailable(_))), "{error:?}");
    }
    assert!(begun.elapsed() > Duration::from_secs(1), "it was tried again");
    assert!(begun.elapsed() <= Duration::from_secs(3));
    assert!(!transactions.endings.all().contains(&Ending::Committed));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_the_database_refuses_is_parked_alone() {
    let transactions = Transactions::free();
    let store = transactions.store(|ids| if has(ids, "evt_2") { Err(refused()) } else { Ok(()) });
    let (intake, _writer) = intake(store, &IntakeSettings::default());
    let parked = Ok(Outcome::Parked(ParkReason::NotStorable));
    assert_eq!(answers(submit_together(&intake)).await, expected(&[IGNORED, parked, IGNORED]));
    // Together; the first; the second, and again to park it; the third.
    let alone = [vec!["evt_1", "evt_2", "evt_3"], vec!["evt_1"], vec!["evt_2"], vec!["evt_2"], vec!["evt_3"]];
    assert_eq!(transactions.claimed(), alone);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_cannot_even_be_parked_is_an_error() {
    let mut store = MockStore::new();
    store.expect_begin().returning(|| {
        let mut work = MockUnitOfWork::default();
        work.webhooks.expect_mark_webhooks_processed().returning(|_| Err(refused()));
        Ok(Box::new(work))
    });
    let (intake, _writer) = intake(store, &IntakeSettings::default());
    assert_eq!(answers(submit(&intake, &["evt_1"])).await, expected(&[NOT_COMMITTED]));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_always_in_conflict_does_not_hold_up_its_neighbours() {
    let transactions = Transactions::free();
    let store = transactions.store(|ids| if has(ids, "evt_2") { Err(conflict()) } else { Ok(()) });
    let (intake, _writer) = intake(store, &IntakeSettings::default());
    let begun = Instant::now();
    let (first, rest) = (vec![submit(&intake, &["evt_1"]).remove(0)], submit(&intake, &["evt_3", "evt_2", "evt_4"]));
    assert_eq!(answers(first).await, expected(&[IGNORED]));
    assert_eq!(answers(rest).await[..2], expected(&[IGNORED, NOT_COMMITTED]));
    assert!(begun.elapsed() <= Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn when_the_database_goes_away_in_between_the_rest_is_not_tried() {
    let transactions = Transactions::free();
    let store = transactions.store(|ids| match ids {
        [_, ..] if ids.len() > 1 => Err(refused()),
        ids if has(ids, "evt_2") => Err(away()),
        _ => Ok(()),
    });
    let (intake, _writer) = intake(store, &IntakeSettings::default());
    let outcomes = answers(submit_together(&intake)).await;
    assert_eq!(outcomes, expected(&[IGNORED, NOT_COMMITTED, NOT_COMMITTED]));
    assert!(!transactions.claimed().contains(&vec!["evt_3".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_panics_is_abandoned_and_the_others_are_committed() {
    let transactions = Transactions::free();
    let store = transactions.store(|ids| {
        assert!(!has(ids, "evt_2"), "a panic on purpose");
        Ok(())
    });
    let (intake, _writer) = intake(store, &IntakeSettings::default());
    assert_eq!(answers(submit_together(&intake)).await, expected(&[IGNORED, ABANDONED, IGNORED]));
    assert_eq!(answers(submit(&intake, &["evt_4"])).await, expected(&[IGNORED]));
}

#[tokio::test(start_paused = true)]
async fn a_stopping_intake_finishes_what_it_accepted_and_refuses_the_rest() {
    let transactions = Transactions::held();
    let (intake, writer) = intake(transactions.store(|_| Ok(())), &IntakeSettings::default());
    let mut submitters = submit(&intake, &["evt_1"]);
    until_idle().await;
    submitters.extend(submit(&intake, &["evt_2", "evt_3"]));
    until_idle().await;
    intake.stop();
    assert_eq!(answers(submit(&intake, &["evt_4"])).await, expected(&[STOPPING]));
    assert!(!writer.is_finished());
    transactions.let_commit(2);
    assert_eq!(answers(submitters).await, expected(&[IGNORED; 3]));
    writer.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_intake_whose_writer_is_gone_abandons_instead_of_waiting() {
    let (intake, writer) = intake(MockStore::new(), &IntakeSettings::default());
    writer.abort();
    assert!(writer.await.unwrap_err().is_cancelled());
    assert_eq!(answers(submit(&intake, &["evt_1"])).await, expected(&[ABANDONED]));
}

#[tokio::test(start_paused = true)]
async fn a_submitter_that_goes_away_disturbs_nobody_and_its_event_is_committed() {
    let transactions = Transactions::held();
    let intake = intake_over(&transactions);
    let first = submit(&intake, &["evt_1"]);
    until_idle().await;
    let mut rest = submit(&intake, &["evt_2", "evt_3"]);
    until_idle().await;
    rest.remove(0).abort();
    transactions.let_commit(2);
    assert_eq!(answers(first).await, expected(&[IGNORED]));
    assert_eq!(answers(rest).await, expected(&[IGNORED]));
    assert_eq!(transactions.claimed()[1], ["evt_2", "evt_3"]);
}
