//! Who may call the API.
//!
//! <https://docs.stripe.com/api/authentication>

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::headers::authorization::{Basic, Bearer, Credentials};
use subtle::ConstantTimeEq;

use super::wire::Peer;
use super::{App, hosted};
use crate::errors::StripeError;
use crate::pages;

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
pub(super) async fn require_loopback(ConnectInfo(peer): ConnectInfo<Peer>, request: Request, next: Next) -> Response {
    if peer.address.ip().to_canonical().is_loopback() {
        return next.run(request).await;
    }
    StripeError::forbidden("The sandbox is controlled from its own machine only.").into_response()
}

/// The dashboard has no login: it opens on this machine only, under no name that a stranger could
/// point at it, and takes forms from its own pages only.
pub(super) async fn require_own_pages(ConnectInfo(peer): ConnectInfo<Peer>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_local = peer.address.ip().to_canonical().is_loopback() && names_no_domain(host);
    let is_own = request.method() == Method::GET || is_sent_by(headers, host);
    if is_local && is_own {
        return next.run(request).await;
    }
    hosted::respond(StatusCode::FORBIDDEN, pages::not_from_here())
}

/// `127.0.0.1:12111`, `[::1]:12111` and `localhost:12111`.
fn names_no_domain(host: &str) -> bool {
    let parsed = url::Url::parse(&format!("http://{host}/"));
    parsed.is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)) => true,
        None => false,
    })
}

/// Browsers say where a form comes from.
fn is_sent_by(headers: &HeaderMap, host: &str) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    origin.and_then(|origin| origin.strip_prefix("http://")).is_some_and(|origin| origin.eq_ignore_ascii_case(host))
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
    fn a_name_that_a_stranger_could_own_is_told_from_this_machine() {
        for host in ["127.0.0.1:1", "localhost:1", "[::1]:1"] {
            assert!(names_no_domain(host), "{host}");
        }
        for host in ["evil.example:1", "localhost.evil.example", "", "a b"] {
            assert!(!names_no_domain(host), "{host}");
        }
    }

    #[test]
    fn a_wrong_key_is_shown_masked() {
        assert_eq!(masked("sk_test_0123456789"), "sk_test_******6789");
        assert_eq!(masked("short"), "*****");
    }
}
