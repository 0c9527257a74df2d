//! `GET /api/payment-status?wait=…`

use std::sync::Arc;
use std::time::Duration;

use settled_domain::mock::MockStatusFeed;
use settled_domain::payment::PaymentStatus::{Pending, Processing, Succeeded};
use settled_domain::ports::FeedError;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::app::{App, Backend, Reply};
use crate::rows;
use crate::watched::{at, backend, resting};

const ASKED: &str = "/api/payment-status?session_id=cs_test_1&wait=30";

fn ask(app: &Arc<App>, uri: &'static str) -> JoinHandle<Reply> {
    let app = Arc::clone(app);
    tokio::spawn(async move { app.get(uri).await })
}

/// Time is paused: this moves it on by nothing that anybody waits for.
async fn until_idle() {
    tokio::time::sleep(Duration::from_nanos(1)).await;
}

#[tokio::test(start_paused = true)]
async fn the_answer_comes_when_the_payment_leaves_pending_and_not_before() {
    let states = [Ok(at(Pending, 2)), Ok(at(Pending, 2)), Ok(at(Pending, 3)), Ok(at(Processing, 4))];
    let (backend, bell) = backend(states.into());
    let waiting = ask(&Arc::new(backend.app()), ASKED);
    until_idle().await;
    bell.ring();
    until_idle().await;
    assert!(!waiting.is_finished(), "another version, but still pending");
    bell.ring();
    assert_eq!(waiting.await.unwrap().json()["status"], "processing");
}

#[tokio::test(start_paused = true)]
async fn a_payment_that_is_not_pending_is_answered_at_once() {
    for status in [Processing, Succeeded] {
        let begun = Instant::now();
        let reply = resting(status).0.app().get(ASKED).await;
        assert_eq!(reply.json()["status"], status.as_str());
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn when_the_time_is_up_the_answer_is_what_is_known() {
    for (wait, seconds) in [("30", 30), ("7", 7), ("0", 0)] {
        let begun = Instant::now();
        let uri = format!("/api/payment-status?session_id=cs_test_1&wait={wait}");
        let reply = resting(Pending).0.app().get(&uri).await;
        assert_eq!((reply.status.as_u16(), reply.json()["status"].as_str()), (200, Some("pending")));
        assert_eq!(begun.elapsed().as_secs(), seconds);
    }
}

#[tokio::test]
async fn any_other_wait_is_400() {
    for wait in ["abc", "999", "31", "-1", "1.5", "1s", "", "%2B5", "%205", "18446744073709551616", "0x1"] {
        let reply = Backend::default().app().get(&format!("/api/payment-status?session_id=cs_1&wait={wait}")).await;
        assert_eq!(reply.problem(), (400, "invalid_request".into()), "{wait}");
        assert_eq!(reply.detail(), "wait is not a whole number of seconds from 0 to 30", "{wait}");
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_session_is_404_without_any_wait() {
    let app = resting(Pending).0.app();
    let begun = Instant::now();
    let request = axum::http::Request::get(ASKED)
        .header("authorization", format!("Bearer {}", crate::app::token_of("mallory")))
        .body(axum::body::Body::empty());
    assert_eq!(app.send(request.unwrap()).await.problem(), (404, "payment_not_found".into()));
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_stops_answers_with_what_it_knows() {
    let app = Arc::new(resting(Pending).0.app());
    let waiting = ask(&app, ASKED);
    until_idle().await;
    app.readiness.drain();
    assert_eq!(waiting.await.unwrap().json()["status"], "pending");

    let (backend, bell) = resting(Pending);
    let waiting = ask(&Arc::new(backend.app()), ASKED);
    until_idle().await;
    bell.stop();
    assert_eq!(waiting.await.unwrap().json()["status"], "pending");
}

#[tokio::test(start_paused = true)]
async fn a_database_that_fails_while_somebody_waits_is_503() {
    let (backend, bell) =
        backend(vec![Ok(at(Pending, 2)), Ok(at(Pending, 2)), Err(rows::database_away()), Ok(at(Succeeded, 3))]);
    let app = Arc::new(backend.app());
    let waiting = ask(&app, ASKED);
    until_idle().await;
    bell.ring();
    assert_eq!(waiting.await.unwrap().problem(), (503, "database_unavailable".into()));
    assert_eq!(app.get(ASKED).await.json()["status"], "succeeded");
}

#[tokio::test(start_paused = true)]
async fn one_user_may_wait_ten_times_at_once_and_the_next_is_429() {
    let (backend, bell) = resting(Pending);
    let app = Arc::new(backend.app());
    let waiting: Vec<_> = (0..10).map(|_| ask(&app, ASKED)).collect();
    until_idle().await;
    let refused = app.get(ASKED).await;
    assert_eq!(refused.problem(), (429, "too_many_waiting".into()));
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert_eq!(app.get("/api/payment-status?session_id=cs_test_1").await.status, 200, "asking is always allowed");
    bell.stop();
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap().status, 200);
    }
    assert_eq!(app.get(ASKED).await.status, 200, "the places are free again");
}

#[tokio::test]
async fn a_process_in_which_too_many_wait_is_503() {
    let mut feed = MockStatusFeed::new();
    feed.expect_subscribe().returning(|_, _| Err(FeedError::Full));
    let backend = Backend { feed: Arc::new(feed), ..resting(Pending).0 };
    let refused = backend.app().get(ASKED).await;
    assert_eq!(refused.problem(), (503, "unavailable".into()));
    assert_eq!(refused.header("retry-after"), Some("5"));
}
