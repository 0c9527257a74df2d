use serde_json::{Value, json};
use settled_domain::customer::CustomerState;
use settled_domain::dispute::DisputeStatus;
use settled_domain::ids::{ChargeId, PaymentIntentId};
use settled_domain::ports::StripeGateway;
use wiremock::matchers::{method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer};

use crate::double::{answering, api, error, ok};

fn invoice() -> Value {
    json!({
        "id": "in_1", "object": "invoice", "customer": "cus_1", "status": "open", "currency": "usd", "created": 1_790_000_000,
        "amount_due": 1900, "amount_paid": 0,
        "payments": { "data": [{ "status": "open", "is_default": true, "payment": { "payment_intent": "pi_1" } }] },
    })
}

fn refund(id: &str) -> Value {
    json!({ "id": id, "object": "refund", "amount": 500, "currency": "usd", "charge": "ch_1", "payment_intent": "pi_1",
            "status": "succeeded" })
}

fn dispute() -> Value {
    json!({ "id": "du_1", "object": "dispute", "amount": 500, "currency": "usd", "charge": "ch_1", "status": "won" })
}

fn list(data: &[Value], has_more: bool) -> Value {
    json!({ "object": "list", "data": data, "has_more": has_more })
}

fn intent() -> PaymentIntentId {
    "pi_1".parse().unwrap()
}

fn charge() -> ChargeId {
    "ch_1".parse().unwrap()
}

#[tokio::test]
async fn fetch_invoice_asks_what_it_was_paid_with_in_the_same_call() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v1/invoices/in_1"))
        .and(query_param("expand[0]", "payments"))
        .respond_with(ok(&invoice()))
        .expect(1)
        .mount(&server)
        .await;
    let answer = api(&server).fetch_invoice(&"in_1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(answer.object.payment_intent_id, Some(intent()));
    assert_eq!(answer.as_of.unix_timestamp(), 1_790_086_400);
}

#[tokio::test]
async fn fetch_refund_and_fetch_dispute_get_them() {
    let server = MockServer::start().await;
    for (place, body) in [("/v1/refunds/re_1", refund("re_1")), ("/v1/disputes/du_1", dispute())] {
        Mock::given(method("GET")).and(path(place)).respond_with(ok(&body)).expect(1).mount(&server).await;
    }
    let api = api(&server);
    let refund = api.fetch_refund(&"re_1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(refund.object.charge_id, Some(charge()));
    let dispute = api.fetch_dispute(&"du_1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(dispute.object.status, Some(DisputeStatus::Won));
}

#[tokio::test]
async fn all_pages_of_the_refunds_of_a_charge_are_read() {
    let server = MockServer::start().await;
    let pages = [(None, list(&[refund("re_3"), refund("re_2")], true)), (Some("re_2"), list(&[refund("re_1")], false))];
    for (after, body) in pages {
        let mock = Mock::given(method("GET")).and(path("/v1/refunds")).and(query_param("charge", "ch_1"));
        let mock = match after {
            Some(id) => mock.and(query_param("starting_after", id)),
            None => mock.and(query_param_is_missing("starting_after")),
        };
        mock.respond_with(ok(&body)).expect(1).mount(&server).await;
    }
    let answer = api(&server).list_refunds_of_charge(&charge()).await.unwrap().unwrap();
    let ids: Vec<_> = answer.object.iter().map(|refund| refund.id.as_str()).collect();
    assert_eq!(ids, ["re_3", "re_2", "re_1"]);
}

#[tokio::test]
async fn refunds_without_an_end_are_not_read_for_ever() {
    let server = answering(ok(&list(&[refund("re_1")], true))).await;
    assert!(api(&server).list_refunds_of_charge(&charge()).await.is_err());
    assert_eq!(server.received_requests().await.unwrap().len(), 10);
}

#[tokio::test]
async fn fetch_customer_tells_the_living_from_the_deleted() {
    let states = [
        (json!({ "id": "cus_1", "object": "customer", "email": "a@example.com" }), CustomerState::Living),
        (json!({ "id": "cus_1", "object": "customer", "deleted": true }), CustomerState::Deleted),
    ];
    for (body, state) in states {
        let server = MockServer::start().await;
        Mock::given(method("GET")).and(path("/v1/customers/cus_1")).respond_with(ok(&body)).mount(&server).await;
        let answer = api(&server).fetch_customer(&"cus_1".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(answer.object, state);
    }
}

#[tokio::test]
async fn the_session_or_invoice_of_a_payment_intent_is_found() {
    let server = MockServer::start().await;
    let session = json!({ "id": "cs_test_1", "object": "checkout.session", "payment_intent": "pi_1" });
    Mock::given(method("GET"))
        .and(path("/v1/checkout/sessions"))
        .and(query_param("payment_intent", "pi_1"))
        .respond_with(ok(&list(&[session], false)))
        .expect(1)
        .mount(&server)
        .await;
    let payment = json!({ "id": "inpay_1", "object": "invoice_payment", "invoice": "in_1", "status": "paid" });
    Mock::given(method("GET"))
        .and(path("/v1/invoice_payments"))
        .and(query_param("payment[type]", "payment_intent"))
        .and(query_param("payment[payment_intent]", "pi_1"))
        .respond_with(ok(&list(&[payment], false)))
        .expect(1)
        .mount(&server)
        .await;
    let api = api(&server);
    assert_eq!(api.find_session_of_payment_intent(&intent()).await.unwrap().unwrap().id.as_str(), "cs_test_1");
    assert_eq!(api.find_invoice_of_payment_intent(&intent()).await.unwrap().unwrap().as_str(), "in_1");
}

#[tokio::test]
async fn the_payment_intent_of_a_charge_is_found_and_a_charge_without_one_belongs_to_nothing() {
    for (named, found) in
        [(json!("pi_1"), Some(intent())), (json!({ "id": "pi_1" }), Some(intent())), (Value::Null, None)]
    {
        let server = MockServer::start().await;
        let body = json!({ "id": "ch_1", "object": "charge", "payment_intent": named });
        let mock = Mock::given(method("GET")).and(path("/v1/charges/ch_1"));
        mock.respond_with(ok(&body)).expect(1).mount(&server).await;
        assert_eq!(api(&server).find_payment_intent_of_charge(&charge()).await.unwrap(), found);
    }
}

#[tokio::test]
async fn what_belongs_to_nothing_is_none() {
    let server = answering(ok(&list(&[], false))).await;
    let api = api(&server);
    assert_eq!(api.find_session_of_payment_intent(&intent()).await.unwrap(), None);
    assert_eq!(api.find_invoice_of_payment_intent(&intent()).await.unwrap(), None);
}

#[tokio::test]
async fn what_stripe_does_not_know_is_none() {
    let server = answering(error(404, &json!({ "code": "resource_missing", "type": "invalid_request_error" }))).await;
    let api = api(&server);
    assert!(api.fetch_invoice(&"in_1".parse().unwrap()).await.unwrap().is_none());
    assert!(api.fetch_refund(&"re_1".parse().unwrap()).await.unwrap().is_none());
    assert!(api.fetch_dispute(&"du_1".parse().unwrap()).await.unwrap().is_none());
    assert!(api.fetch_customer(&"cus_1".parse().unwrap()).await.unwrap().is_none());
    assert!(api.list_refunds_of_charge(&charge()).await.unwrap().is_none());
    assert_eq!(api.find_session_of_payment_intent(&intent()).await.unwrap(), None);
    assert_eq!(api.find_invoice_of_payment_intent(&intent()).await.unwrap(), None);
    assert_eq!(api.find_payment_intent_of_charge(&charge()).await.unwrap(), None);
}

#[tokio::test]
async fn an_answer_about_another_object_is_not_taken() {
    let body = json!({
        "id": "in_2", "customer": "cus_1", "status": "paid", "currency": "usd", "created": 1, "amount_due": 1,
        "amount_paid": 1, "amount": 1,
    });
    let server = answering(ok(&body)).await;
    let api = api(&server);
    assert!(api.fetch_invoice(&"in_1".parse().unwrap()).await.is_err());
    assert!(api.fetch_refund(&"re_1".parse().unwrap()).await.is_err());
    assert!(api.fetch_dispute(&"du_1".parse().unwrap()).await.is_err());
    assert!(api.fetch_customer(&"cus_1".parse().unwrap()).await.is_err());
    assert!(api.find_payment_intent_of_charge(&charge()).await.is_err());
}
