use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::error::ApiError;
use crate::router::Api;

#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
}

/// `GET /healthz`: the process is up. It asks nothing else, so that a slow database does not get the process killed.
pub(crate) async fn alive() -> Json<Health> {
    Json(Health { status: "alive" })
}

/// `GET /readyz`: the database answers, is migrated, and the process is not about to stop.
pub(crate) async fn ready(State(api): State<Api>) -> Result<Json<Health>, ApiError> {
    if api.readiness.is_draining() {
        return Err(ApiError::Draining);
    }
    api.settled.ports().store.check_ready().await.map_err(ApiError::NotReady)?;
    Ok(Json(Health { status: "ready" }))
}
