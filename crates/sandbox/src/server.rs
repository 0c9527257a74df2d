//! The HTTP side: Stripe's API, the hosted pages, and a few controls for tests.

mod auth;
mod billing;
mod control;
mod dashboard;
mod filters;
mod hosted;
mod invoice_payments;
mod mutations;
mod paying;
mod reads;
mod registering;
mod request;
mod selling;
mod stamp;
mod trouble;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio_util::sync::CancellationToken;
use tower_http::timeout::TimeoutLayer;

use crate::delivery::Hold;
use crate::errors::StripeError;
use crate::objects::Event;
use crate::store::Store;
use reads::{list, retrieve};
pub(crate) use wire::{Peer, Wires};

const BODY_BYTES_MAX: usize = 64 * 1024;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// What every handler needs.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) store: Arc<Store>,
    pub(crate) hold: Hold,
    /// How long a paid customer waits for the webhook to be answered, at most.
    pub(crate) redirect_hold: Duration,
    /// Cancelled when the sandbox stops.
    pub(crate) stop: CancellationToken,
}

/// All routes.
pub(crate) fn router(app: App) -> Router {
    let timeout = REQUEST_TIMEOUT + app.redirect_hold;
    let api = api()
        .route_layer(middleware::from_fn_with_state(app.clone(), auth::require_key))
        .fallback(unrecognized_below_v1)
        .layer(middleware::from_fn_with_state(app.clone(), trouble::make));
    let control = control::routes()
        .route_layer(middleware::from_fn_with_state(app.clone(), auth::require_key))
        .route_layer(middleware::from_fn(auth::require_loopback));
    let dashboard = dashboard::routes().route_layer(middleware::from_fn(auth::require_own_pages));
    Router::new()
        .nest("/v1", api)
        .merge(control)
        .merge(dashboard)
        .merge(hosted::routes())
        .fallback(unrecognized)
        .method_not_allowed_fallback(unrecognized)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), stamp::stamp))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, timeout))
        .with_state(app)
}

fn api() -> Router<App> {
    Router::new()
        .route("/account", get(reads::account))
        .route("/events", get(list::<Event>))
        .route("/events/{id}", get(retrieve::<Event>))
        .merge(registering::routes())
        .merge(selling::routes())
        .merge(billing::routes())
        .merge(paying::routes())
}

async fn unrecognized(method: Method, uri: Uri) -> Response {
    refuse_path(&method, uri.path())
}

/// A nested router sees paths without its prefix.
async fn unrecognized_below_v1(method: Method, uri: Uri) -> Response {
    refuse_path(&method, &format!("/v1{}", uri.path()))
}

fn refuse_path(method: &Method, path: &str) -> Response {
    let shown: String = path.chars().take(200).collect();
    StripeError::unrecognized_url(method.as_str(), &shown).into_response()
}
