use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::{Frame, render};
use crate::error::ApiError;
use crate::openapi::refusals;
use crate::router::Api;

/// The page asks for the payment itself: what the URL says proves nothing.
#[derive(Template)]
#[template(path = "success.html")]
struct Success {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "cancel.html")]
struct Cancel {
    frame: Frame,
}

refusals!(Refusals {});

/// Where Stripe sends the customer who has paid.
///
/// The page's script asks for the payment; the URL alone proves nothing.
#[utoipa::path(
    get,
    path = "/success",
    operation_id = "getSuccessPage",
    tag = "pages",
    params(("session_id" = Option<String>, Query, description = "The Checkout Session. Read by the page's script.")),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"), Refusals),
)]
pub(crate) async fn success(State(api): State<Api>) -> Result<Html<String>, ApiError> {
    render(&Success { frame: Frame::new(&api.config) })
}

/// Where Stripe sends the customer who has turned back.
#[utoipa::path(
    get,
    path = "/cancel",
    operation_id = "getCancelPage",
    tag = "pages",
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"), Refusals),
)]
pub(crate) async fn cancel(State(api): State<Api>) -> Result<Html<String>, ApiError> {
    render(&Cancel { frame: Frame::new(&api.config) })
}
