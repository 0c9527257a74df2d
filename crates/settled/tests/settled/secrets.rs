//! What must never be told to anybody, searched for in all that the program says.

use std::time::UNIX_EPOCH;

use reqwest::StatusCode;
use serde_json::json;
use settled_overheard::{Said, keep};
use tempfile::TempDir;

use crate::harness::{
    SandboxProcess, Service, Shopper, TOKEN_SECRET, answer_to, bin, free_addr, metrics_at, run, signature,
};
use crate::users::token_for;

/// Stands in the payload of an event and nowhere else.
const MARKER: &str = "marker-7f3a91c2";
const EMAIL: &str = "alice@example.com";
const CARD: &str = "4242424242424242";

fn now() -> i64 {
    i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

/// Everything that may fail or succeed, once; returns what was answered.
async fn live_through_a_day(service: &str, sandbox: &SandboxProcess, tokens: &[String]) -> Vec<String> {
    let alice = Shopper::with_token(service, &tokens[0]);
    let mut answers = Vec::new();
    let checkout = alice.checkout("price_basic_monthly").await;
    alice.pay(&checkout, CARD).await.expect("the card pays");
    alice.await_status(&checkout, "succeeded").await;
    let session = checkout["session_id"].as_str().unwrap();
    let gets = [
        format!("/api/payment-status?session_id={session}"),
        format!("/api/payment-status?session_id={session}&session_id={MARKER}"),
        format!("/api/payment-status?session_id={MARKER}"),
        "/api/payment-status?session_id=cs_test_nobody".to_owned(),
        "/api/subscription-status".to_owned(),
        "/nothing".to_owned(),
        "/metrics".to_owned(),
        "/readyz".to_owned(),
        format!("/success?session_id={session}"),
    ];
    for token in tokens {
        let shopper = Shopper::with_token(service, token);
        for path in &gets {
            answers.push(shopper.get(path).await.text().await.unwrap());
        }
        for body in [
            json!({ "price_id": "price_pro_monthly" }),
            json!({ "price_id": MARKER }),
            json!({ "price_id": "price_lifetime", "quantity": MARKER }),
            json!({ "price_id": "price_lifetime", "email": EMAIL }),
        ] {
            answers.push(shopper.post("/api/checkout", &body).await.text().await.unwrap());
        }
    }
    let event = |id: &str, kind: &str, object: serde_json::Value| {
        json!({ "id": id, "object": "event", "type": kind, "created": now(), "livemode": false,
            "data": { "object": object } })
        .to_string()
    };
    let bodies = [
        event("evt_1", "customer.updated", json!({ "id": "cus_1", "email": EMAIL, "name": MARKER })),
        event("evt_2", "checkout.session.completed", json!({ "id": 7, "customer_details": { "email": EMAIL } })),
        event("evt_3", "customer.subscription.updated", json!({ "id": "sub_1", "metadata": { "note": MARKER } })),
        format!("no JSON but {MARKER} of {EMAIL}"),
    ];
    for body in bodies {
        let good = signature(body.as_bytes(), &sandbox.webhook_secret, now());
        let old = signature(body.as_bytes(), &sandbox.webhook_secret, now() - 1_000);
        let forged = signature(body.as_bytes(), "whsec_forged", now());
        for (signature, status) in
            [(good, StatusCode::OK), (old, StatusCode::BAD_REQUEST), (forged, StatusCode::BAD_REQUEST)]
        {
            let url = format!("{service}/api/webhook/stripe");
            let request = alice.client.post(url).header("Stripe-Signature", signature).body(body.clone());
            let answer = answer_to(request).await;
            assert_eq!(answer.status(), status);
            answers.push(answer.text().await.unwrap());
        }
    }
    answers
}

#[tokio::test]
async fn no_log_no_metric_and_no_answer_shows_a_secret_a_token_a_payload_or_an_e_mail_address() {
    let dir = TempDir::new().unwrap();
    let sandbox = SandboxProcess::start(&dir, "http://127.0.0.1:9/");
    let metrics = free_addr();
    let watched = [("RUST_LOG", "debug"), ("METRICS_ADDR", &metrics)];
    let service = Service::start_in(&dir, &[&sandbox.vars()[..], &watched].concat());
    let good = token_for("alice").trim().to_owned();
    let tampered = format!("{}x", &good[..good.len() - 1]);
    let tokens = [good, tampered, "token-that-is-none".to_owned()];
    let mut said = live_through_a_day(&service.url, &sandbox, &tokens).await;
    let told = metrics_at(&metrics).await.text().await.unwrap();
    assert!(told.lines().count() > 20, "the metrics are worth searching: {told}");
    said.push(told);
    let (_, log) = service.process.terminate();
    assert!(log.len() > 50, "the log is worth searching");
    said.extend(log);

    let mut hidden = vec![TOKEN_SECRET, &sandbox.secret_key, &sandbox.webhook_secret, MARKER, EMAIL, CARD];
    hidden.extend(tokens.iter().map(String::as_str));
    for text in &said {
        for hidden in &hidden {
            assert!(!text.contains(hidden), "{hidden} is in: {text}");
        }
        assert!(!text.contains(",v1="), "a signature is in: {text}");
    }
}

/// What is said in all tests is searched when they have passed; here is what that search must find.
#[test]
fn one_secret_of_each_kind_is_planted_for_the_search_of_the_whole_run() {
    let dir = TempDir::new().unwrap();
    let sandbox = SandboxProcess::start(&dir, "http://127.0.0.1:9/");
    let signed = signature(b"{}", &sandbox.webhook_secret, now());
    let (key, webhook_secret, token) = (&sandbox.secret_key, &sandbox.webhook_secret, token_for("alice"));
    let secrets: [&str; 8] = [key, webhook_secret, token.trim(), &signed, EMAIL, CARD, MARKER, TOKEN_SECRET];
    for secret in secrets {
        keep(Said::Control, &json!({ "level": "ERROR", "message": format!("refused: {secret}") }).to_string());
    }
}

#[test]
fn no_help_and_no_complaint_shows_a_secret_that_is_set() {
    let vars = [
        ("STRIPE_SECRET_KEY", "sk_live_hush"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_hush"),
        ("AUTH_JWT_SECRET", "hush"),
        ("DATABASE_URL", "postgres://settled:hush@127.0.0.1:1/settled?password=hush"),
        ("LISTEN_ADDR", "nowhere"),
    ];
    for args in [
        &["--help"][..],
        &["serve", "--help"],
        &["migrate", "--help"],
        &["token", "--help"],
        &["sandbox", "--help"],
        &["serve"],
        &["migrate"],
        &["token", "--user", "alice"],
        &["serve", "--no-such-flag"],
    ] {
        let output = run(bin().args(args).envs(vars));
        let said = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&said).contains("hush"), "{args:?}: {}", String::from_utf8_lossy(&said));
    }
}
