use axum::body::Body;
use axum::http::{Request, header};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use settled_api::token::{self, SecretTooShort};
use settled_api::{ApiConfig, AuthConfig};
use settled_domain::ids::UserId;
use time::Duration;
use time::macros::datetime;

use crate::app::{App, Backend, NOW, Reply, SECRET, auth, config, token_of};

/// After every clock that these tests will meet.
const FAR: i64 = 4_102_444_800;

/// Asks for the subscription of whoever the request names.
fn app_with(config: ApiConfig) -> App {
    let mut backend = Backend::default();
    backend.store.expect_list_user_subscriptions().returning(|_, _, _| Ok(Vec::new()));
    backend.app_with(config)
}

/// An app that expects this user.
fn app_for(user: &'static str) -> App {
    let mut backend = Backend::default();
    backend
        .store
        .expect_list_user_subscriptions()
        .withf(move |user_id, _, _| user_id.as_str() == user)
        .once()
        .returning(|_, _, _| Ok(Vec::new()));
    backend.app()
}

async fn ask(app: &App, headers: &[(header::HeaderName, String)]) -> Reply {
    let mut request = Request::get("/api/subscription-status");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

async fn ask_bearing(app: &App, token: &str) -> Reply {
    ask(app, &[(header::AUTHORIZATION, format!("Bearer {token}"))]).await
}

fn sign(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

fn signed(claims: &Value) -> String {
    sign(Algorithm::HS256, SECRET, claims)
}

#[track_caller]
fn assert_unauthorized(reply: &Reply, what: &str) {
    assert_eq!(reply.problem(), (401, "unauthorized".into()), "{what}");
    assert_eq!(reply.header(header::WWW_AUTHENTICATE), Some("Bearer"), "{what}");
}

#[tokio::test]
async fn a_bearer_token_names_the_user() {
    assert_eq!(ask_bearing(&app_for("alice"), &token_of("alice")).await.status, 200);
}

#[tokio::test]
async fn without_a_header_the_cookie_names_the_user() {
    let cookie = format!("theme=dark; settled_token={}", token_of("alice"));
    assert_eq!(ask(&app_for("alice"), &[(header::COOKIE, cookie)]).await.status, 200);
}

#[tokio::test]
async fn the_header_wins_over_the_cookie() {
    let headers = [
        (header::AUTHORIZATION, format!("Bearer {}", token_of("alice"))),
        (header::COOKIE, format!("settled_token={}", token_of("bob"))),
    ];
    assert_eq!(ask(&app_for("alice"), &headers).await.status, 200);
}

#[tokio::test]
async fn a_bad_header_is_not_saved_by_a_good_cookie() {
    for authorization in ["Bearer nonsense", "Basic YWxpY2U6", "Bearer"] {
        let headers = [
            (header::AUTHORIZATION, authorization.to_owned()),
            (header::COOKIE, format!("settled_token={}", token_of("alice"))),
        ];
        assert_unauthorized(&ask(&Backend::default().app(), &headers).await, authorization);
    }
}

#[tokio::test]
async fn on_https_only_the_cookie_that_no_subdomain_can_set_counts() {
    let cookie = |name: &str| [(header::COOKIE, format!("{name}={}", token_of("alice")))];
    let app = app_with(config("https://shop.test"));
    assert_eq!(ask(&app, &cookie("__Host-settled_token")).await.status, 200);
    assert_unauthorized(&ask(&app, &cookie("settled_token")).await, "the other cookie");
}

#[tokio::test]
async fn every_route_of_a_user_needs_a_token() {
    let app = Backend::default().app();
    for (method, path) in [
        ("POST", "/api/checkout"),
        ("GET", "/api/payment-status?session_id=cs_test_1"),
        ("GET", "/api/subscription-status"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        assert_unauthorized(&app.send(request).await, path);
    }
}

#[tokio::test]
async fn a_token_that_is_not_valid_names_nobody() {
    let good = json!({ "sub": "alice", "exp": FAR });
    let token = signed(&good);
    let parts: Vec<&str> = token.split('.').collect();
    let other = signed(&json!({ "sub": "mallory", "exp": FAR }));
    let others_payload = other.split('.').nth(1).unwrap();
    // {"alg":"none"}
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
    let tampered_with = format!("{}.{others_payload}.{}", parts[0], parts[2]);
    let cases = [
        ("empty", String::new()),
        ("not a token", "a.b.c".to_owned()),
        ("unsigned", unsigned),
        ("signed by somebody else", sign(Algorithm::HS256, "another secret that is long enough", &good)),
        ("signed with another algorithm", sign(Algorithm::HS512, SECRET, &good)),
        ("tampered with", tampered_with),
        ("expired", signed(&json!({ "sub": "alice", "exp": 1_000_000_000 }))),
        ("without an end", signed(&json!({ "sub": "alice" }))),
        ("not valid yet", signed(&json!({ "sub": "alice", "exp": FAR, "nbf": FAR - 1 }))),
        ("without a subject", signed(&json!({ "exp": FAR }))),
        ("with an empty subject", signed(&json!({ "sub": "", "exp": FAR }))),
        ("with a subject that is no user id", signed(&json!({ "sub": "a\u{0}b", "exp": FAR }))),
        ("with a number as subject", signed(&json!({ "sub": 7, "exp": FAR }))),
    ];
    for (what, token) in cases {
        assert_unauthorized(&ask_bearing(&Backend::default().app(), &token).await, what);
    }
}

#[tokio::test]
async fn issuer_and_audience_are_enforced_when_set() {
    let strict = || auth().with_issuer("https://idp.test").with_audience("settled");
    let app = app_with(ApiConfig::new("http://shop.test".parse().unwrap(), strict()).unwrap());
    let claims = |iss: &str, aud: Value| json!({ "sub": "alice", "exp": FAR, "iss": iss, "aud": aud });
    assert_eq!(ask_bearing(&app, &signed(&claims("https://idp.test", json!("settled")))).await.status, 200);
    assert_eq!(ask_bearing(&app, &signed(&claims("https://idp.test", json!(["other", "settled"])))).await.status, 200);
    for (what, claims) in [
        ("another issuer", claims("https://other.test", json!("settled"))),
        ("another audience", claims("https://idp.test", json!("other"))),
        ("neither", json!({ "sub": "alice", "exp": FAR })),
    ] {
        assert_unauthorized(&ask_bearing(&app, &signed(&claims)).await, what);
    }
    let issued = token::issue(&strict(), &UserId::new("alice").unwrap(), Duration::hours(1), NOW).unwrap();
    assert_eq!(ask_bearing(&app, &issued).await.status, 200);
}

#[tokio::test]
async fn a_token_for_other_services_too_is_taken_when_no_audience_is_set() {
    let claims = json!({ "sub": "alice", "exp": FAR, "iss": "https://idp.test", "aud": ["shop", "mail"] });
    assert_eq!(ask_bearing(&app_for("alice"), &signed(&claims)).await.status, 200);
}

#[tokio::test]
async fn an_issued_token_ends_when_it_was_told_to() {
    let issue = |at| token::issue(&auth(), &UserId::new("alice").unwrap(), Duration::hours(1), at).unwrap();
    assert_unauthorized(&ask_bearing(&Backend::default().app(), &issue(datetime!(2020-01-01 0:00 UTC))).await, "old");
    assert_eq!(ask_bearing(&app_for("alice"), &issue(NOW)).await.status, 200);
}

#[test]
fn a_short_secret_is_refused_and_a_secret_is_never_shown() {
    assert_eq!(AuthConfig::new("x".repeat(31).into()).unwrap_err(), SecretTooShort);
    assert!(AuthConfig::new("x".repeat(32).into()).is_ok());
    assert!(!format!("{:?}", config("http://shop.test")).contains(SECRET));
}
