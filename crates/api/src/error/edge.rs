use std::error::Error;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use problem_details::{JsonProblemDetails, ProblemDetails, ProblemType};
use serde::Serialize;
use tower_http::request_id::RequestId;

use super::floods::Flood;
use super::{ApiError, ErrorCode};

/// Our members of a problem, beside those of RFC 9457.
#[derive(Serialize)]
pub(crate) struct Members {
    code: ErrorCode,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_url: Option<String>,
}

/// Writes the body of every failed answer, wherever it failed, and logs the failures that are ours: the only place that
/// does either.
pub(crate) async fn render_errors(request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let request_id = request_id.unwrap_or_default().to_owned();
    let response = next.run(request).await;
    match failure(&response) {
        Some(error) => render(&error, request_id),
        None => response,
    }
}

fn failure(response: &Response) -> Option<Arc<ApiError>> {
    if let Some(error) = response.extensions().get::<Arc<ApiError>>() {
        return Some(Arc::clone(error));
    }
    // The layers for limits answer with a bare status.
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Some(Arc::new(ApiError::PayloadTooLarge)),
        StatusCode::GATEWAY_TIMEOUT => Some(Arc::new(ApiError::TimedOut)),
        _ => None,
    }
}

fn render(error: &ApiError, request_id: String) -> Response {
    log(error);
    let code = error.code();
    let pay_url = match error {
        ApiError::AlreadySubscribed { pay_url } => pay_url.clone(),
        _ => None,
    };
    let problem = problem(error.detail(), Members { code, request_id, pay_url });
    let mut response = JsonProblemDetails::from(problem).into_response();
    let headers = response.headers_mut();
    if let Some(seconds) = error.retry_after_s() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if code == ErrorCode::Unauthorized {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn problem(detail: &str, members: Members) -> ProblemDetails<Members> {
    ProblemDetails::from_status_code(members.code.status())
        .with_type(ProblemType::default())
        .with_detail(detail)
        .with_extensions(members)
}

/// The problem that is answered when there is nothing more particular to say than the code.
pub(crate) fn example(code: ErrorCode, request_id: &str) -> ProblemDetails<Members> {
    problem(code.detail(), Members { code, request_id: request_id.to_owned(), pay_url: None })
}

fn log(error: &ApiError) {
    let unlogged = match Flood::of(error).map(Flood::may_be_logged) {
        Some(None) => return,
        of_a_flood => of_a_flood.flatten(),
    };
    let code = error.code();
    let status = code.status();
    if status == StatusCode::INTERNAL_SERVER_ERROR || status == StatusCode::BAD_GATEWAY {
        tracing::error!(?code, error = %chain(error), "request failed");
    } else if status.is_server_error() {
        tracing::warn!(?code, error = %chain(error), unlogged, "request failed");
    } else if code == ErrorCode::InvalidSignature {
        tracing::warn!(?code, error = %chain(error), unlogged, "request refused");
    } else {
        tracing::debug!(?code, error = %chain(error), "request refused");
    }
}

/// An error and its causes on one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
