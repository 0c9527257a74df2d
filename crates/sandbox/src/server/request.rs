//! A call of the API, read the way Stripe reads it.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::IntoResponse;

use super::stamp::RequestId;
use super::trouble::{AsOf, Failing};
use crate::errors::StripeError;
use crate::form;
use crate::params::Params;
use crate::store::Origin;

const KEY_CHARS_MAX: usize = 255;

/// The parameters of a call, from its query (GET, DELETE) or its form body (POST).
#[derive(Debug)]
pub(super) struct Call {
    pub(super) path: String,
    pub(super) params: Params,
    /// The parameters in one text that does not depend on their order.
    pub(super) canonical: String,
    pub(super) request_id: String,
    pub(super) idempotency_key: Option<String>,
    /// It has a `Stripe-Version` header. All are answered in the one version there is.
    pub(super) names_version: bool,
    pub(super) failing: Option<Failing>,
    pub(super) as_of: Option<i64>,
}

impl Call {
    pub(super) fn origin(&self) -> Origin {
        Origin { request_id: Some(self.request_id.clone()), idempotency_key: self.idempotency_key.clone() }
    }
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = StripeError;

    async fn from_request(request: Request, state: &S) -> Result<Self, StripeError> {
        let path = request.uri().path().to_owned();
        let request_id = request.extensions().get::<RequestId>().cloned();
        let failing = request.extensions().get::<Failing>().copied();
        let as_of = request.extensions().get::<AsOf>().map(|as_of| as_of.0);
        let key = idempotency_key(request.headers())?;
        let names_version = request.headers().contains_key("stripe-version");
        let is_post = request.method() == Method::POST;
        let is_form = is_form(request.headers());
        let mut encoded = request.uri().query().unwrap_or_default().as_bytes().to_vec();
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unreadable(rejection.into_response().status()))?;
        if !body.is_empty() && !is_form {
            return Err(StripeError::invalid("Invalid request: send parameters as application/x-www-form-urlencoded."));
        }
        encoded.push(b'&');
        encoded.extend_from_slice(&body);
        let fields = form::parse(&encoded)?;
        Ok(Self {
            path,
            canonical: Params::canonical(&fields),
            params: Params::new(fields),
            request_id: request_id.map(|id| id.0).unwrap_or_default(),
            idempotency_key: key.filter(|_| is_post),
            names_version,
            failing,
            as_of,
        })
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, StripeError> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok("") => Ok(None),
        Ok(key) if key.len() <= KEY_CHARS_MAX => Ok(Some(key.to_owned())),
        _ => Err(StripeError::invalid(format!("Idempotency keys are text of at most {KEY_CHARS_MAX} characters."))),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

fn unreadable(status: StatusCode) -> StripeError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        StripeError::too_large()
    } else {
        StripeError::invalid("The request body could not be read.")
    }
}
