use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, header};
use serde::Serialize;

use crate::error::ApiError;
use crate::router::Api;

/// The receipt. Stripe reads only the status.
#[derive(Serialize)]
pub(crate) struct Receipt {
    received: bool,
    outcome: &'static str,
}

/// `POST /api/webhook/stripe`
///
/// A stranger's body is not read when its headers already show that it is none of Stripe's, and never parsed.
pub(crate) async fn post(State(api): State<Api>, request: Request) -> Result<Json<Receipt>, ApiError> {
    let headers = request.headers().clone();
    // Stripe signs the bytes as they are sent, and sends them plain.
    if headers.get_all(header::CONTENT_ENCODING).iter().any(|encoding| encoding != "identity") {
        return Err(ApiError::UnsupportedMediaType("webhooks must be sent without a content encoding"));
    }
    let signature = only_signature(&headers)?;
    let payload = Bytes::from_request(request, &api).await?;
    let outcome = api.settled.handle_stripe_webhook(&payload, signature).await?;
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
