//! Who may call the API.
//!
//! <https://docs.stripe.com/api/authentication>

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::headers::authorization::{Basic, Bearer, Credentials};
use subtle::ConstantTimeEq;

use super::App;
use crate::errors::StripeError;

const MISSING: &str = "You did not provide an API key. You need to provide your API key in the \
                       Authorization header, using Bearer auth (e.g. 'Authorization: Bearer \
                       YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for \
                       details, or we can help at https://support.stripe.com/.";

/// Lets the sandbox's own secret key pass, as a bearer token or as the user of Basic auth.
pub(super) async fn require_key(State(app): State<App>, request: Request, next: Next) -> Response {
    let refusal = match given_key(request.headers()) {
        None => MISSING.to_owned(),
        Some(key) if is_right(&app, &key) => return next.run(request).await,
        Some(key) => format!("Invalid API Key provided: {}", masked(&key)),
    };
    let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Stripe\""))];
    (challenge, StripeError::unauthorized(refusal)).into_response()
}

/// Controls are for tests on this machine.
pub(super) async fn require_loopback(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if peer.ip().to_canonical().is_loopback() {
        return next.run(request).await;
    }
    StripeError::forbidden("The sandbox is controlled from its own machine only.").into_response()
}

fn given_key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?;
    let scheme = value.to_str().ok()?.split_once(' ')?.0;
    if scheme.eq_ignore_ascii_case(Bearer::SCHEME) {
        return Some(Bearer::decode(value)?.token().trim().to_owned());
    }
    if scheme.eq_ignore_ascii_case(Basic::SCHEME) {
        return Some(Basic::decode(value)?.username().to_owned());
    }
    None
}

fn is_right(app: &App, key: &str) -> bool {
    app.store.read(|state| {
        let installation = state.installation.as_ref();
        installation.is_some_and(|own| bool::from(own.secret_key.as_bytes().ct_eq(key.as_bytes())))
    })
}

/// A key as it may be shown: its kind and its last four characters.
fn masked(key: &str) -> String {
    let characters: Vec<_> = key.chars().take(200).collect();
    if characters.len() < 16 {
        return "*".repeat(characters.len());
    }
    let (head, tail) = (&characters[..8], &characters[characters.len() - 4..]);
    let hidden = "*".repeat(characters.len() - 12);
    head.iter().collect::<String>() + &hidden + &tail.iter().collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_is_shown_masked() {
        assert_eq!(masked("sk_test_0123456789"), "sk_test_******6789");
        assert_eq!(masked("short"), "*****");
    }
}
