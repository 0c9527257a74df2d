use axum::extract::State;
use axum::http::{HeaderName, header};

use crate::openapi::refusals;
use crate::router::Api;

refusals!(Refusals {});

/// This description, as OpenAPI 3.1.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "getDescription",
    tag = "operations",
    responses((status = 200, description = "The document.", body = serde_json::Value), Refusals),
)]
pub(crate) async fn get(State(api): State<Api>) -> ([(HeaderName, &'static str); 1], String) {
    ([(header::CONTENT_TYPE, "application/json")], api.description.json.clone())
}
