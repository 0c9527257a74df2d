use mockall::predicate::eq;
use settled_domain::ids::{SessionId, SubscriptionId, UserId};
use settled_domain::mock::MockUnitOfWork;
use settled_domain::payment::{Payment, PaymentStatus};
use settled_domain::transition::SettledBy;

use crate::app::{Backend, Reply};
use crate::rows;

const ASKED: &str = "/api/payment-status?session_id=cs_test_1";

async fn ask_about(payment: Payment) -> Reply {
    let mut backend = Backend::default();
    // A customer who waits has Stripe asked, by a wish in the queue.
    backend.store.expect_begin().returning(|| Ok(Box::new(MockUnitOfWork::default().accepting_the_rest())));
    backend
        .store
        .expect_get_payment_status_by_session_id()
        .with(eq(UserId::new("alice").unwrap()), eq(SessionId::new("cs_test_1").unwrap()))
        .once()
        .return_once(|_, _| Ok(Some(payment)));
    backend.app().get(ASKED).await
}

pub(crate) async fn ask_about_a_settled_payment() -> Reply {
    ask_about(rows::payment(|row| {
        row.status = PaymentStatus::Succeeded;
        row.total_minor = Some(1710);
        row.subscription_id = SubscriptionId::new("sub_1").ok();
        row.settled_at = Some(rows::SETTLED);
        row.settled_by = Some(SettledBy::Webhook);
    }))
    .await
}

#[tokio::test]
async fn a_settled_payment_says_what_was_charged_when_and_who_settled_it() {
    let reply = ask_about_a_settled_payment().await;
    assert_eq!(reply.status, 200);
    insta::assert_json_snapshot!(reply.json(), @r#"
    {
      "amount": {
        "currency": "usd",
        "minor_units": 1710
      },
      "as_of": "2026-11-24T10:01:00Z",
      "payment_id": "00000000-0000-0000-0000-000000000007",
      "session_id": "cs_test_1",
      "settled_at": "2026-11-24T10:01:02.5Z",
      "settled_by": "webhook",
      "status": "succeeded",
      "subscription_id": "sub_1"
    }
    "#);
}

#[tokio::test]
async fn an_open_payment_says_what_was_quoted() {
    let reply = ask_about(rows::payment(|_| ())).await;
    insta::assert_json_snapshot!(reply.json(), @r#"
    {
      "amount": {
        "currency": "usd",
        "minor_units": 1900
      },
      "as_of": "2026-11-24T10:01:00Z",
      "payment_id": "00000000-0000-0000-0000-000000000007",
      "session_id": "cs_test_1",
      "settled_at": null,
      "settled_by": null,
      "status": "pending",
      "subscription_id": null
    }
    "#);
}

#[tokio::test]
async fn every_status_has_its_word() {
    for (status, word) in [
        (PaymentStatus::Pending, "pending"),
        (PaymentStatus::Processing, "processing"),
        (PaymentStatus::Succeeded, "succeeded"),
        (PaymentStatus::Failed, "failed"),
        (PaymentStatus::Expired, "expired"),
    ] {
        let payment = rows::payment(|row| {
            row.status = status;
            row.settled_at = status.is_final().then_some(rows::SETTLED);
        });
        assert_eq!(ask_about(payment).await.json()["status"], word);
    }
}

#[tokio::test]
async fn an_unknown_session_and_somebody_elses_are_the_same_404() {
    // The store hands out a payment only to the user who made it; so both are `None` here.
    let mut backend = Backend::default();
    backend.store.expect_get_payment_status_by_session_id().once().returning(|_, _| Ok(None));
    let reply = backend.app().get(ASKED).await;
    assert_eq!(reply.problem(), (404, "payment_not_found".into()));
}

#[tokio::test]
async fn a_bad_question_is_400_names_the_field_and_reaches_nobody() {
    let long = format!("session_id=cs_{}", "a".repeat(10 * 1024));
    let cases = [
        ("", "session_id is missing"),
        ("session_id=", "session_id is not a valid Checkout Session id"),
        ("session_id={CHECKOUT_SESSION_ID}", "session_id is not a valid Checkout Session id"),
        ("session_id=sub_1", "session_id is not a valid Checkout Session id"),
        ("session_id=cs_1%00", "session_id is not a valid Checkout Session id"),
        ("session_id=cs_1'%20or%20'1'='1", "session_id is not a valid Checkout Session id"),
        (&long, "session_id is not a valid Checkout Session id"),
        ("session_id=cs_1&session_id=cs_2", "session_id is given twice"),
        ("session_id=cs_1&colour=red", "colour is not a known field"),
    ];
    let app = Backend::default().app();
    for (query, detail) in cases {
        let uri = format!("/api/payment-status?{}", query.replace('{', "%7B").replace('}', "%7D"));
        let reply = app.get(&uri).await;
        assert_eq!(reply.problem(), (400, "invalid_request".into()), "{query:.60}");
        assert_eq!(reply.detail(), detail, "{query:.60}");
    }
}

#[tokio::test]
async fn a_database_out_of_reach_is_503_and_a_damaged_row_is_our_mistake() {
    for (error, problem) in
        [(rows::database_away(), (503, "database_unavailable".into())), (rows::damaged_row(), (500, "internal".into()))]
    {
        let mut backend = Backend::default();
        backend.store.expect_get_payment_status_by_session_id().return_once(|_, _| Err(error));
        let reply = backend.app().get(ASKED).await;
        assert_eq!(reply.problem(), problem);
        assert!(!reply.text().contains(rows::INSIDE));
    }
}
