use serde_json::json;

use crate::harness::{SandboxProcess, Service, Shopper};

#[tokio::test]
async fn a_subscription_is_settled_when_the_customer_lands() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    assert_eq!(alice.subscription().await["status"], "none");

    let checkout = alice.checkout("price_basic_monthly").await;
    assert_eq!(checkout["status"], "pending");
    assert_eq!(alice.status_of(&checkout).await["status"], "pending");

    let landing = alice.pay(&checkout, "4242 4242 4242 4242").await.expect("the card pays");
    let session = checkout["session_id"].as_str().unwrap();
    assert_eq!(landing, format!("{}/success?session_id={session}", service.process.url));

    // No waiting: Stripe holds the redirect until the webhook is answered, which is after the commit.
    let settled = alice.status_of(&checkout).await;
    assert_eq!(settled["status"], "succeeded");
    assert_eq!(settled["settled_by"], "webhook");
    assert_eq!(settled["amount"], json!({ "minor_units": 1900, "currency": "usd" }));

    let subscription = crate::harness::until("an active subscription", async || {
        let said = alice.subscription().await;
        (said["status"] == "active").then_some(said)
    })
    .await;
    assert_eq!(subscription["access"], true);
    assert_eq!(subscription["subscription"]["price_id"], "price_basic_monthly");
    assert_eq!(subscription["subscription"]["subscription_id"], settled["subscription_id"]);
}

#[tokio::test]
async fn a_customer_whose_webhook_is_lost_is_settled_by_coming_back() {
    let dir = tempfile::TempDir::new().unwrap();
    let sandbox = SandboxProcess::start(&dir, "http://127.0.0.1:9/");
    let service = Service::start_in(&dir, &sandbox.vars());
    let alice = Shopper::with_token(&service.url, &crate::users::token_for("alice"));
    let checkout = alice.checkout("price_basic_monthly").await;
    alice.pay(&checkout, "4242424242424242").await.expect("the redirect is let go after a while");
    let settled = alice.await_status(&checkout, "succeeded").await;
    assert_eq!(settled["settled_by"], "landing");
    // The subscription's events are lost, too: it is asked for by its name.
    crate::harness::until("an active subscription", async || {
        (alice.subscription().await["status"] == "active").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_one_time_price_can_be_bought_twice_and_makes_no_subscription() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    for _ in 0..2 {
        let checkout = alice.checkout("price_lifetime").await;
        alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
        let settled = alice.status_of(&checkout).await;
        assert_eq!(settled["status"], "succeeded");
        assert_eq!(settled["amount"]["minor_units"], 19_900);
    }
    assert_eq!(alice.subscription().await["status"], "none");
}

#[tokio::test]
async fn a_declined_card_can_be_replaced_and_pays_in_the_same_session() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    let checkout = alice.checkout("price_lifetime").await;
    let page = alice.pay(&checkout, "4000000000000002").await.expect_err("the card is declined");
    assert!(page.contains("declined"), "{page}");
    assert_eq!(alice.status_of(&checkout).await["status"], "pending");
    alice.pay(&checkout, "4242424242424242").await.expect("the other card pays");
    assert_eq!(alice.status_of(&checkout).await["status"], "succeeded");
}

#[tokio::test]
async fn a_second_click_gets_the_same_session_and_another_plan_replaces_it() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    let first = alice.checkout("price_basic_monthly").await;
    let second = alice.post("/api/checkout", &json!({ "price_id": "price_basic_monthly" })).await;
    assert_eq!(second.status(), 200);
    let second: serde_json::Value = second.json().await.unwrap();
    assert_eq!(second["session_id"], first["session_id"]);

    let other = alice.checkout("price_pro_monthly").await;
    assert_ne!(other["session_id"], first["session_id"]);
    assert_eq!(alice.status_of(&first).await["status"], "expired");
    alice.pay(&first, "4242424242424242").await.expect_err("nobody can pay the old session");
    alice.pay(&other, "4242424242424242").await.expect("the new one can be paid");
    assert_eq!(alice.status_of(&other).await["status"], "succeeded");
}

#[tokio::test]
async fn ten_clicks_at_once_make_one_session() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    let clicks = (0..10).map(|_| {
        let alice = alice.clone();
        tokio::spawn(async move { alice.checkout("price_basic_monthly").await })
    });
    let mut sessions = std::collections::BTreeSet::new();
    for click in clicks.collect::<Vec<_>>() {
        sessions.insert(click.await.unwrap()["session_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(sessions.len(), 1);
}

#[tokio::test]
async fn who_has_a_subscription_cannot_buy_a_second_one() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    let checkout = alice.checkout("price_basic_monthly").await;
    alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
    let again = alice.post("/api/checkout", &json!({ "price_id": "price_pro_monthly" })).await;
    assert_eq!(again.status(), 409);
    assert_eq!(again.json::<serde_json::Value>().await.unwrap()["code"], "already_subscribed");
}

#[tokio::test]
async fn who_has_had_a_trial_pays_at_once_the_next_time() {
    let dir = tempfile::TempDir::new().unwrap();
    let addr = crate::harness::free_addr();
    let sandbox = SandboxProcess::start(&dir, &format!("http://{addr}/api/webhook/stripe"));
    let service = Service::start_in(&dir, &[&sandbox.vars()[..], &[("LISTEN_ADDR", &addr)]].concat());
    let alice = Shopper::with_token(&service.url, &crate::users::token_for("alice"));
    let first = alice.checkout("price_trial_monthly").await;
    alice.pay(&first, "4242424242424242").await.expect("the card is taken");
    let settled = alice.await_status(&first, "succeeded").await;
    assert_eq!(settled["amount"]["minor_units"], 0);
    let trialing = alice.await_subscription("trialing").await;
    assert_eq!(trialing["access"], true);

    let id = trialing["subscription"]["subscription_id"].as_str().unwrap();
    let cancel = alice.client.delete(format!("{}/v1/subscriptions/{id}", sandbox.api_base.trim_end_matches('/')));
    assert!(cancel.bearer_auth(&sandbox.secret_key).send().await.unwrap().status().is_success());
    alice.await_subscription("canceled").await;

    let second = alice.checkout("price_trial_monthly").await;
    alice.pay(&second, "4242424242424242").await.expect("the card pays");
    let settled = alice.await_status(&second, "succeeded").await;
    assert_eq!(settled["amount"]["minor_units"], 2_900, "no second trial");
    alice.await_subscription("active").await;
}
