use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::{Frame, render};
use crate::error::ApiError;
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

/// `GET /success?session_id=…`
pub(crate) async fn success(State(api): State<Api>) -> Result<Html<String>, ApiError> {
    render(&Success { frame: Frame::new(&api.config) })
}

/// `GET /cancel`
pub(crate) async fn cancel(State(api): State<Api>) -> Result<Html<String>, ApiError> {
    render(&Cancel { frame: Frame::new(&api.config) })
}
