use axum::body::Body;
use axum::http::{HeaderName, Request, header};
use settled_domain::payment::PaymentStatus;

use crate::app::{App, Backend, Reply, config, token_of};
use crate::rows;
use crate::watched::at;

/// An app on https of which every route can be asked.
fn app() -> App {
    let mut backend = Backend::default();
    backend.store.expect_check_ready().returning(|| Ok(()));
    backend.store.expect_get_payment_status_by_session_id().returning(|_, session_id| match session_id.as_str() {
        "cs_settled" => Ok(Some(at(PaymentStatus::Succeeded, 3))),
        _ => Err(rows::database_away()),
    });
    backend.gateway.expect_list_quotes().returning(|_| Ok(vec![rows::quote()]));
    backend.app_with(config("https://shop.test"))
}

/// Every route, answered well, and one answer of every kind that is an error.
async fn answers() -> Vec<(String, Reply)> {
    let app = app();
    let mut replies = Vec::new();
    for (method, path, is_signed_in, status) in [
        ("GET", "/", false, 200),
        ("GET", "/success?session_id=cs_test_1", false, 200),
        ("GET", "/success?session_id=cs_test_1", true, 503),
        ("GET", "/cancel", false, 200),
        ("GET", "/assets/settled.js", false, 200),
        ("GET", "/assets/success.js", false, 200),
        ("HEAD", "/assets/settled.css", false, 200),
        ("GET", "/healthz", false, 200),
        ("GET", "/readyz", false, 200),
        ("POST", "/api/webhook/stripe", false, 400),
        ("POST", "/api/checkout", true, 415),
        ("GET", "/api/payment-status", true, 400),
        ("GET", "/api/payment-status?session_id=cs_test_1", true, 503),
        ("GET", "/api/payment-status?session_id=cs_test_1&wait=abc", true, 400),
        ("GET", "/api/payment-status/stream", true, 400),
        ("GET", "/api/payment-status/stream?session_id=cs_test_1", false, 401),
        ("GET", "/api/payment-status/stream?session_id=cs_test_1", true, 503),
        ("GET", "/api/payment-status/stream?session_id=cs_settled", true, 200),
        // The mock expects no such call.
        ("GET", "/api/subscription-status", true, 500),
        ("GET", "/api/subscription-status", false, 401),
        ("GET", "/nothing", false, 404),
        ("DELETE", "/api/checkout", false, 405),
        ("TRACE", "/", false, 405),
    ] {
        let mut request = Request::builder().method(method).uri(path);
        if is_signed_in {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token_of("alice")));
        }
        let reply = app.send(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.text());
        replies.push((format!("{method} {path}"), reply));
    }
    replies
}

#[tokio::test]
async fn every_answer_and_every_error_carries_what_protects_a_browser() {
    for (asked, reply) in answers().await {
        let is = |name: HeaderName, value: &str| {
            let values: Vec<_> = reply.headers.get_all(&name).iter().collect();
            assert_eq!(values, [value], "{name} of {asked}");
        };
        is(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        );
        is(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        is(header::REFERRER_POLICY, "same-origin");
        is(header::CACHE_CONTROL, "no-store");
        is(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        is(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
        is(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    }
}

#[tokio::test]
async fn no_answer_is_for_other_origins_to_read_or_says_what_answered() {
    for (asked, reply) in answers().await {
        for name in ["access-control-allow-origin", "access-control-allow-credentials", "server", "x-powered-by"] {
            assert_eq!(reply.header(name), None, "{name} of {asked}");
        }
    }
}

#[tokio::test]
async fn every_answer_with_a_body_says_of_what_type_it_is() {
    for (asked, reply) in answers().await {
        let content_type = reply.header(header::CONTENT_TYPE).unwrap_or_else(|| panic!("{asked} does not"));
        let known = ["text/html; charset=utf-8", "text/javascript; charset=utf-8", "text/css; charset=utf-8"];
        // These three are UTF-8 by definition.
        let is_utf8 = ["application/json", "application/problem+json", "text/event-stream"].contains(&content_type);
        assert!(is_utf8 || known.contains(&content_type), "{asked}: {content_type}");
    }
}
