//! Controls that Stripe does not have, for tests on this machine.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;

use super::App;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sandbox/deliveries/hold", post(hold)).route("/sandbox/deliveries/release", post(release))
}

/// Keeps events queued until they are released, or the sandbox starts again.
async fn hold(State(app): State<App>) -> StatusCode {
    app.hold.send_replace(true);
    StatusCode::NO_CONTENT
}

async fn release(State(app): State<App>) -> StatusCode {
    app.hold.send_replace(false);
    StatusCode::NO_CONTENT
}
