//! Customers who wait at one replica while another one hears of their payment.

use tempfile::TempDir;

use super::TestDatabase;
use crate::harness::{Process, SandboxProcess, Service, Shopper, free_addr};

#[tokio::test]
async fn who_waits_at_one_replica_hears_what_another_has_committed() {
    let dir = TempDir::new().unwrap();
    let (database, addr) = (TestDatabase::empty().await, free_addr());
    // The webhooks come to the replica that listens at `addr`.
    let sandbox = SandboxProcess::start(&dir, &format!("http://{addr}/api/webhook/stripe"));
    let url = database.url();
    let vars = |addr| [&sandbox.vars()[..], &[("DATABASE_URL", url.as_str()), ("LISTEN_ADDR", addr)]].concat();
    let _told = Service::start_in(&dir, &vars(addr.as_str()));
    let looked_at = Process::spawn(&["serve"], &vars("127.0.0.1:0")).ready();
    let alice = Shopper::with_token(&looked_at.url, &crate::users::token_for("alice"));
    let checkout = alice.checkout("price_lifetime").await;
    let session = checkout["session_id"].as_str().unwrap().to_owned();
    let waiting = tokio::spawn({
        let alice = alice.clone();
        async move { alice.get(&format!("/api/payment-status?session_id={session}&wait=30")).await }
    });
    alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
    let answer: serde_json::Value = waiting.await.unwrap().json().await.unwrap();
    assert_eq!((answer["status"].as_str(), answer["settled_by"].as_str()), (Some("succeeded"), Some("webhook")));
}
