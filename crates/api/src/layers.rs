//! What surrounds every route.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use settled_domain::ports::IdSource;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::config::ApiConfig;
use crate::error::{ApiError, render_errors};

/// How long a request may take. Stripe gives a webhook 20 s or so and Checkout waits 10 s; a call to Stripe that hangs
/// must not hang its caller for good.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Nothing from elsewhere and nothing inline; the hosted page of Stripe is reached by navigation, which this allows.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Wraps the routes. The outermost layer comes first.
pub(crate) fn wrap(routes: Router, config: &ApiConfig, ids: Arc<dyn IdSource>) -> Router {
    let hsts = config.is_https().then(|| always(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
    let layers = ServiceBuilder::new()
        .layer(SetSensitiveRequestHeadersLayer::new([
            header::AUTHORIZATION,
            header::COOKIE,
            HeaderName::from_static("stripe-signature"),
        ]))
        .layer(middleware::map_request(forget_foreign_request_id))
        .layer(SetRequestIdLayer::new(X_REQUEST_ID, RequestIds(ids)))
        // Failures are logged by `render_errors`, once.
        .layer(TraceLayer::new_for_http().make_span_with(span).on_failure(()))
        .layer(PropagateRequestIdLayer::new(X_REQUEST_ID))
        .layer(always(header::CACHE_CONTROL, "no-store"))
        .layer(always(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // The URL of the success page carries the session id, which is nobody else's business.
        .layer(always(header::REFERRER_POLICY, "same-origin"))
        .layer(always(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(always(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .option_layer(hsts)
        .layer(middleware::from_fn(render_errors))
        .layer(CatchPanicLayer::custom(panicked));
    routes.layer(layers)
}

/// Ends a request that has no answer after this long. What is streamed after the answer has begun may take longer.
pub(crate) fn timeout(after: Duration) -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, after)
}

fn always(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

/// A request's id is ours to choose: a client that could choose it could hide among the log lines of another.
async fn forget_foreign_request_id(mut request: Request) -> Request {
    request.headers_mut().remove(X_REQUEST_ID);
    request
}

#[derive(Clone)]
struct RequestIds(Arc<dyn IdSource>);

impl MakeRequestId for RequestIds {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&self.0.new_uuid().to_string()).ok().map(RequestId::new)
    }
}

/// The query is left out: it carries session ids.
fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let request_id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    tracing::info_span!("http.request", method = %request.method(), path = request.uri().path(), request_id)
}

/// The panic's message stays with the panic hook: it may hold what must not be logged.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::Panicked.into_response()
}
