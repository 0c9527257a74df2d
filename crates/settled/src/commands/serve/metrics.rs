//! Numbers for Prometheus, on an address of their own: whoever reaches the service does not reach them.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::http::header;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

/// Bounds of the histograms: from a millisecond, which is fast, to the half minute after which the page calms.
const BUCKETS_S: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];
/// Bounds for the number of webhooks in one transaction, up to the most that it takes.
const BUCKETS_EVENTS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
/// How often samples are put into their buckets when nobody asks: they would pile up.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Begins to count, and answers `GET /metrics` at `addr` until `stop`.
pub(super) async fn serve(addr: SocketAddr, stop: CancellationToken) -> Result<()> {
    let listener = TcpListener::bind(addr).await.with_context(|| format!("cannot listen on {addr} (METRICS_ADDR)"))?;
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), BUCKETS_S)
        .and_then(|it| it.set_buckets_for_metric(Matcher::Suffix("_events".into()), BUCKETS_EVENTS))
        .and_then(PrometheusBuilder::install_recorder)
        .context("cannot begin to count")?;
    describe();
    tracing::info!(metrics_addr = %listener.local_addr()?, "metrics are served");
    tokio::spawn(stop.clone().run_until_cancelled_owned(keep_up(handle.clone())));
    let router = Router::new().route("/metrics", get(async move || ([(header::CONTENT_TYPE, TEXT)], handle.render())));
    tokio::spawn(axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).into_future());
    Ok(())
}

async fn keep_up(handle: PrometheusHandle) {
    let mut ticks = interval(UPKEEP_EVERY);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!("settled_payments_total", "Payments that have become final, and which way in made them so.");
    describe_counter!("settled_webhooks_total", "Events, by which way they came and what became of them.");
    describe_counter!("settled_unknown_statuses_total", "Objects in a status that this version does not know.");
    describe_histogram!("settled_webhook_received_seconds", "From the second in which Stripe made an event to us.");
    describe_histogram!("settled_webhook_committed_seconds", "From the arrival of an event to its commit.");
    describe_gauge!("settled_webhooks_waiting", "Webhooks that wait for a transaction to take them.");
    describe_histogram!("settled_webhook_batch_events", "How many webhooks one transaction has taken.");
    describe_histogram!("settled_webhook_batch_seconds", "From the begin of a batch until all of it is answered.");
    describe_counter!("settled_webhooks_refused_total", "Webhooks that were not accepted, and why.");
    describe_counter!("settled_landings_total", "Customers who came back from Stripe.");
    describe_counter!("settled_landings_already_settled_total", "Those whose payment was settled by then.");
    describe_gauge!("settled_landed_already_settled_ratio", "The share of these among the latest 100 of this process.");
    describe_histogram!("settled_payment_shown_seconds", "From the commit to the customer who waits.");
    describe_gauge!("settled_waiting", "Streams and requests that wait for a payment at present.");
    describe_gauge!("settled_clock_ahead_seconds", "How far our clock is ahead of Stripe's.");
}
