use std::future::pending;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use settled_domain::event::{EventContent, EventSource, Payload, WebhookEvent};
use settled_domain::ids::EventId;
use settled_domain::mock::MockIntake;
use settled_domain::ports::{Intake, IntakeError, SignatureError};
use settled_domain::settlement::{IgnoreReason, Outcome, ParkReason};

use crate::app::{App, Backend, NOW, Reply, intake};
use crate::rows;

const SIGNATURE: &str = "t=1,v1=abc";
/// Not UTF-8, and with spaces that a parser would lose: the bytes must arrive as they are.
const PAYLOAD: &[u8] = b"  {\"id\": \"evt_1\", \"odd\": \"\xff\"}\r\n";

pub(crate) fn event() -> WebhookEvent {
    WebhookEvent {
        id: EventId::new("evt_1").unwrap(),
        event_type: "checkout.session.completed".into(),
        object_id: None,
        api_version: None,
        livemode: Some(false),
        account: None,
        created: rows::AS_OF,
        received_at: rows::AS_OF,
        source: EventSource::Webhook,
        content: EventContent::Unhandled,
        payload: Payload::new(PAYLOAD),
    }
}

fn request() -> axum::http::request::Builder {
    Request::post("/api/webhook/stripe").header("stripe-signature", SIGNATURE)
}

async fn deliver(app: &App) -> Reply {
    app.send(request().body(Body::from(PAYLOAD)).unwrap()).await
}

/// A backend to which the signature fits.
fn authentic(intake: impl Intake + 'static) -> App {
    let mut backend = Backend { intake: Arc::new(intake), ..Backend::default() };
    backend
        .gateway
        .expect_verify_webhook_signature()
        .withf(|payload, signature, now| payload == PAYLOAD && signature == SIGNATURE && *now == NOW)
        .once()
        .returning(|_, _, _| Ok(event()));
    backend.app()
}

fn committing(result: Result<Outcome, IntakeError>) -> MockIntake {
    let mut intake = intake();
    intake.expect_submit().withf(|event| event.id.as_str() == "evt_1").once().return_once(|_| result);
    intake
}

pub(crate) async fn deliver_with(outcome: Outcome) -> Reply {
    deliver(&authentic(committing(Ok(outcome)))).await
}

#[tokio::test]
async fn a_committed_event_is_acknowledged_with_its_outcome() {
    for (outcome, word) in [
        (Outcome::Processed, "processed"),
        (Outcome::Duplicate, "duplicate"),
        (Outcome::Ignored(IgnoreReason::UnhandledType), "ignored"),
        (Outcome::Parked(ParkReason::UnreadableEvent), "parked"),
    ] {
        let reply = deliver_with(outcome).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.text(), format!(r#"{{"received":true,"outcome":"{word}"}}"#));
    }
}

#[tokio::test]
async fn a_webhook_that_stripe_did_not_sign_is_400_always_in_the_same_words_and_not_submitted() {
    for error in
        [SignatureError::Malformed, SignatureError::Mismatch, SignatureError::TooOld, SignatureError::FromTheFuture]
    {
        let mut backend = Backend::default();
        backend.gateway.expect_verify_webhook_signature().returning(move |_, _, _| Err(error));
        let reply = deliver(&backend.app()).await;
        assert_eq!(reply.problem(), (400, "invalid_signature".into()));
        assert_eq!(reply.detail(), "the Stripe-Signature header does not prove that Stripe sent this body just now");
    }
}

#[tokio::test]
async fn a_webhook_without_exactly_one_readable_signature_header_is_not_even_verified() {
    let none = Request::post("/api/webhook/stripe");
    let two = request().header("stripe-signature", "t=2,v1=def");
    let unreadable =
        Request::post("/api/webhook/stripe").header("stripe-signature", HeaderValue::from_bytes(b"t=1\xff").unwrap());
    for request in [none, two, unreadable] {
        let reply = Backend::default().app().send(request.body(Body::from(PAYLOAD)).unwrap()).await;
        assert_eq!(reply.problem(), (400, "invalid_signature".into()));
    }
}

#[tokio::test]
async fn what_cannot_be_committed_is_503_so_that_stripe_sends_it_again() {
    let database = || "database_unavailable".to_owned();
    for (error, code) in [
        (IntakeError::Full, "unavailable".to_owned()),
        (IntakeError::Stopping, "unavailable".to_owned()),
        (IntakeError::Abandoned, "unavailable".to_owned()),
        (IntakeError::Store(rows::database_away()), database()),
        (IntakeError::Store(rows::damaged_row()), database()),
    ] {
        let reply = deliver(&authentic(committing(Err(error)))).await;
        assert_eq!(reply.problem(), (503, code));
        assert_eq!(reply.header(header::RETRY_AFTER), Some("5"));
        assert!(!reply.text().contains(rows::INSIDE));
    }
}

#[tokio::test]
async fn a_webhook_for_which_there_is_no_room_is_503_unread() {
    let mut full = MockIntake::new();
    full.expect_admit().returning(|| Err(IntakeError::Full));
    // Its gateway panics when it is asked to verify anything.
    let backend = Backend { intake: Arc::new(full), ..Backend::default() };
    let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let reply = backend.app().send(request().body(never).unwrap()).await;
    assert_eq!(reply.problem(), (503, "unavailable".into()));
    assert_eq!(reply.header(header::RETRY_AFTER), Some("5"));
}

#[tokio::test]
async fn a_body_that_announces_more_than_a_mebibyte_is_refused_unread() {
    let request = request().header(header::CONTENT_LENGTH, 1024 * 1024 + 1).body(Body::empty()).unwrap();
    let reply = Backend::default().app().send(request).await;
    assert_eq!(reply.problem(), (413, "payload_too_large".into()));
}

#[tokio::test]
async fn a_body_that_turns_out_to_be_more_than_a_mebibyte_is_refused() {
    let request = request().body(Body::from(vec![b' '; 1024 * 1024 + 1])).unwrap();
    let reply = Backend::default().app().send(request).await;
    assert_eq!(reply.problem(), (413, "payload_too_large".into()));
}

#[tokio::test]
async fn a_mebibyte_is_taken() {
    let mut backend = Backend { intake: Arc::new(committing(Ok(Outcome::Processed))), ..Backend::default() };
    backend
        .gateway
        .expect_verify_webhook_signature()
        .withf(|payload, _, _| payload.len() == 1024 * 1024)
        .returning(|_, _, _| Ok(event()));
    let reply = backend.app().send(request().body(Body::from(vec![b' '; 1024 * 1024])).unwrap()).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_compressed_body_is_415() {
    let request = request().header(header::CONTENT_ENCODING, "gzip").body(Body::from(PAYLOAD)).unwrap();
    let reply = Backend::default().app().send(request).await;
    assert_eq!(reply.problem(), (415, "unsupported_media_type".into()));
}

#[tokio::test]
async fn a_body_that_is_called_plain_is_taken() {
    let request = request().header(header::CONTENT_ENCODING, "identity").body(Body::from(PAYLOAD)).unwrap();
    assert_eq!(authentic(committing(Ok(Outcome::Processed))).send(request).await.status, 200);
}

#[tokio::test]
async fn the_guard_against_foreign_websites_has_no_say_here() {
    let request = request().header(header::ORIGIN, "https://elsewhere.test").header("sec-fetch-site", "cross-site");
    let app = authentic(committing(Ok(Outcome::Processed)));
    assert_eq!(app.send(request.body(Body::from(PAYLOAD)).unwrap()).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_504() {
    struct Stuck;
    #[async_trait]
    impl Intake for Stuck {
        async fn submit(&self, _: WebhookEvent) -> Result<Outcome, IntakeError> {
            pending().await
        }
    }
    let reply = deliver(&authentic(Stuck)).await;
    assert_eq!(reply.problem(), (504, "timeout".into()));
}
