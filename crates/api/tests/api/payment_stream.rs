//! `GET /api/payment-status/stream`

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, header};
use futures_util::StreamExt;
use settled_api::{RateLimits, token};
use settled_domain::ids::UserId;
use settled_domain::mock::MockStatusFeed;
use settled_domain::payment::PaymentStatus::{Pending, Processing, Succeeded};
use settled_domain::ports::FeedError;
use tokio::time::Instant;
use tower::ServiceExt;

use crate::app::{App, Backend, NOW, auth, by_alice, config};
use crate::rows;
use crate::watched::{at, backend, resting};

const ASKED: &str = "/api/payment-status/stream?session_id=cs_test_1";

/// What comes out of a stream, piece by piece.
struct Heard(BodyDataStream);

impl Heard {
    async fn next(&mut self) -> Option<String> {
        let piece = self.0.next().await?;
        Some(String::from_utf8(piece.unwrap().to_vec()).unwrap())
    }

    /// The fields of the next event: its id, its status, and the hint for the next connection.
    async fn event(&mut self) -> (Option<String>, Option<String>, Option<u64>) {
        let event = self.next().await.expect("an event");
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name).map(|it| it.trim().to_owned()));
        let data = field("data:").map(|data| serde_json::from_str::<serde_json::Value>(&data).unwrap());
        assert_eq!(data.is_some(), field("event:").as_deref() == Some("status"), "{event}");
        let status = data.map(|data| data["status"].as_str().unwrap().to_owned());
        (field("id:"), status, field("retry:").map(|retry| retry.parse().unwrap()))
    }
}

async fn listen_with(app: &App, request: axum::http::request::Builder) -> Heard {
    let response = app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    Heard(response.into_body().into_data_stream())
}

async fn listen(app: &App) -> Heard {
    listen_with(app, by_alice(ASKED)).await
}

fn told(id: &str, status: &str) -> (Option<String>, Option<String>, Option<u64>) {
    (Some(id.to_owned()), Some(status.to_owned()), None)
}

#[tokio::test(start_paused = true)]
async fn first_comes_the_state_then_each_change_and_after_the_last_word_the_end() {
    let reads = [at(Pending, 2), at(Pending, 2), at(Processing, 3), at(Succeeded, 5)];
    let (backend, bell) = backend(reads.map(Ok).into());
    let mut heard = listen(&backend.app()).await;
    assert_eq!(heard.event().await, told("2", "pending"));
    bell.ring();
    assert_eq!(heard.event().await, told("3", "processing"));
    bell.ring();
    let (id, status, retry) = heard.event().await;
    assert_eq!((id.as_deref(), status.as_deref()), (Some("5"), Some("succeeded")));
    assert!(retry >= Some(60_000), "who comes again all the same shall not do it soon");
    assert_eq!(heard.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn the_data_is_what_the_plain_route_answers() {
    let app = resting(Succeeded).0.app();
    let plain = app.get("/api/payment-status?session_id=cs_test_1").await.json();
    let event = listen(&app).await.next().await.unwrap();
    let data = event.lines().find_map(|line| line.strip_prefix("data:")).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(data).unwrap(), plain);
}

#[tokio::test(start_paused = true)]
async fn a_settled_payment_is_told_and_that_is_all() {
    let mut heard = listen(&resting(Succeeded).0.app()).await;
    assert_eq!(heard.event().await.1.as_deref(), Some("succeeded"));
    assert_eq!(heard.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_shows_every_15_s_that_it_is_alive_and_ends_after_ten_minutes() {
    let mut heard = listen(&resting(Pending).0.app()).await;
    let begun = Instant::now();
    assert_eq!(heard.event().await, told("2", "pending"));
    let mut beats = 0;
    let last = loop {
        let piece = heard.next().await.unwrap();
        if !piece.starts_with(':') {
            break piece;
        }
        beats += 1;
        assert_eq!(begun.elapsed().as_secs(), 15 * beats);
    };
    assert_eq!((last.trim(), begun.elapsed().as_secs()), ("retry: 1000", 600));
    assert!(beats >= 39);
    assert_eq!(heard.next().await, None);
}

/// Row 95 of the faults. The tokens' clock allows for half a minute of difference.
#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_the_token_that_opened_it_and_does_not_begin_again() {
    let app = resting(Pending).0.app();
    let token = token::issue(&auth(), &UserId::new("alice").unwrap(), time::Duration::MINUTE, NOW).unwrap();
    let by_token = |token: &str| Request::get(ASKED).header(header::AUTHORIZATION, format!("Bearer {token}"));
    let mut heard = listen_with(&app, by_token(&token)).await;
    let begun = Instant::now();
    assert_eq!(heard.event().await, told("2", "pending"));
    let last = loop {
        let piece = heard.next().await.unwrap();
        if !piece.starts_with(':') {
            break piece;
        }
    };
    assert_eq!((last.trim(), begun.elapsed().as_secs()), ("retry: 1000", 90));
    assert_eq!(heard.next().await, None);
    let long_ago = time::macros::datetime!(2026-01-01 12:00 UTC);
    let token = token::issue(&auth(), &UserId::new("alice").unwrap(), time::Duration::MINUTE, long_ago).unwrap();
    assert_eq!(app.send(by_token(&token).body(Body::empty()).unwrap()).await.problem().0, 401);
}

#[tokio::test(start_paused = true)]
async fn what_the_browser_says_that_it_has_heard_is_not_believed() {
    let app = resting(Pending).0.app();
    for last in [&b"nonsense"[..], b"9223372036854775808", b"2", b"-1", b"\xff\xfe", b"2\tid: 3", &[b'1'; 8_000]] {
        let mut heard = listen_with(&app, by_alice(ASKED).header("last-event-id", last)).await;
        assert_eq!(heard.event().await, told("2", "pending"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_stops_ends_every_stream_at_once_with_a_hint_when_to_come_again() {
    let app = resting(Pending).0.app();
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut heard = listen(&app).await;
        heard.event().await;
        streams.push(heard);
    }
    app.readiness.drain();
    let begun = Instant::now();
    for mut heard in streams {
        let (id, status, retry) = heard.event().await;
        assert_eq!((id, status), (None, None));
        assert!(retry.is_some_and(|retry| (500..=3_000).contains(&retry)), "{retry:?}");
        assert_eq!(heard.next().await, None);
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_fails_ends_the_stream_with_a_hint_and_says_nothing_wrong() {
    let (backend, bell) = backend(vec![Ok(at(Pending, 2)), Ok(at(Pending, 2)), Err(rows::database_away())]);
    let mut heard = listen(&backend.app()).await;
    assert_eq!(heard.event().await, told("2", "pending"));
    bell.ring();
    assert_eq!(heard.event().await, (None, None, Some(5_000)));
    assert_eq!(heard.next().await, None);
}

#[tokio::test]
async fn who_may_not_see_the_payment_gets_no_stream() {
    let app = resting(Pending).0.app();
    for (token, problem) in
        [(Some("mallory"), (404, "payment_not_found".to_owned())), (None, (401, "unauthorized".to_owned()))]
    {
        let mut request = Request::get(ASKED);
        if let Some(user) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", crate::app::token_of(user)));
        }
        assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.problem(), problem);
    }
    let backend = Backend::default();
    let reply = backend.app().get("/api/payment-status/stream?session_id=cs_1&wait=5").await;
    assert_eq!(reply.problem(), (400, "invalid_request".into()));
}

#[tokio::test(start_paused = true)]
async fn one_user_may_have_ten_streams_also_of_one_session_and_the_next_is_429() {
    let app = resting(Pending).0.app();
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(listen(&app).await);
    }
    for heard in &mut streams {
        assert_eq!(heard.event().await, told("2", "pending"));
    }
    let refused = app.get(ASKED).await;
    assert_eq!(refused.problem(), (429, "too_many_waiting".into()));
    assert_eq!(refused.header("retry-after"), Some("5"));
    // A client that has gone gives its place back, and so does one that never reads.
    streams.pop();
    listen(&app).await;
}

#[tokio::test(start_paused = true)]
async fn a_thousand_who_connect_and_vanish_leave_nothing_behind() {
    let unlimited = RateLimits { reads_per_minute: None, ..RateLimits::default() };
    let app = resting(Pending).0.app_with(config("http://shop.test").with_rate_limits(unlimited));
    for _ in 0..1_000 {
        listen(&app).await;
    }
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(listen(&app).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_reads_is_told_the_last_word_when_it_does_and_nothing_is_kept_for_it_meanwhile() {
    let reads = [at(Pending, 2), at(Pending, 2), at(Pending, 3), at(Succeeded, 1_000)];
    let (backend, bell) = backend(reads.map(Ok).into());
    let mut heard = listen(&backend.app()).await;
    for _ in 0..1_000 {
        bell.ring();
    }
    tokio::time::sleep(Duration::from_mins(5)).await;
    assert_eq!(heard.event().await, told("2", "pending"), "what was read before it stopped reading");
    assert_eq!(heard.event().await, told("3", "pending"));
    assert_eq!(heard.event().await.0.as_deref(), Some("1000"));
    assert_eq!(heard.next().await, None);
}

#[tokio::test]
async fn a_process_in_which_too_many_wait_is_503() {
    let mut feed = MockStatusFeed::new();
    feed.expect_subscribe().returning(|_, _| Err(FeedError::Full));
    let backend = Backend { feed: Arc::new(feed), ..resting(Pending).0 };
    assert_eq!(backend.app().get(ASKED).await.problem(), (503, "unavailable".into()));
}
