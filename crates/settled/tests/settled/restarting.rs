use tempfile::TempDir;

use crate::harness::{SandboxProcess, Service, Shopper, free_addr};

/// The service is killed between paying and the webhook, and started again: nobody touches anything else.
#[tokio::test]
async fn a_payment_made_while_the_service_was_dead_succeeds_after_it_is_started_again() {
    let dir = TempDir::new().unwrap();
    let addr = free_addr();
    let sandbox = SandboxProcess::start(&dir, &format!("http://{addr}/api/webhook/stripe"));
    let vars = [&sandbox.vars()[..], &[("LISTEN_ADDR", &addr)]].concat();
    let service = Service::start_in(&dir, &vars);
    let alice = Shopper::with_token(&service.url, &crate::users::token_for("alice"));
    let checkout = alice.checkout("price_basic_monthly").await;

    service.process.kill();
    alice.pay(&checkout, "4242424242424242").await.expect("the redirect is held for a while and then let go");

    let _service = Service::start_in(&dir, &vars);
    alice.await_status(&checkout, "succeeded").await;
    crate::harness::until("an active subscription", async || {
        (alice.subscription().await["status"] == "active").then_some(())
    })
    .await;
}

/// The same with the built-in sandbox, which dies with the service: its journal and the database tell one story.
#[tokio::test]
async fn a_restart_keeps_sessions_sign_ins_and_what_was_paid() {
    let dir = TempDir::new().unwrap();
    let (addr, sandbox_addr) = (free_addr(), free_addr());
    let vars = [("LISTEN_ADDR", addr.as_str()), ("SANDBOX_ADDR", sandbox_addr.as_str())];
    let service = Service::start_in(&dir, &vars);
    let alice = Shopper::sign_in(service.url.clone(), "alice".into()).await;
    let checkout = alice.checkout("price_basic_monthly").await;
    service.process.kill();

    let service = Service::start_in(&dir, &vars);
    assert_eq!(alice.status_of(&checkout).await["status"], "pending");
    alice.pay(&checkout, "4242424242424242").await.expect("the session is still open");
    service.process.kill();

    let _service = Service::start_in(&dir, &vars);
    alice.await_status(&checkout, "succeeded").await;
    assert_eq!(alice.checkout_refusal("price_basic_monthly").await, "already_subscribed");
}

/// Stripe is away, and the service is started again all the same: what it answers comes from its own database.
#[tokio::test]
async fn a_restart_while_stripe_is_away_still_answers() {
    let dir = TempDir::new().unwrap();
    let sandbox = SandboxProcess::start(&dir, "http://127.0.0.1:9/");
    let held = sandbox.vars().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let vars: Vec<(&str, &str)> = held.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let service = Service::start_in(&dir, &vars);
    let alice = Shopper::with_token(&service.url, &crate::users::token_for("alice"));
    let checkout = alice.checkout("price_basic_monthly").await;
    service.process.kill();
    drop(sandbox);

    let service = Service::start_in(&dir, &vars);
    let alice = Shopper::with_token(&service.url, &alice.token);
    assert_eq!(alice.status_of(&checkout).await["status"], "pending");
    let refused = alice.post("/api/checkout", &serde_json::json!({ "price_id": "price_lifetime" })).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(refused.json::<serde_json::Value>().await.unwrap()["code"], "stripe_unavailable");
}

#[tokio::test]
async fn a_stop_by_the_supervisor_is_clean() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    alice.checkout("price_basic_monthly").await;
    let (status, logs) = service.process.process.terminate();
    assert!(status.success(), "{logs:#?}");
    assert!(logs.iter().any(|line| line.contains("\"stopped\"")), "{logs:#?}");
}
