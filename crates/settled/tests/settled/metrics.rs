//! What Prometheus is told, and who else is not.

use tempfile::TempDir;

use crate::harness::{Service, Shopper, free_addr, metrics_at};

#[tokio::test]
async fn a_purchase_is_counted_where_only_the_operator_looks_and_names_nobody() {
    let (dir, metrics) = (TempDir::new().unwrap(), free_addr());
    let service = Service::start_in(&dir, &[("METRICS_ADDR", &metrics)]);
    let alice = Shopper::sign_in(service.url.clone(), "alice".to_owned()).await;
    let checkout = alice.checkout("price_basic_monthly").await;
    let landing = alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
    alice.get(landing.strip_prefix(&service.url).unwrap()).await.text().await.unwrap();

    let told = metrics_at(&metrics).await;
    assert!(told.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    let told = told.text().await.unwrap();
    for line in [
        "settled_landings_total 1",
        "settled_landings_already_settled_total 1",
        "settled_landed_already_settled_ratio 1",
        "settled_payments_total{status=\"succeeded\",settled_by=\"webhook\"} 1",
        "settled_webhook_committed_seconds_bucket{le=\"+Inf\"}",
        "settled_webhook_received_seconds_count",
        "# TYPE settled_webhook_committed_seconds histogram",
        "settled_webhooks_waiting 0",
        "settled_webhook_batch_events_bucket{le=\"1\"}",
        "settled_webhook_batch_seconds_bucket{le=\"+Inf\"}",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    for secret in ["cs_", "sub_", "cus_", "evt_", "alice"] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
    assert_eq!(alice.get("/metrics").await.status(), 404, "not on the public address");
}

#[tokio::test]
async fn without_an_address_nothing_is_counted_and_nothing_listens() {
    let service = Service::start();
    assert_eq!(service.shopper("alice").await.get("/metrics").await.status(), 404);
}
