use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::measures;
use crate::openapi::{refusals, webhook_outcomes};
use crate::router::Api;

/// The receipt. Stripe reads only the status.
#[derive(Serialize, ToSchema)]
pub(crate) struct Receipt {
    /// Always true.
    received: bool,
    #[schema(schema_with = webhook_outcomes)]
    outcome: &'static str,
}

refusals!(Refusals {
    InvalidRequest,
    InvalidSignature,
    PayloadTooLarge,
    UnsupportedMediaType,
    DatabaseUnavailable,
    Unavailable,
});

/// Takes an event of Stripe's.
///
/// A 200 means that its effects are committed, or that there are none; anything else makes Stripe send it again. The body
/// is read as the bytes that were signed, up to one mebibyte; not at all when the headers already show that it is none of
/// Stripe's, or when too many are waiting already.
#[utoipa::path(
    post,
    path = "/api/webhook/stripe",
    operation_id = "receiveWebhook",
    tag = "stripe",
    params(
        (
            "Stripe-Signature" = String, Header,
            description = "Stripe's signature over the body and the time, see <https://docs.stripe.com/webhooks#verify-manually>.",
            example = "t=1492774577,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd",
        ),
    ),
    request_body(
        content = Value, content_type = "application/json",
        description = "Stripe's event: <https://docs.stripe.com/api/events/object>.",
        example = json!({ "id": "evt_1", "object": "event", "type": "checkout.session.completed" }),
    ),
    responses(
        (
            status = 200, description = "It was dealt with.", body = Receipt,
            example = json!({ "received": true, "outcome": "processed" }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn post(State(api): State<Api>, request: Request) -> Result<Json<Receipt>, ApiError> {
    let headers = request.headers().clone();
    // Stripe signs the bytes as they are sent, and sends them plain.
    if headers.get_all(header::CONTENT_ENCODING).iter().any(|encoding| encoding != "identity") {
        return Err(ApiError::UnsupportedMediaType("webhooks must be sent without a content encoding"));
    }
    let signature = only_signature(&headers)?;
    api.settled.admit_webhook().inspect_err(measures::webhook_refused)?;
    let payload = Bytes::from_request(request, &api).await?;
    let handled = api.settled.handle_stripe_webhook(&payload, signature).await;
    let outcome = handled.inspect_err(measures::webhook_refused)?;
    Ok(Json(Receipt { received: true, outcome: outcome.as_str() }))
}

/// Of two headers, one could be checked here and the other by a proxy; so there must be one.
fn only_signature(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut signatures = headers.get_all("stripe-signature").iter();
    match (signatures.next(), signatures.next()) {
        (Some(only), None) => only.to_str().map_err(|_| ApiError::SignatureHeader),
        _ => Err(ApiError::SignatureHeader),
    }
}
