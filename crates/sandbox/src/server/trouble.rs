//! Calls of the API with which something goes wrong on purpose.

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use futures_util::stream;

use super::App;
use super::wire::Peer;
use crate::errors::StripeError;
use crate::faults::{Adversity, CallFault};

/// A caller that wants none of it, as a test that looks at the results, sends `Sandbox-Faults: off`.
const SWITCH: HeaderName = HeaderName::from_static("sandbox-faults");
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                           <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/// When the 500 comes that is kept under the idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    Before,
    Afterwards,
}

/// What is read is to be as it was at this moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct AsOf(pub(super) i64);

/// Lets the faults happen that are drawn for a call below `/v1`.
pub(super) async fn make(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let call = format!("{} /v1{}", request.method(), request.uri().path());
    let is_off = request.headers().get(&SWITCH).is_some_and(|value| value == "off");
    let drawn = if is_off { None } else { app.store.draw(|faults, now| faults.draw_call(&call, now)) };
    let Some(fault) = drawn else {
        return next.run(request).await;
    };
    tracing::info!(call, ?fault, "a call goes wrong on purpose");
    match fault {
        CallFault::TooMany => StripeError::too_many().into_response(),
        CallFault::TooManyRetryAfter => {
            let wait = app.store.draw(|faults, _| faults.retry_after_s());
            ([(header::RETRY_AFTER, HeaderValue::from(wait))], StripeError::too_many()).into_response()
        }
        CallFault::Failed | CallFault::FailedAfterwards if request.method() != Method::POST => {
            StripeError::internal().into_response()
        }
        CallFault::Failed => failing(request, Failing::Before, next).await,
        CallFault::FailedAfterwards => failing(request, Failing::Afterwards, next).await,
        CallFault::BadGateway => (StatusCode::BAD_GATEWAY, Html(BAD_GATEWAY)).into_response(),
        CallFault::Cut => cut_short(next.run(request).await).await,
        CallFault::Reset => {
            let answer = next.run(request).await;
            peer.scissors.cut();
            answer
        }
        CallFault::Silence => {
            let answer = next.run(request).await;
            // The caller hangs up, or the server's own time limit ends it.
            app.stop.cancelled().await;
            answer
        }
        CallFault::Lag => {
            let moment = app.store.draw(Adversity::lagging_moment);
            request.extensions_mut().insert(AsOf(moment));
            next.run(request).await
        }
    }
}

async fn failing(mut request: Request, failing: Failing, next: Next) -> Response {
    request.extensions_mut().insert(failing);
    next.run(request).await
}

/// The first half of the answer, and then the connection breaks.
async fn cut_short(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_BYTES_MAX).await else {
        return StripeError::internal().into_response();
    };
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let half = bytes.slice(..bytes.len() / 2);
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Response::from_parts(parts, Body::from_stream(stream::iter([Ok(half), Err(broken)])))
}
