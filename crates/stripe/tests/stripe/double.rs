//! A server that stands in for Stripe, and a client of it.

use std::time::Duration;

use serde_json::{Value, json};
use settled_domain::checkout::CheckoutParams;
use settled_domain::ids::{SessionId, SubscriptionId};
use settled_stripe::{RetryPolicy, StripeApi, StripeConfig};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

/// The key that no error may show.
pub(crate) const SECRET_KEY: &str = "sk_test_51DoNotShowMe";
/// The `Date` of every answer.
pub(crate) const DATE: &str = "Tue, 22 Sep 2026 14:13:20 GMT";

/// A configuration that waits for nothing longer than a test should take.
pub(crate) fn config(base: &str) -> StripeConfig {
    let mut config = StripeConfig::new(SECRET_KEY.into(), vec!["whsec_1".into()]);
    config.api_base = base.parse().unwrap();
    config.retries = RetryPolicy {
        attempts: 3,
        first_delay: Duration::from_millis(1),
        longest_retry_after: Duration::ZERO,
        whole: Duration::from_secs(30),
    };
    config
}

pub(crate) fn api(server: &MockServer) -> StripeApi {
    StripeApi::new(config(&server.uri())).unwrap()
}

pub(crate) fn ok(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).insert_header("date", DATE).set_body_json(body)
}

/// Stripe's way of saying no.
pub(crate) fn error(status: u16, error: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).insert_header("request-id", "req_1").set_body_json(json!({ "error": error }))
}

/// A server that answers every call with this.
pub(crate) async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
    server
}

/// A server that answers with these one after the other, and then with the last one only.
pub(crate) async fn answering_in_turn(answers: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let last = answers.len() - 1;
    for (index, answer) in answers.into_iter().enumerate() {
        let mock = Mock::given(matchers::any()).respond_with(answer);
        if index == last { mock } else { mock.up_to_n_times(1) }.mount(&server).await;
    }
    server
}

pub(crate) async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

pub(crate) fn session_id() -> SessionId {
    "cs_test_1".parse().unwrap()
}

pub(crate) fn subscription_id() -> SubscriptionId {
    "sub_1".parse().unwrap()
}

pub(crate) fn session(status: &str) -> Value {
    json!({
        "id": "cs_test_1", "object": "checkout.session", "status": status, "payment_status": "unpaid",
        "url": "https://checkout.stripe.com/c/pay/cs_test_1", "expires_at": 1_790_086_340, "customer": "cus_1",
    })
}

pub(crate) fn params() -> CheckoutParams {
    CheckoutParams {
        mode: "subscription".to_owned(),
        price_id: "price_1".parse().unwrap(),
        quantity: 1,
        customer_id: "cus_1".parse().unwrap(),
        client_reference_id: "0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11".to_owned(),
        success_url: "https://shop.test/success?session_id={CHECKOUT_SESSION_ID}".to_owned(),
        cancel_url: "https://shop.test/cancel".to_owned(),
        metadata: [("payment_id", "0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11"), ("slot", "default")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        trial_period_days: None,
        allow_promotion_codes: false,
    }
}
