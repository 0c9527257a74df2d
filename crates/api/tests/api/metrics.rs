//! What operators are told about customers who come back and wait, as Prometheus reads it.

use std::sync::Arc;

use ::metrics::set_default_local_recorder;
use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use settled_domain::mock::MockIntake;
use settled_domain::payment::{Payment, PaymentStatus};
use settled_domain::ports::{IntakeError, SignatureError};
use settled_overheard::{Said, keep};
use time::Duration;
use tower::ServiceExt;

use crate::app::{App, Backend, NOW, by_alice, intake};
use crate::watched::{at, backend};
use crate::{log, rows, webhook};

fn succeeded(before: Duration) -> Payment {
    rows::payment(|row| {
        row.status = PaymentStatus::Succeeded;
        row.settled_at = Some(NOW - before);
        row.version = 3;
    })
}

fn pending() -> Payment {
    at(PaymentStatus::Pending, 2)
}

/// A customer who finds the payment like this.
async fn land(payment: Payment) {
    backend(vec![Ok(payment)]).0.app().get("/success?session_id=cs_test_1").await;
}

#[track_caller]
fn assert_told(recorder: &PrometheusRecorder, lines: &[&str]) {
    let told = recorder.handle().render();
    keep(Said::Metrics, &told);
    for line in lines {
        assert!(told.lines().any(|it| it == *line), "{line} is not in\n{told}");
    }
}

#[tokio::test]
async fn the_share_of_customers_who_never_had_to_wait_is_told() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = set_default_local_recorder(&recorder);
    let states = [pending(), succeeded(Duration::SECOND), succeeded(Duration::SECOND), succeeded(Duration::SECOND)];
    let app = backend(states.map(Ok).into()).0.app();
    for _ in 0..4 {
        app.get("/success?session_id=cs_test_1").await;
    }
    let ratio = "settled_landed_already_settled_ratio 0.75";
    assert_told(&recorder, &["settled_landings_total 4", "settled_landings_already_settled_total 3", ratio]);
}

#[tokio::test]
async fn who_looks_at_an_old_payment_or_at_a_page_that_came_again_has_not_just_landed() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = set_default_local_recorder(&recorder);
    land(succeeded(Duration::HOUR)).await;
    backend(vec![Ok(pending())]).0.app().get("/success?session_id=cs_test_1&seen=1").await;
    assert!(!recorder.handle().render().contains("landings"), "{}", recorder.handle().render());
}

#[tokio::test]
async fn only_the_latest_hundred_landings_make_the_share() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = set_default_local_recorder(&recorder);
    let states = std::iter::repeat_with(pending).take(100);
    let states = states.chain(std::iter::repeat_with(|| succeeded(Duration::SECOND)).take(100));
    let app = backend(states.map(Ok).collect()).0.app();
    for _ in 0..200 {
        app.get("/success?session_id=cs_test_1").await;
    }
    assert_told(&recorder, &["settled_landings_total 200", "settled_landed_already_settled_ratio 1"]);
}

async fn listen(app: &App) -> axum::body::BodyDataStream {
    let asked = by_alice("/api/payment-status/stream?session_id=cs_test_1").body(Body::empty()).unwrap();
    app.router.clone().oneshot(asked).await.unwrap().into_body().into_data_stream()
}

#[tokio::test]
async fn the_time_from_the_commit_to_the_customer_is_told_and_how_many_wait() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = set_default_local_recorder(&recorder);
    let (backend, bell) = backend([pending(), pending(), succeeded(2 * Duration::SECOND)].map(Ok).into());
    let app = backend.app();
    let mut heard = listen(&app).await;
    heard.next().await;
    assert_told(&recorder, &["settled_waiting 1"]);
    bell.ring();
    heard.next().await;
    drop(heard);
    assert_told(&recorder, &[r#"settled_payment_shown_seconds_sum{way="stream"} 2"#, "settled_waiting 0"]);
}

#[tokio::test]
async fn webhooks_that_a_wrong_clock_refuses_are_told_from_forged_ones() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = set_default_local_recorder(&recorder);
    let mut backend = Backend::default();
    backend.gateway.expect_verify_webhook_signature().returning(|payload, _, _| {
        Err(if payload == b"old" { SignatureError::TooOld } else { SignatureError::Mismatch })
    });
    let app = backend.app();
    for body in ["old", "forged", "forged"] {
        let request = Request::post("/api/webhook/stripe").header("stripe-signature", "t=1,v1=00");
        assert_eq!(app.send(request.body(Body::from(body)).unwrap()).await.status, 400);
    }
    let too_old = r#"settled_webhooks_refused_total{reason="too_old"} 1"#;
    assert_told(&recorder, &[too_old, r#"settled_webhooks_refused_total{reason="mismatch"} 2"#]);
}

#[tokio::test]
async fn webhooks_that_find_the_queue_full_are_a_number_and_not_a_line_each() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = set_default_local_recorder(&recorder);
    let mut gets_full = intake();
    gets_full.expect_submit().returning(|_| Err(IntakeError::Full));
    let mut backend = Backend { intake: Arc::new(gets_full), ..Backend::default() };
    backend.gateway.expect_verify_webhook_signature().returning(|_, _, _| Ok(webhook::event()));
    let mut is_full = MockIntake::new();
    is_full.expect_admit().returning(|| Err(IntakeError::Full));
    let full = Backend { intake: Arc::new(is_full), ..Backend::default() };
    for app in [backend.app(), full.app()] {
        for _ in 0..50 {
            let request = Request::post("/api/webhook/stripe").header("stripe-signature", "t=1,v1=00");
            assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status, 503);
        }
    }
    assert_told(&recorder, &[r#"settled_webhooks_refused_total{reason="full"} 100"#]);
    let lines = log::of_this_test().matches("too many webhooks are waiting").count();
    assert!((1..=6).contains(&lines), "{lines} lines");
}
