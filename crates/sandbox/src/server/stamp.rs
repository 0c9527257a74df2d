//! The headers that every answer of Stripe carries.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::App;
use crate::clock;
use crate::ids;
use crate::objects::API_VERSION;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// The id of the request being answered.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

pub(super) async fn stamp(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = ids::object_id("req_", 14);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [(REQUEST_ID, id), (header::DATE, clock::http_date(app.store.now()))] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    headers.insert(STRIPE_VERSION, HeaderValue::from_static(API_VERSION));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache, no-store"));
    response
}
