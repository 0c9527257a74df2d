//! The API, one file a route.

mod checkout;
mod health;
mod payment_status;
mod sandbox_login;
mod subscription_status;
mod webhook;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tower_http::limit::RequestBodyLimitLayer;

use crate::config::{ApiConfig, SandboxLogin};
use crate::router::Api;

/// The largest JSON body, in bytes.
pub(crate) const MAX_JSON_BYTES: usize = 16 * 1024;
/// The largest webhook, in bytes.
pub(crate) const MAX_WEBHOOK_BYTES: usize = 1024 * 1024;

/// What users and their browsers call.
pub(crate) fn for_users(config: &ApiConfig) -> Router<Api> {
    let router = Router::new()
        .route("/api/checkout", post(checkout::post))
        .route("/api/payment-status", get(payment_status::get))
        .route("/api/subscription-status", get(subscription_status::get));
    let router = match config.sandbox_login {
        SandboxLogin::Enabled => router.route("/sandbox/login", post(sandbox_login::post)),
        SandboxLogin::Disabled => router,
    };
    limited(router, MAX_JSON_BYTES)
}

/// What Stripe and load balancers call.
pub(crate) fn for_machines() -> Router<Api> {
    let webhook = Router::new().route("/api/webhook/stripe", post(webhook::post));
    limited(webhook, MAX_WEBHOOK_BYTES).route("/healthz", get(health::alive)).route("/readyz", get(health::ready))
}

/// This limit refuses a body that announces its length before reading any of it; axum's own does not.
fn limited(router: Router<Api>, max_bytes: usize) -> Router<Api> {
    router.layer(RequestBodyLimitLayer::new(max_bytes)).layer(DefaultBodyLimit::disable())
}
