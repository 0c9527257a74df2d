//! The API, one file a route.

mod checkout;
mod description;
mod health;
mod payment_status;
mod payment_stream;
mod sandbox_login;
mod subscription_status;
mod webhook;

use axum::extract::DefaultBodyLimit;
use tower_http::limit::RequestBodyLimitLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use self::payment_status::{MAX_WAIT, amount};
use crate::config::{ApiConfig, SandboxLogin};
use crate::router::Api;

/// The largest JSON body, in bytes.
pub(crate) const MAX_JSON_BYTES: usize = 16 * 1024;
/// The largest webhook, in bytes.
pub(crate) const MAX_WEBHOOK_BYTES: usize = 1024 * 1024;

/// What users and their browsers call.
pub(crate) fn for_users(config: &ApiConfig) -> OpenApiRouter<Api> {
    let router = OpenApiRouter::new().routes(routes!(checkout::post)).routes(routes!(subscription_status::get));
    let router = match config.sandbox_login {
        SandboxLogin::Enabled => router.routes(routes!(sandbox_login::post)),
        SandboxLogin::Disabled => router,
    };
    limited(router, MAX_JSON_BYTES)
}

/// What users call who would rather wait than ask again.
pub(crate) fn for_those_who_wait() -> OpenApiRouter<Api> {
    let router = OpenApiRouter::new().routes(routes!(payment_status::get)).routes(routes!(payment_stream::get));
    limited(router, MAX_JSON_BYTES)
}

/// What Stripe and load balancers call.
pub(crate) fn for_machines() -> OpenApiRouter<Api> {
    let webhook = OpenApiRouter::new().routes(routes!(webhook::post));
    limited(webhook, MAX_WEBHOOK_BYTES)
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(description::get))
}

/// This limit refuses a body that announces its length before reading any of it; axum's own does not.
fn limited(router: OpenApiRouter<Api>, max_bytes: usize) -> OpenApiRouter<Api> {
    router.layer(RequestBodyLimitLayer::new(max_bytes)).layer(DefaultBodyLimit::disable())
}
