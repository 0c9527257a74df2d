use tempfile::TempDir;

use super::TestDatabase;
use crate::harness::{SandboxProcess, Service, Shopper, bin, free_addr, run};

#[tokio::test]
async fn a_subscription_is_settled_when_the_customer_lands() {
    let dir = TempDir::new().unwrap();
    let (database, addr) = (TestDatabase::empty().await, free_addr());
    let sandbox = SandboxProcess::start(&dir, &format!("http://{addr}/api/webhook/stripe"));
    let url = database.url();
    let service = [("DATABASE_URL", url.as_str()), ("LISTEN_ADDR", &addr)];
    let service = Service::start_in(&dir, &[&sandbox.vars()[..], &service].concat());
    let alice = Shopper::with_token(&service.url, &crate::users::token_for("alice"));

    let checkout = alice.checkout("price_basic_monthly").await;
    assert_eq!(alice.status_of(&checkout).await["status"], "pending");
    alice.pay(&checkout, "4242 4242 4242 4242").await.expect("the card pays");
    let settled = alice.await_status(&checkout, "succeeded").await;
    assert_eq!(settled["amount"]["minor_units"], 1900);
    crate::harness::until("an active subscription", async || {
        (alice.subscription().await["status"] == "active").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_server_that_restarts_is_reconnected_without_a_failed_request() {
    let dir = TempDir::new().unwrap();
    let database = TestDatabase::empty().await;
    let sandbox = SandboxProcess::start(&dir, "http://127.0.0.1:9/");
    let url = database.url();
    let service = Service::start_in(&dir, &[&sandbox.vars()[..], &[("DATABASE_URL", url.as_str())]].concat());
    let alice = Shopper::with_token(&service.url, &crate::users::token_for("alice"));
    let checkout = alice.checkout("price_lifetime").await;
    assert!(database.cut_connections().await > 0);
    for _ in 0..5 {
        assert_eq!(alice.status_of(&checkout).await["status"], "pending");
    }
    assert_eq!(alice.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_told_in_one_line_without_the_password() {
    let database = TestDatabase::empty().await;
    let url = database.url_with_password("hush");
    let missing = database.url().replace(database.name(), "settled_nowhere");
    for (url, words) in [(url.as_str(), "or the password"), (missing.as_str(), "settled_nowhere does not exist")] {
        let output = run(bin().arg("migrate").env("DATABASE_URL", url));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains("DATABASE_URL") && told.contains(words), "{told}");
        assert!(!told.contains("hush") && told.trim().lines().count() == 1, "{told}");
    }
}
