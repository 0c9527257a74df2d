use settled_domain::ids::{PriceId, SubscriptionId};
use settled_domain::subscription::{Subscription, SubscriptionStatus};
use settled_domain::transition::Cause;

use crate::app::{Backend, Reply};
use crate::rows;

pub(crate) async fn ask_with(held: Vec<Subscription>) -> Reply {
    let mut backend = Backend::default();
    backend
        .store
        .expect_list_user_subscriptions()
        .withf(|user_id, price_id, _| user_id.as_str() == "alice" && price_id.is_none())
        .once()
        .return_once(|_, _, _| Ok(held));
    backend.app().get("/api/subscription-status").await
}

#[tokio::test]
async fn an_active_subscription_grants_access() {
    let reply = ask_with(vec![rows::subscription(SubscriptionStatus::Active)]).await;
    assert_eq!(reply.status, 200);
    insta::assert_json_snapshot!(reply.json(), @r#"
    {
      "access": true,
      "as_of": "2026-11-24T10:01:00Z",
      "checked_at": "2026-11-24T10:01:02.5Z",
      "status": "active",
      "subscription": {
        "cancel_at": null,
        "cancel_at_period_end": false,
        "current_period_end": "2026-12-24T10:01:00Z",
        "price_id": "price_basic_monthly",
        "quantity": 1,
        "subscription_id": "sub_1",
        "trial_end": null
      }
    }
    "#);
}

#[tokio::test]
async fn nobody_s_subscription_is_called_none() {
    let reply = ask_with(Vec::new()).await;
    insta::assert_json_snapshot!(reply.json(), @r#"
    {
      "access": false,
      "as_of": "2100-01-01T12:00:00Z",
      "checked_at": null,
      "status": "none",
      "subscription": null
    }
    "#);
}

#[tokio::test]
async fn every_status_has_stripes_word_and_says_whether_it_grants_access() {
    for &status in SubscriptionStatus::ALL {
        let answer = ask_with(vec![rows::subscription(status)]).await.json();
        let grants = matches!(status, SubscriptionStatus::Active | SubscriptionStatus::Trialing);
        assert_eq!(answer["status"], status.as_str());
        assert_eq!(answer["access"], grants, "{status}");
    }
}

#[tokio::test]
async fn a_subscription_of_which_only_the_name_is_known_is_as_old_as_that_knowledge() {
    let payment = rows::payment(|_| ());
    let id = SubscriptionId::new("sub_1").unwrap();
    let (stub, _) = Subscription::stub(id, &payment, Cause::Webhook, rows::SETTLED);
    let answer = ask_with(vec![stub]).await.json();
    assert_eq!(answer["status"], "incomplete");
    assert_eq!(answer["as_of"], "2026-11-24T10:01:02.5Z");
}

#[tokio::test]
async fn a_price_narrows_the_question() {
    let mut backend = Backend::default();
    backend
        .store
        .expect_list_user_subscriptions()
        .withf(|_, price_id, _| price_id.as_ref().map(PriceId::as_str) == Some("price_pro_monthly"))
        .once()
        .returning(|_, _, _| Ok(Vec::new()));
    let reply = backend.app().get("/api/subscription-status?price_id=price_pro_monthly").await;
    assert_eq!(reply.json()["status"], "none");
}

#[tokio::test]
async fn a_bad_question_is_400_and_reaches_nobody() {
    let app = Backend::default().app();
    for (query, detail) in [
        ("price_id=", "price_id is not a valid price id"),
        ("price_id=prod/1", "price_id is not a valid price id"),
        ("user_id=bob", "user_id is not a known field"),
    ] {
        let reply = app.get(&format!("/api/subscription-status?{query}")).await;
        assert_eq!(reply.problem(), (400, "invalid_request".into()), "{query}");
        assert_eq!(reply.detail(), detail);
    }
}

#[tokio::test]
async fn a_database_out_of_reach_is_503() {
    let mut backend = Backend::default();
    backend.store.expect_list_user_subscriptions().returning(|_, _, _| Err(rows::database_away()));
    let reply = backend.app().get("/api/subscription-status").await;
    assert_eq!(reply.problem(), (503, "database_unavailable".into()));
}
