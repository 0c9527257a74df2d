//! The routes of webhook endpoints.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;

use super::App;
use super::mutations::{Outcome, mutate};
use super::reads::{list, retrieve};
use super::request::Call;
use crate::objects::WebhookEndpoint;
use crate::webhook_endpoints;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/webhook_endpoints", get(list::<WebhookEndpoint>).post(create))
        .route("/webhook_endpoints/{id}", get(retrieve::<WebhookEndpoint>).post(update).delete(delete))
}

async fn create(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, webhook_endpoints::create).await
}

async fn update(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| webhook_endpoints::update(change, &id, params)).await
}

async fn delete(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| {
        std::mem::take(params).finish()?;
        webhook_endpoints::delete(change, &id)
    })
    .await
}
