use axum::body::Body;
use axum::http::header;
use settled_domain::customer::Customer;
use settled_domain::ids::{CustomerId, CustomerKey};
use settled_domain::mock::MockUnitOfWork;
use settled_domain::payment::{OpenedSession, Payment, PaymentStatus};
use settled_domain::ports::{Answer, GatewayError, PriceAnswer, Refusal, Reservation, SavedPayment};
use settled_domain::session::{CheckoutSession, SessionStatus};
use settled_domain::subscription::{Subscription, SubscriptionStatus};
use time::Duration;
use uuid::Uuid;

use crate::app::{Backend, Reply, by_alice};
use crate::rows;

const BASIC: &str = r#"{"price_id":"price_basic_monthly"}"#;

/// What is in alice's slot.
#[derive(Clone, Default)]
struct Slot {
    subscription: Option<Subscription>,
    payment: Option<Payment>,
}

impl Slot {
    fn paying(change: impl FnOnce(&mut settled_domain::payment::PaymentRecord)) -> Self {
        Self { payment: Some(rows::payment(change)), subscription: None }
    }

    fn subscribed(status: SubscriptionStatus) -> Self {
        Self { subscription: Some(rows::subscription(status)), payment: None }
    }

    /// A transaction that can do every step of a checkout.
    fn transaction(&self) -> Box<MockUnitOfWork> {
        let Self { subscription, payment } = self.clone();
        let mut work = MockUnitOfWork::default();
        work.customers.expect_find_or_insert_customer().returning(|user_id, _| {
            let key = CustomerKey::from_uuid(Uuid::from_u128(9));
            Ok(Customer {
                key,
                user_id: user_id.clone(),
                customer_id: CustomerId::new("cus_alice").ok(),
                deleted_at: None,
            })
        });
        work.subscriptions.expect_find_live_subscription().return_once(|_, _| Ok(subscription));
        work.subscriptions.expect_find_subscriptions_for_update().returning(|_| Ok(Vec::new()));
        work.payments.expect_find_open_payment_for_update().return_once(|_, _| Ok(payment));
        work.payments.expect_reserve_payment().returning(|_| Ok(Reservation::Taken));
        work.payments
            .expect_save_pending_payment()
            .returning(|_| Ok(Some(SavedPayment { payment: rows::payment(|_| ()), was: PaymentStatus::Creating })));
        work.payments.expect_find_payments_for_update().returning(|_, _| Ok(Vec::new()));
        work.transitions.expect_record_transitions().returning(|_| Ok(()));
        Box::new(work)
    }

    fn backend(self) -> Backend {
        let mut backend = Backend::default();
        backend.gateway.expect_quote_price().returning(|_| Ok(PriceAnswer::Quoted(rows::quote())));
        backend.store.expect_begin().returning(move || Ok(self.transaction()));
        backend
    }
}

fn opened() -> OpenedSession {
    let row = rows::payment_row();
    OpenedSession { session_id: row.session_id.unwrap(), url: row.checkout_url, expires_at: row.expires_at }
}

fn open_session() -> Answer<CheckoutSession> {
    let object = CheckoutSession {
        id: opened().session_id,
        payment_id: None,
        status: Some(SessionStatus::Open),
        payment_status: None,
        has_failed: false,
        currency: None,
        amount_subtotal: None,
        amount_total: None,
        customer_id: None,
        payment_intent_id: None,
        subscription_id: None,
        invoice_id: None,
        url: None,
        expires_at: None,
    };
    Answer { object, as_of: rows::AS_OF }
}

/// What a click on Basic answers when Stripe's create call fails like this.
async fn click_that_fails(error: impl Fn() -> GatewayError + Send + Sync + 'static) -> Reply {
    let mut backend = Slot::default().backend();
    backend.gateway.expect_create_checkout_session().returning(move |_, _| Err(error()));
    backend.app().post("/api/checkout", BASIC).await
}

pub(crate) async fn click_for_the_first_time() -> Reply {
    let mut backend = Slot::default().backend();
    backend
        .gateway
        .expect_create_checkout_session()
        .withf(|params, _| params.quantity == 1)
        .once()
        .returning(|_, _| Ok(opened()));
    backend.app().post("/api/checkout", BASIC).await
}

pub(crate) async fn click_again() -> Reply {
    let mut backend = Slot::paying(|_| ()).backend();
    backend.gateway.expect_fetch_checkout_session().once().returning(|_| Ok(Some(open_session())));
    backend.app().post("/api/checkout", BASIC).await
}

#[tokio::test]
async fn a_new_session_is_created_with_201() {
    let reply = click_for_the_first_time().await;
    assert_eq!(reply.status, 201);
    insta::assert_json_snapshot!(reply.json(), @r#"
    {
      "expires_at": "2026-11-25T10:00:00Z",
      "payment_id": "00000000-0000-0000-0000-000000000007",
      "session_id": "cs_test_1",
      "status": "pending",
      "url": "https://checkout.stripe.test/pay/cs_test_1"
    }
    "#);
}

#[tokio::test]
async fn the_session_that_is_open_already_is_answered_with_200() {
    let reply = click_again().await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["session_id"], "cs_test_1");
}

#[tokio::test]
async fn the_quantity_is_the_clients() {
    let mut backend = Slot::default().backend();
    backend
        .gateway
        .expect_create_checkout_session()
        .withf(|params, _| params.quantity == 3)
        .times(2)
        .returning(|_, _| Ok(opened()));
    let app = backend.app();
    // Both are the same number in JSON.
    for quantity in ["3", "3.0"] {
        let reply =
            app.post("/api/checkout", &format!(r#"{{"price_id":"price_basic_monthly","quantity":{quantity}}}"#)).await;
        assert_eq!(reply.status, 201, "{quantity}");
    }
}

#[tokio::test]
async fn a_price_that_is_not_sold_is_422() {
    let mut backend = Backend::default();
    backend.gateway.expect_quote_price().once().returning(|_| Ok(PriceAnswer::NotAvailable));
    let reply = backend.app().post("/api/checkout", r#"{"price_id":"price_retired"}"#).await;
    assert_eq!(reply.problem(), (422, "price_not_available".into()));
}

#[tokio::test]
async fn somebody_who_is_subscribed_is_told_so() {
    let reply = Slot::subscribed(SubscriptionStatus::Active).backend().app().post("/api/checkout", BASIC).await;
    assert_eq!(reply.problem(), (409, "already_subscribed".into()));
    assert_eq!(reply.json().get("pay_url"), None);
}

#[tokio::test]
async fn somebody_whose_invoice_is_open_is_shown_where_to_pay_it() {
    let mut backend = Slot::subscribed(SubscriptionStatus::PastDue).backend();
    backend.gateway.expect_find_pay_url().once().returning(|_| Ok(Some("https://invoice.stripe.test/i/1".into())));
    let reply = backend.app().post("/api/checkout", BASIC).await;
    insta::assert_json_snapshot!(reply.json(), @r#"
    {
      "code": "already_subscribed",
      "detail": "you have a subscription that has not ended",
      "pay_url": "https://invoice.stripe.test/i/1",
      "request_id": "00000000-0000-0000-0000-000000000001",
      "status": 409,
      "title": "Conflict",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn a_payment_that_is_still_processing_blocks_another_one() {
    let slot = Slot::paying(|row| row.status = PaymentStatus::Processing);
    let reply = slot.backend().app().post("/api/checkout", BASIC).await;
    assert_eq!(reply.problem(), (409, "payment_processing".into()));
}

#[tokio::test]
async fn clicks_in_each_others_way_are_asked_to_come_again() {
    let mut backend = Slot::paying(|_| ()).backend();
    // Stripe says that the session is gone, and every time somebody else has changed the payment meanwhile.
    backend.gateway.expect_fetch_checkout_session().returning(|_| Ok(None));
    let reply = backend.app().post("/api/checkout", BASIC).await;
    assert_eq!(reply.problem(), (409, "checkout_busy".into()));
    assert_eq!(reply.header(header::RETRY_AFTER), Some("1"));
}

#[tokio::test]
async fn stripe_out_of_reach_is_503_and_says_when_to_come_again() {
    let reply = click_that_fails(|| GatewayError::Ambiguous(rows::INSIDE.into())).await;
    assert_eq!(reply.problem(), (503, "stripe_unavailable".into()));
    assert_eq!(reply.header(header::RETRY_AFTER), Some("5"));
    assert!(!reply.text().contains(rows::INSIDE));
}

#[tokio::test]
async fn stripes_own_wish_for_patience_is_passed_on() {
    let reply = click_that_fails(|| GatewayError::RateLimited { retry_after: Some(Duration::seconds(17)) }).await;
    assert_eq!(reply.problem(), (503, "stripe_unavailable".into()));
    assert_eq!(reply.header(header::RETRY_AFTER), Some("17"));
}

#[tokio::test]
async fn a_refusal_by_stripe_is_502() {
    let mut backend = Backend::default();
    let refusal = Refusal { status: 400, code: None, param: None, request_id: None };
    backend.gateway.expect_quote_price().return_once(|_| Err(GatewayError::Refused(refusal)));
    let reply = backend.app().post("/api/checkout", BASIC).await;
    assert_eq!(reply.problem(), (502, "stripe_refused".into()));
    assert_eq!(reply.header(header::RETRY_AFTER), None);
}

#[tokio::test]
async fn a_database_out_of_reach_is_503() {
    let mut backend = Backend::default();
    backend.gateway.expect_quote_price().returning(|_| Ok(PriceAnswer::Quoted(rows::quote())));
    backend.store.expect_begin().returning(|| Err(rows::database_away()));
    let reply = backend.app().post("/api/checkout", BASIC).await;
    assert_eq!(reply.problem(), (503, "database_unavailable".into()));
    assert_eq!(reply.header(header::RETRY_AFTER), Some("5"));
}

#[tokio::test]
async fn a_bad_body_is_400_names_the_field_and_reaches_nobody() {
    let price = |id: &str| format!(r#"{{"price_id":"{id}"}}"#);
    let quantity = |text: &str| format!(r#"{{"price_id":"price_1","quantity":{text}}}"#);
    let cases = [
        ("{}".to_owned(), "price_id is missing"),
        (price(""), "price_id is not a valid price id"),
        (price("price_../x"), "price_id is not a valid price id"),
        (price("price_a b"), "price_id is not a valid price id"),
        (price(&format!("price_{}", "a".repeat(10_000))), "price_id is not a valid price id"),
        (r#"{"price_id":7}"#.to_owned(), "price_id must be a string"),
        (quantity("0"), "quantity must be between 1 and 999999"),
        (quantity("-1"), "quantity must be between 1 and 999999"),
        (quantity("1000000"), "quantity must be between 1 and 999999"),
        (quantity("99999999999999999999999"), "quantity must be a whole number"),
        (quantity("1.5"), "quantity must be a whole number"),
        (quantity("\"sk_live_secret\""), "quantity must be a whole number"),
        (quantity("null"), "quantity must be a whole number"),
        (r#"{"price_id":"price_1","amount":1}"#.to_owned(), "amount is not a known field"),
        (r#"{"price_id":"price_1","price_id":"price_2"}"#.to_owned(), "price_id is given twice"),
        ("[]".to_owned(), "the body must be a JSON object"),
        (r#"["price_1", 1]"#.to_owned(), "the body must be a JSON object"),
        ("7".to_owned(), "the body must be a JSON object"),
        (String::new(), "the body must be a JSON object"),
        ("{\"price_id\":".to_owned(), "the body is not JSON"),
        ("{\"price_id\":".repeat(1_000), "price_id must be a string"),
        (format!("{{\"amount\":{}", "[".repeat(10_000)), "amount is not a known field"),
    ];
    let app = Backend::default().app();
    for (body, detail) in cases {
        let reply = app.post("/api/checkout", &body).await;
        let shown = &body[..body.len().min(60)];
        assert_eq!(reply.problem(), (400, "invalid_request".into()), "{shown}");
        assert_eq!(reply.detail(), detail, "{shown}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_utf_8_is_400() {
    let request = by_alice("/api/checkout").method("POST").header(header::CONTENT_TYPE, "application/json");
    let reply = Backend::default().app().send(request.body(Body::from(&b"{\"price_id\":\"\xff\"}"[..])).unwrap()).await;
    assert_eq!(reply.problem(), (400, "invalid_request".into()));
}

#[tokio::test]
async fn a_body_that_is_not_called_json_is_415() {
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "nonsense"] {
        let request = by_alice("/api/checkout").method("POST").header(header::CONTENT_TYPE, content_type);
        let reply = Backend::default().app().send(request.body(Body::from(BASIC)).unwrap()).await;
        assert_eq!(reply.problem(), (415, "unsupported_media_type".into()), "{content_type}");
    }
}
