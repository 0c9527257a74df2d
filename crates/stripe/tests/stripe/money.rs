//! Whether the money of a session is on its way or has failed.

use serde_json::{Value, json};
use settled_domain::payment::PaymentStatus;
use settled_domain::ports::StripeGateway;
use wiremock::matchers::{method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer};

use crate::double::{answering, api, error, ok, requests, session, session_id};

/// Complete and unpaid, with something that is to pay it.
fn waiting(with: &Value) -> Value {
    let mut session = session("complete");
    session.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    session
}

fn failed_intent() -> Value {
    json!({ "id": "pi_1", "object": "payment_intent", "status": "requires_payment_method",
            "last_payment_error": { "code": "account_closed" } })
}

async fn status(server: &MockServer) -> Option<PaymentStatus> {
    let answer = api(server).fetch_checkout_session(&session_id()).await.unwrap().unwrap();
    answer.object.status_by_state()
}

#[tokio::test]
async fn what_was_to_pay_a_complete_session_is_asked_for_together_with_the_session() {
    let under_way = json!({ "id": "pi_1", "object": "payment_intent", "status": "processing" });
    for (intent, expected) in [(failed_intent(), PaymentStatus::Failed), (under_way, PaymentStatus::Processing)] {
        let server = MockServer::start().await;
        let plain = Mock::given(method("GET")).and(path("/v1/checkout/sessions/cs_test_1"));
        let plain = plain.and(query_param_is_missing("expand[0]"));
        plain.respond_with(ok(&waiting(&json!({ "payment_intent": "pi_1" })))).expect(1).mount(&server).await;
        let whole = Mock::given(method("GET")).and(path("/v1/checkout/sessions/cs_test_1"));
        let whole = whole.and(query_param("expand[0]", "payment_intent"));
        whole.respond_with(ok(&waiting(&json!({ "payment_intent": intent })))).expect(1).mount(&server).await;
        assert_eq!(status(&server).await, Some(expected));
    }
}

#[tokio::test]
async fn a_subscription_is_asked_for_by_the_invoice_that_was_to_be_paid() {
    let invoice = |intent: Value| {
        json!({
            "id": "in_1", "object": "invoice", "customer": "cus_1", "status": "open", "currency": "usd",
            "created": 1_790_000_000, "amount_due": 1900, "amount_paid": 0,
            "payments": { "data": [{ "status": "open", "is_default": true, "payment": { "payment_intent": intent } }] },
        })
    };
    let under_way = json!({ "id": "pi_1", "object": "payment_intent", "status": "processing" });
    for (intent, expected) in [(failed_intent(), PaymentStatus::Failed), (under_way, PaymentStatus::Processing)] {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/v1/checkout/sessions/cs_test_1"))
            .respond_with(ok(&waiting(&json!({ "invoice": "in_1", "subscription": "sub_1" }))))
            .expect(1)
            .mount(&server)
            .await;
        Mock::given(method("GET"))
            .and(path("/v1/invoices/in_1"))
            .and(query_param("expand[0]", "payments.data.payment.payment_intent"))
            .respond_with(ok(&invoice(intent)))
            .expect(1)
            .mount(&server)
            .await;
        assert_eq!(status(&server).await, Some(expected));
    }
}

#[tokio::test]
async fn an_invoice_that_is_gone_or_was_never_made_says_nothing() {
    let server = answering(ok(&waiting(&json!({ "subscription": "sub_1" })))).await;
    assert_eq!(status(&server).await, Some(PaymentStatus::Processing));

    let server = MockServer::start().await;
    let missing = error(404, &json!({ "code": "resource_missing", "type": "invalid_request_error" }));
    Mock::given(path("/v1/invoices/in_1")).respond_with(missing).expect(1).mount(&server).await;
    let session = ok(&waiting(&json!({ "invoice": "in_1" })));
    Mock::given(path("/v1/checkout/sessions/cs_test_1")).respond_with(session).mount(&server).await;
    assert_eq!(status(&server).await, Some(PaymentStatus::Processing));
}

#[tokio::test]
async fn a_session_that_is_open_paid_or_expired_costs_one_call() {
    let paid = waiting(&json!({ "payment_status": "paid", "payment_intent": "pi_1" }));
    for said in [session("open"), session("expired"), paid] {
        let server = answering(ok(&said)).await;
        status(&server).await;
        assert_eq!(requests(&server).await.len(), 1);
    }
}
