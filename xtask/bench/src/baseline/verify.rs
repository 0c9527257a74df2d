use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use settled_domain::ports::{Clock, StripeGateway};
use settled_engine::SystemClock;
use settled_stripe::{StripeApi, StripeConfig};

use crate::server::WEBHOOK_SECRET;

/// A route that verifies and reads a webhook, and forgets it: what is left for a database to cost.
pub(super) fn router(stripe: SocketAddr) -> Result<Router> {
    Ok(Router::new().route("/api/webhook/stripe", post(verify)).with_state(Arc::new(gateway(stripe)?)))
}

async fn verify(State(gateway): State<Arc<StripeApi>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or("");
    match gateway.verify_webhook_signature(&body, signature, SystemClock.now()) {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

pub(super) fn gateway(stripe: SocketAddr) -> Result<StripeApi> {
    let config = StripeConfig::new("sk_test_benchmark".into(), vec![WEBHOOK_SECRET.into()]);
    Ok(StripeApi::new(StripeConfig { api_base: format!("http://{stripe}/").parse()?, ..config })?)
}
