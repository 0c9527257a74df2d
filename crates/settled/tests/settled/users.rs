use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Service, TOKEN_SECRET, bin, run};

/// What `settled token` prints.
pub(crate) fn token_for(user: &str) -> String {
    let output = run(bin().args(["token", "--user", user]).env("AUTH_JWT_SECRET", TOKEN_SECRET));
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn somebody_elses_session_and_an_unknown_one_are_the_same_answer() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    let mallory = service.shopper("mallory").await;
    let checkout = alice.checkout("price_basic_monthly").await;
    let session = checkout["session_id"].as_str().unwrap();
    let mut answers = Vec::new();
    for asked in [session, "cs_test_nobody"] {
        let response = mallory.get(&format!("/api/payment-status?session_id={asked}")).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        let mut body: Value = response.json().await.unwrap();
        body["request_id"] = Value::Null;
        answers.push(body);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0]["code"], "payment_not_found");
    assert_eq!(mallory.subscription().await["status"], "none");
}

#[tokio::test]
async fn bad_orders_are_refused_with_their_code_and_change_nothing() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    let cases = [
        (json!({ "price_id": "price_unknown" }), 422, "price_not_available"),
        (json!({ "price_id": "prod_1" }), 422, "price_not_available"),
        (json!({ "price_id": "price_retired" }), 422, "price_not_available"),
        (json!({ "price_id": "prod/1" }), 400, "invalid_request"),
        (json!({ "price_id": "price_lifetime", "quantity": 0 }), 400, "invalid_request"),
        (json!({ "price_id": "price_lifetime", "quantity": -1 }), 400, "invalid_request"),
        (json!({ "price_id": "price_lifetime", "quantity": 1_000_000 }), 400, "invalid_request"),
        (json!({ "price_id": "price_lifetime", "quantity": 1.5 }), 400, "invalid_request"),
        (json!({ "price_id": "price_lifetime", "amount": 1 }), 400, "invalid_request"),
        (json!({ "price_id": 7 }), 400, "invalid_request"),
        (json!({}), 400, "invalid_request"),
    ];
    for (body, status, code) in cases {
        let response = alice.post("/api/checkout", &body).await;
        assert_eq!(response.status(), status, "{body}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.json::<Value>().await.unwrap()["code"], code, "{body}");
    }
    // Had one of them taken the slot, this would not be new.
    let order = json!({ "price_id": "price_lifetime" });
    assert_eq!(alice.post("/api/checkout", &order).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn without_a_valid_token_there_is_no_answer() {
    let service = Service::start();
    let mut nobody = service.shopper("alice").await;
    let of_another_secret = token_for("alice");
    for token in ["", "nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.", of_another_secret.trim()] {
        nobody.token = token.to_owned();
        for path in ["/api/subscription-status", "/api/payment-status?session_id=cs_test_1"] {
            let response = nobody.get(path).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{token:?}");
            assert_eq!(response.json::<Value>().await.unwrap()["code"], "unauthorized");
        }
        let response = nobody.post("/api/checkout", &json!({ "price_id": "price_lifetime" })).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_session_id_that_cannot_be_one_is_refused() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    for wrong in ["", "%7BCHECKOUT_SESSION_ID%7D", "sub_1", "cs_%00", &format!("cs_{}", "a".repeat(10_240))] {
        let response = alice.get(&format!("/api/payment-status?session_id={wrong}")).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{}", &wrong[..wrong.len().min(40)]);
        let body = response.text().await.unwrap();
        assert!(body.contains("invalid_request") && body.len() < 1024, "{body}");
    }
}
