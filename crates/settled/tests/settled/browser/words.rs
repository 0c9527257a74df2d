use serde_json::json;

use super::{Page, browse};
use crate::harness::Service;

/// Calls a function of the page's module with this argument and returns what it returns.
async fn call(page: &Page, function: &str, argument: &serde_json::Value) -> serde_json::Value {
    let script = format!(
        "const done = arguments[arguments.length - 1];
         import('/assets/success.js').then((module) => done(module.{function}({argument}) ?? null), (error) => done(String(error)));"
    );
    page.run(&script).await
}

fn said(status: &str) -> serde_json::Value {
    json!({ "status": status, "amount": { "minor_units": 1900, "currency": "usd" }, "subscription_id": null })
}

#[tokio::test]
async fn handle_status_response_has_words_for_every_status_and_knows_which_ends_the_wait() {
    let service = Service::start();
    browse(async |page| {
        page.open(&format!("{}/cancel", service.process.url)).await;
        page.open(&format!("{}/success?session_id=cs_test_unknown", service.process.url)).await;
        page.await_status("unauthorized").await;
        let mut all_words = std::collections::BTreeSet::new();
        for (status, ends) in [
            ("pending", false),
            ("unreachable", false),
            ("processing", true),
            ("succeeded", true),
            ("failed", true),
            ("expired", true),
            ("not_found", true),
            ("unauthorized", true),
        ] {
            assert_eq!(call(&page, "handleStatusResponse", &said(status)).await, ends, "{status}");
            page.await_status(status).await;
            let words = format!("{} {}", page.text("#headline").await, page.text("#message").await);
            assert!(words.len() > 20, "{status}: {words}");
            assert!(all_words.insert(words), "{status} has words of its own");
            page.screenshot(&format!("status-{status}")).await;
        }
        let free = json!({ "status": "succeeded", "amount": { "minor_units": 0, "currency": "usd" }, "subscription_id": null });
        assert_eq!(call(&page, "handleStatusResponse", &free).await, true);
        assert!(page.text("#message").await.contains("Nothing was due"), "no payment is thanked for");
        call(&page, "handleTimeout", &json!(null)).await;
        page.await_status("timeout").await;
        page.find("#look-again:not([hidden])").await;
    })
    .await;
}

#[tokio::test]
async fn poll_payment_status_shows_somebody_elses_session_as_unknown() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    let checkout = alice.checkout("price_basic_monthly").await;
    let session = checkout["session_id"].as_str().unwrap().to_owned();
    browse(async |page| {
        page.open(&service.process.url).await;
        page.sign_in("mallory").await;
        page.open(&format!("{}/success?session_id={session}", service.process.url)).await;
        page.await_status("not_found").await;
    })
    .await;
}
