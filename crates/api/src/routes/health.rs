use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::openapi::refusals;
use crate::router::Api;

/// That all is well.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `alive` or `ready`, as was asked.
    #[schema(pattern = "^(alive|ready)$")]
    status: &'static str,
}

refusals!(Refusals { Draining, DatabaseUnavailable });
refusals!(NoRefusals {});

/// The process is up.
///
/// It asks nothing else, so that a slow database does not get the process killed.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "getHealth",
    tag = "operations",
    responses(
        (status = 200, description = "It is.", body = Health, example = json!({ "status": "alive" })),
        NoRefusals,
    ),
)]
pub(crate) async fn alive() -> Json<Health> {
    Json(Health { status: "alive" })
}

/// The process wants requests.
///
/// The database answers and is migrated, and the process is not about to stop.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "getReadiness",
    tag = "operations",
    responses(
        (status = 200, description = "It does.", body = Health, example = json!({ "status": "ready" })),
        Refusals,
    ),
)]
pub(crate) async fn ready(State(api): State<Api>) -> Result<Json<Health>, ApiError> {
    if api.readiness.is_draining() {
        return Err(ApiError::Draining);
    }
    api.settled.ports().store.check_ready().await.map_err(ApiError::NotReady)?;
    Ok(Json(Health { status: "ready" }))
}
