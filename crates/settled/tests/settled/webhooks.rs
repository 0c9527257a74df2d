use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Silent, event, now, signature};

#[tokio::test]
async fn what_stripe_did_not_just_sign_is_refused_and_nothing_is_stored() {
    let silent = Silent::start();
    let checkout = silent.alice.checkout("price_lifetime").await;
    let body = silent.paid("evt_1", &checkout).await.to_string().into_bytes();
    let secret = silent.sandbox.webhook_secret.as_str();
    let mut tampered = body.clone();
    tampered.push(b' ');
    let cases = [
        (&body, None),
        (&body, Some("garbage".to_owned())),
        (&body, Some(signature(&body, "whsec_forged", now()))),
        (&body, Some(signature(&body, secret, now() - 400))),
        (&body, Some(signature(&body, secret, now() + 400))),
        (&tampered, Some(signature(&body, secret, now()))),
        (&body, Some(signature(&body, secret, now()).replace("v1=", "v0="))),
    ];
    for (body, signature) in cases {
        let (status, answer) = silent.post(body.clone(), signature.as_deref()).await;
        assert_eq!((status, &answer["code"]), (StatusCode::BAD_REQUEST, &json!("invalid_signature")), "{signature:?}");
    }
    assert_eq!(silent.alice.status_of(&checkout).await["status"], "pending");
    // Had one of them been stored, this would be a duplicate.
    assert_eq!(silent.deliver(body).await, (StatusCode::OK, json!({ "received": true, "outcome": "processed" })));
    assert_eq!(silent.alice.status_of(&checkout).await["status"], "succeeded");
}

#[tokio::test]
async fn what_is_signed_but_cannot_be_read_is_parked_once_and_does_no_harm() {
    let silent = Silent::start();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies: Vec<Vec<u8>> = vec![
        b"not json".to_vec(),
        vec![0xff, 0xfe, 0x00],
        b"\xef\xbb\xbf{}".to_vec(),
        br#"{"id":"evt_1","type":"a\u0000b","created":1e400}"#.to_vec(),
        deep.into_bytes(),
        event("evt_2", "checkout.session.completed", &json!({ "object": "checkout.session" })).to_string().into_bytes(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let (status, answer) = silent.deliver(body.clone()).await;
        assert_eq!((status, &answer["outcome"]), (StatusCode::OK, &json!("parked")), "{shown}");
        assert_eq!(silent.deliver(body).await.1["outcome"], "duplicate", "{shown}");
    }
    assert_eq!(silent.alice.get("/readyz").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_oversized_webhook_is_refused() {
    let silent = Silent::start();
    let (status, answer) = silent.deliver(vec![b' '; 1024 * 1024 + 1]).await;
    assert_eq!((status, &answer["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("payload_too_large")));
}

#[tokio::test]
async fn what_does_not_concern_us_is_ignored_with_a_200() {
    let silent = Silent::start();
    let checkout = silent.alice.checkout("price_lifetime").await;
    let mut live = silent.paid("evt_live", &checkout).await;
    live["livemode"] = json!(true);
    let mut connected = silent.paid("evt_connected", &checkout).await;
    connected["account"] = json!("acct_somebody");
    let mut stranger = silent.paid("evt_stranger", &checkout).await;
    stranger["data"]["object"]["id"] = json!("cs_test_stranger");
    stranger["data"]["object"]["metadata"] = json!({});
    let unknown = event("evt_unknown", "a.type.nobody.knows", &json!({ "id": "x" }));
    for body in [live, connected, stranger, unknown] {
        let (status, answer) = silent.deliver(body.to_string()).await;
        assert_eq!((status, &answer["outcome"]), (StatusCode::OK, &json!("ignored")), "{}", body["id"]);
    }
    assert_eq!(silent.alice.status_of(&checkout).await["status"], "pending");
}

#[tokio::test]
async fn a_session_of_another_amount_is_parked_and_not_credited() {
    let silent = Silent::start();
    let checkout = silent.alice.checkout("price_lifetime").await;
    let mut cheap = silent.paid("evt_cheap", &checkout).await;
    cheap["data"]["object"]["amount_subtotal"] = json!(1);
    assert_eq!(silent.deliver(cheap.to_string()).await.1["outcome"], "parked");
    assert_eq!(silent.alice.status_of(&checkout).await["status"], "pending");
}

#[tokio::test]
async fn the_same_event_fifty_times_at_once_has_one_effect() {
    let silent = Silent::start();
    let checkout = silent.alice.checkout("price_lifetime").await;
    let body = silent.paid("evt_1", &checkout).await.to_string();
    let answers = join_all((0..50).map(|_| silent.deliver(body.clone()))).await;
    assert!(answers.iter().all(|(status, _)| *status == StatusCode::OK));
    let processed = answers.iter().filter(|(_, answer)| answer["outcome"] == "processed").count();
    let duplicates = answers.iter().filter(|(_, answer)| answer["outcome"] == "duplicate").count();
    assert_eq!((processed, duplicates), (1, 49));
    assert_eq!(silent.alice.status_of(&checkout).await["status"], "succeeded");
}

#[tokio::test]
async fn the_endpoint_takes_posts_only() {
    let silent = Silent::start();
    let answer = silent.alice.get("/api/webhook/stripe").await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()["allow"], "POST");
}
