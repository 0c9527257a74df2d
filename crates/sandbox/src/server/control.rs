//! Controls that Stripe does not have, for tests on this machine.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;

use super::App;
use crate::errors::StripeError;
use crate::payments::settle::{self, Ending};
use crate::store::Origin;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sandbox/deliveries/hold", post(hold))
        .route("/sandbox/deliveries/release", post(release))
        .route("/sandbox/debits/{id}/settle", post(settle_debit))
        .route("/sandbox/debits/{id}/fail", post(fail_debit))
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

/// Settles a bank debit now. `id` is its PaymentIntent.
async fn settle_debit(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, StripeError> {
    end_debit(&app, &id, Ending::Success).await
}

/// Lets a bank debit fail now, whatever its test account says.
async fn fail_debit(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, StripeError> {
    end_debit(&app, &id, Ending::Failure).await
}

async fn end_debit(app: &App, id: &str, ending: Ending) -> Result<StatusCode, StripeError> {
    app.store.change(&Origin::default(), |change| settle::settle(change, id, ending)).await?;
    Ok(StatusCode::NO_CONTENT)
}
