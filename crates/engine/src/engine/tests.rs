use settled_domain::event::EventContent;
use settled_domain::ids::PaymentId;
use settled_domain::mock::{Ending, Endings, MockStore, MockStripeGateway, MockUnitOfWork};
use settled_domain::ports::{IntakeError, UnitOfWork};
use settled_domain::settlement::{IgnoreReason, Outcome};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::*;
use crate::examples::{HeldWork, event, home, ports, until_idle};

const DEADLINE: Duration = Duration::from_secs(10);

/// An engine whose transactions need a permit to commit, and in which nothing else is to be done.
fn engine(commits: &Arc<Semaphore>, endings: &Endings) -> Engine {
    let (commits, endings) = (Arc::clone(commits), endings.clone());
    let mut store = MockStore::new();
    store.expect_list_payments_left_creating().returning(|_, _| Ok(Vec::new()));
    store.expect_claim_sweep().returning(|_, _, _| Ok(None));
    store.expect_begin().returning(move || {
        let mut work = MockUnitOfWork::recording(&endings);
        work.refreshes.expect_claim_due_refreshes().returning(|_, _, _| Ok(Vec::new()));
        Ok(Box::new(HeldWork::new(work.accepting_the_rest(), &commits)) as Box<dyn UnitOfWork>)
    });
    Engine::start(ports(store, MockStripeGateway::new()), home(), EngineSettings::default())
}

fn committed(endings: &Endings) -> usize {
    endings.all().iter().filter(|ending| **ending == Ending::Committed).count()
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_finishes_what_was_accepted_and_refuses_the_rest() {
    let (commits, endings) = (Arc::new(Semaphore::new(0)), Endings::default());
    let engine = engine(&commits, &endings);
    let intake = engine.intake();
    let submitter = Arc::clone(&intake);
    let accepted = tokio::spawn(async move { submitter.submit(event("evt_1", EventContent::Unhandled)).await });
    until_idle().await;
    let shutdown = tokio::spawn(engine.shutdown(DEADLINE));
    until_idle().await;
    assert!(!shutdown.is_finished());
    let refused = intake.submit(event("evt_2", EventContent::Unhandled)).await;
    assert!(matches!(refused, Err(IntakeError::Stopping)));
    commits.add_permits(1);
    assert_eq!(shutdown.await.unwrap(), Shutdown::Complete);
    assert_eq!(accepted.await.unwrap().unwrap(), Outcome::Ignored(IgnoreReason::UnhandledType));
    assert_eq!(committed(&endings), 1);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_at_its_deadline() {
    let (commits, endings) = (Arc::new(Semaphore::new(0)), Endings::default());
    let engine = engine(&commits, &endings);
    let intake = engine.intake();
    let accepted = tokio::spawn(async move { intake.submit(event("evt_1", EventContent::Unhandled)).await });
    until_idle().await;
    assert_eq!(engine.shutdown(DEADLINE).await, Shutdown::CutShort);
    assert!(matches!(accepted.await.unwrap(), Err(IntakeError::Abandoned)));
    assert_eq!(committed(&endings), 0);
}

#[tokio::test(start_paused = true)]
async fn an_idle_engine_stops_at_once() {
    let engine = engine(&Arc::new(Semaphore::new(0)), &Endings::default());
    until_idle().await;
    assert_eq!(engine.shutdown(Duration::from_millis(1)).await, Shutdown::Complete);
}

#[tokio::test(start_paused = true)]
async fn a_payment_left_creating_ends_in_the_hands_of_the_refresh_worker() {
    let left = PaymentId::from_uuid(Uuid::from_u128(1));
    let (looked, mut store) = (Arc::new(Semaphore::new(0)), MockStore::new());
    let finished = Arc::clone(&looked);
    store.expect_list_payments_left_creating().returning(move |_, _| Ok(vec![left]));
    store.expect_claim_sweep().returning(|_, _, _| Ok(None));
    store.expect_find_payment().withf(move |id| *id == left).returning(|_| Ok(None));
    let queue = Arc::new(std::sync::Mutex::new(Vec::new()));
    store.expect_begin().returning(move || {
        let mut work = MockUnitOfWork::default();
        let (requested, claimed, finished) = (Arc::clone(&queue), Arc::clone(&queue), Arc::clone(&finished));
        work.refreshes.expect_request_refreshes().returning(move |requests| {
            requested.lock().unwrap().extend(requests.to_vec());
            Ok(())
        });
        work.refreshes.expect_claim_due_refreshes().returning(move |_, _, _| {
            let due = claimed.lock().unwrap().drain(..).map(crate::examples::claimed).collect();
            Ok(due)
        });
        work.refreshes.expect_finish_refresh().returning(move |_| {
            finished.add_permits(1);
            Ok(())
        });
        Ok(Box::new(work))
    });
    let engine = Engine::start(ports(store, MockStripeGateway::new()), home(), EngineSettings::default());
    looked.acquire().await.unwrap().forget();
    assert_eq!(engine.shutdown(DEADLINE).await, Shutdown::Complete);
}
