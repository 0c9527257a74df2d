use serde_json::json;
use settled_domain::ids::{CustomerKey, UserId};
use settled_domain::installation::{Installation, StripeMode};
use settled_domain::ports::StripeGateway;
use settled_stripe::{Backend, StripeApi};
use wiremock::matchers::{body_string, header, method, path, query_param};
use wiremock::{Mock, MockServer};

use crate::double::{SECRET_KEY, answering, api, config, ok, params, requests, session, session_id, subscription_id};

#[tokio::test]
async fn every_call_carries_the_key_the_api_version_and_our_name() {
    let server = answering(ok(&json!({ "id": "acct_1" }))).await;
    api(&server).fetch_installation().await.unwrap();
    let [request] = &requests(&server).await[..] else { panic!("one request") };
    assert_eq!(request.headers["authorization"], format!("Bearer {SECRET_KEY}"));
    assert_eq!(request.headers["stripe-version"], "2026-09-30.endive");
    assert!(request.headers["user-agent"].to_str().unwrap().starts_with("settled/"));
    assert!(!request.headers.contains_key("idempotency-key"));
}

#[tokio::test]
async fn a_base_with_a_path_keeps_it() {
    let server = MockServer::start().await;
    Mock::given(path("/stripe/v1/account")).respond_with(ok(&json!({ "id": "acct_1" }))).expect(2).mount(&server).await;
    for base in ["stripe", "stripe/"] {
        let api = StripeApi::new(config(&format!("{}/{base}", server.uri()))).unwrap();
        api.fetch_installation().await.unwrap();
    }
}

#[tokio::test]
async fn fetch_installation_names_the_account_and_the_mode_of_the_key() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v1/account"))
        .respond_with(ok(&json!({ "id": "acct_1" })))
        .mount(&server)
        .await;
    for (backend, mode) in [(Backend::Stripe, StripeMode::Test), (Backend::Sandbox, StripeMode::Sandbox)] {
        let mut config = config(&server.uri());
        config.backend = backend;
        let found = StripeApi::new(config).unwrap().fetch_installation().await.unwrap();
        assert_eq!(found, Installation { mode, account_id: "acct_1".parse().unwrap() });
    }
}

#[tokio::test]
async fn create_checkout_session_posts_a_form_under_the_key_it_was_given() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/checkout/sessions"))
        .and(header("idempotency-key", "key-1"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .respond_with(ok(&session("open")))
        .expect(1)
        .mount(&server)
        .await;
    let opened = api(&server).create_checkout_session(&params(), "key-1").await.unwrap();
    assert_eq!(opened.session_id, session_id());
    assert_eq!(opened.url.as_deref(), Some("https://checkout.stripe.com/c/pay/cs_test_1"));
    assert_eq!(opened.expires_at.unwrap().unix_timestamp(), 1_790_086_340);
}

#[tokio::test]
async fn find_or_create_customer_gives_the_user_to_stripe_and_uses_our_key() {
    let key: CustomerKey = "0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11".parse().unwrap();
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/customers"))
        .and(header("idempotency-key", format!("customer-{key}").as_str()))
        .and(body_string("metadata[user_id]=user-1"))
        .respond_with(ok(&json!({ "id": "cus_1", "object": "customer" })))
        .expect(1)
        .mount(&server)
        .await;
    let customer = api(&server).find_or_create_customer(key, &UserId::new("user-1").unwrap()).await.unwrap();
    assert_eq!(customer.as_str(), "cus_1");
}

#[tokio::test]
async fn fetch_checkout_session_gets_it() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v1/checkout/sessions/cs_test_1"))
        .respond_with(ok(&session("open")))
        .expect(1)
        .mount(&server)
        .await;
    let answer = api(&server).fetch_checkout_session(&session_id()).await.unwrap().unwrap();
    assert_eq!(answer.object.id, session_id());
}

#[tokio::test]
async fn expire_checkout_session_posts_without_a_key() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/checkout/sessions/cs_test_1/expire"))
        .respond_with(ok(&session("expired")))
        .expect(1)
        .mount(&server)
        .await;
    assert!(api(&server).expire_checkout_session(&session_id()).await.unwrap().is_some());
    assert!(!requests(&server).await[0].headers.contains_key("idempotency-key"));
}

#[tokio::test]
async fn fetch_subscription_gets_it() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v1/subscriptions/sub_1"))
        .respond_with(ok(&json!({ "id": "sub_1", "customer": "cus_1", "items": { "data": [{ "price": "price_1" }] } })))
        .expect(1)
        .mount(&server)
        .await;
    let answer = api(&server).fetch_subscription(&subscription_id()).await.unwrap().unwrap();
    assert_eq!(answer.object.customer_id.as_str(), "cus_1");
}

#[tokio::test]
async fn find_pay_url_asks_for_the_invoice_in_the_same_call() {
    let page = "https://invoice.stripe.com/i/1";
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v1/subscriptions/sub_1"))
        .and(query_param("expand[0]", "latest_invoice"))
        .respond_with(ok(&json!({ "id": "sub_1", "latest_invoice": { "status": "open", "hosted_invoice_url": page } })))
        .expect(1)
        .mount(&server)
        .await;
    assert_eq!(api(&server).find_pay_url(&subscription_id()).await.unwrap().as_deref(), Some(page));
}
