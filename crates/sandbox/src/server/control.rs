//! Controls that Stripe does not have, for tests on this machine.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;

use super::App;
use crate::errors::StripeError;
use crate::faults::FaultPlan;
use crate::payments::settle::{self, Ending};
use crate::payments::{disputes, refunds};
use crate::store::Origin;
use crate::truth;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sandbox/deliveries/hold", post(hold))
        .route("/sandbox/deliveries/release", post(release))
        .route("/sandbox/debits/{id}/settle", post(settle_debit))
        .route("/sandbox/debits/{id}/fail", post(fail_debit))
        .route("/sandbox/charges/{id}/dispute", post(open_dispute))
        .route("/sandbox/refunds/{id}/fail", post(fail_refund))
        .route("/sandbox/faults", post(begin_faults))
        .route("/sandbox/truth", get(tell_truth))
}

/// From now on things go wrong by this plan; `{}` ends it.
async fn begin_faults(
    State(app): State<App>,
    plan: Result<Json<FaultPlan>, JsonRejection>,
) -> Result<StatusCode, StripeError> {
    let Json(plan) = plan.map_err(|rejection| StripeError::invalid(rejection.body_text()))?;
    app.store.begin_faults(plan);
    Ok(StatusCode::NO_CONTENT)
}

async fn tell_truth(State(app): State<App>) -> Json<Value> {
    Json(app.store.read(truth::tell))
}

/// Somebody disputes a charge.
async fn open_dispute(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, StripeError> {
    app.store.change(&Origin::default(), |change| disputes::open_on_demand(change, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A refund that seemed to have succeeded fails.
async fn fail_refund(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, StripeError> {
    app.store.change(&Origin::default(), |change| refunds::fail(change, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
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
