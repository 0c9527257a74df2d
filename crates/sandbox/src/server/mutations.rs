//! Everything that changes something, with its idempotency key.
//!
//! <https://docs.stripe.com/api/idempotent_requests>

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::App;
use super::request::Call;
use super::trouble::Failing;
use crate::errors::StripeError;
use crate::expand;
use crate::params::Params;
use crate::reply::Reply;
use crate::store::{Answer, Change};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const ORIGINAL_REQUEST: HeaderName = HeaderName::from_static("original-request");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

pub(super) type Outcome = Result<Response, StripeError>;

/// Makes a change, or gives the stored answer to its idempotency key again. The answer is stored
/// in the same step as the change. Refusals are not stored: nothing was executed.
pub(super) async fn mutate<R: Into<Reply>>(
    app: &App,
    mut call: Call,
    make: impl FnOnce(&mut Change<'_>, &mut Params) -> Result<R, StripeError>,
) -> Outcome {
    let key = call.idempotency_key.clone();
    let _held = match &key {
        Some(key) => Some(app.store.hold_key(key).ok_or_else(|| StripeError::idempotency_in_use(key))?),
        None => None,
    };
    let origin = call.origin();
    let fingerprint = fingerprint(&call);
    let answer = app
        .store
        .change(&origin, |change| {
            if let Some(stored) = key.as_ref().and_then(|key| change.state.answer(key, change.real_now)) {
                if stored.fingerprint != fingerprint {
                    return Err(StripeError::idempotency_mismatch(&stored.key));
                }
                return Ok((stored.clone(), Replay::Yes));
            }
            let paths = call.params.texts("expand")?;
            let (mut status, mut body) = match call.failing {
                Some(Failing::Before) => (StatusCode::OK, Value::Null),
                _ => make(change, &mut call.params)?.into().into_parts(),
            };
            // The change is made: what cannot be expanded is left as it is.
            let _ = expand::expand(&mut body, &paths, change.state);
            if call.failing.is_some() {
                let failure = StripeError::internal();
                (status, body) = (failure.status, failure.body());
            }
            let answer = Answer {
                key: key.clone().unwrap_or_default(),
                fingerprint,
                request_id: call.request_id.clone(),
                at: change.real_now,
                status: status.as_u16(),
                body,
            };
            if key.is_some() {
                change.remember(answer.clone());
            }
            Ok((answer, Replay::No))
        })
        .await?;
    Ok(respond(answer, key.as_deref()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Replay {
    Yes,
    No,
}

/// A digest, so that no parameter is kept for the key's sake.
fn fingerprint(call: &Call) -> String {
    let mut digest = Sha256::new();
    digest.update(call.path.as_bytes());
    digest.update([0]);
    digest.update(call.canonical.as_bytes());
    hex::encode(digest.finalize())
}

fn respond((answer, replay): (Answer, Replay), key: Option<&str>) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(key) = key.and_then(|key| HeaderValue::from_str(key).ok()) {
        headers.insert(IDEMPOTENCY_KEY, key);
        if let Ok(original) = HeaderValue::from_str(&answer.request_id) {
            headers.insert(ORIGINAL_REQUEST, original);
        }
    }
    if replay == Replay::Yes {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or_default();
    (status, headers, Json(answer.body)).into_response()
}
