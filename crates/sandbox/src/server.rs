//! The HTTP side: Stripe's API, the hosted pages, and a few controls for tests.

mod auth;
mod control;
mod filters;
mod hosted;
mod mutations;
mod reads;
mod request;
mod stamp;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;
use tower_http::timeout::TimeoutLayer;

use crate::delivery::Hold;
use crate::errors::StripeError;
use crate::objects::{
    Charge, Customer, Event, Invoice, PaymentIntent, PaymentMethod, Price, Product, Session, Subscription,
};
use crate::store::Store;
use reads::{list, retrieve};

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
    let api = api().route_layer(middleware::from_fn_with_state(app.clone(), auth::require_key)).fallback(unrecognized);
    let control = control::routes()
        .route_layer(middleware::from_fn_with_state(app.clone(), auth::require_key))
        .route_layer(middleware::from_fn(auth::require_loopback));
    Router::new()
        .nest("/v1", api)
        .merge(control)
        .merge(hosted::routes())
        .fallback(unrecognized)
        .method_not_allowed_fallback(unrecognized)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(stamp::stamp))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, timeout))
        .with_state(app)
}

fn api() -> Router<App> {
    Router::new()
        .route("/account", get(reads::account))
        .route("/products", get(list::<Product>))
        .route("/products/{id}", get(retrieve::<Product>))
        .route("/prices", get(list::<Price>))
        .route("/prices/{id}", get(retrieve::<Price>))
        .route("/customers", get(list::<Customer>).post(mutations::create_customer))
        .route("/customers/{id}", get(retrieve::<Customer>).post(mutations::update_customer))
        .route("/checkout/sessions", get(list::<Session>).post(mutations::create_session))
        .route("/checkout/sessions/{id}", get(retrieve::<Session>))
        .route("/checkout/sessions/{id}/expire", post(mutations::expire_session))
        .route("/checkout/sessions/{id}/line_items", get(reads::line_items))
        .route("/subscriptions", get(list::<Subscription>))
        .route(
            "/subscriptions/{id}",
            get(retrieve::<Subscription>).post(mutations::update_subscription).delete(mutations::cancel_subscription),
        )
        .route("/invoices", get(list::<Invoice>))
        .route("/invoices/{id}", get(retrieve::<Invoice>))
        .route("/payment_intents", get(list::<PaymentIntent>))
        .route("/payment_intents/{id}", get(retrieve::<PaymentIntent>))
        .route("/charges", get(list::<Charge>))
        .route("/charges/{id}", get(retrieve::<Charge>))
        .route("/payment_methods/{id}", get(retrieve::<PaymentMethod>))
        .route("/events", get(list::<Event>))
        .route("/events/{id}", get(retrieve::<Event>))
}

async fn unrecognized(method: Method, uri: Uri) -> Response {
    let path: String = uri.path().chars().take(200).collect();
    StripeError::unrecognized_url(method.as_str(), &path).into_response()
}
