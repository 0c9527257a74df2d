use axum::body::Body;
use axum::http::{Request, header};
use settled_api::{ApiConfig, InvalidConfig};

use crate::app::{Backend, auth, by_alice, config, token_of};
use crate::{log, rows};

fn post_from(origin: &[(&str, &str)]) -> Request<Body> {
    let mut request = by_alice("/api/checkout").method("POST").header(header::CONTENT_TYPE, "application/json");
    for (name, value) in origin {
        request = request.header(*name, *value);
    }
    request.body(Body::from("{}")).unwrap()
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    for path in
        ["/nothing", "/api", "/api/checkout/", "/assets/", "/assets/%ff", "/assets/..%2f..%2fCargo.toml", "/metrics"]
    {
        let reply = Backend::default().app().get(path).await;
        assert_eq!(reply.problem(), (404, "not_found".into()), "{path}");
    }
}

#[tokio::test]
async fn another_method_is_405_and_is_told_which_there_are() {
    let app = Backend::default().app();
    for (method, path, allow) in [
        ("GET", "/api/checkout", "POST"),
        ("DELETE", "/api/payment-status", "GET,HEAD"),
        ("POST", "/api/subscription-status", "GET,HEAD"),
        ("GET", "/api/webhook/stripe", "POST"),
        ("PUT", "/healthz", "GET,HEAD"),
        ("POST", "/", "GET,HEAD"),
    ] {
        let reply = app.send(by_alice(path).method(method).body(Body::empty()).unwrap()).await;
        assert_eq!(reply.problem(), (405, "method_not_allowed".into()), "{path}");
        assert_eq!(reply.header(header::ALLOW), Some(allow), "{path}");
    }
}

#[tokio::test]
async fn a_json_body_of_more_than_16_kib_is_413_announced_or_not() {
    let app = Backend::default().app();
    let announced = by_alice("/api/checkout").method("POST").header(header::CONTENT_LENGTH, 16 * 1024 + 1);
    let reply = app.send(announced.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.problem(), (413, "payload_too_large".into()));
    let reply = app.post("/api/checkout", &" ".repeat(16 * 1024 + 1)).await;
    assert_eq!(reply.problem(), (413, "payload_too_large".into()));
}

#[tokio::test]
async fn a_panic_is_500_and_says_nothing() {
    // The mock panics because it expects no call.
    let reply = Backend::default().app().get("/api/subscription-status").await;
    assert_eq!(reply.problem(), (500, "internal".into()));
    assert_eq!(reply.detail(), "something broke on our side");
}

#[tokio::test]
async fn what_another_website_makes_a_browser_send_is_403() {
    let app = Backend::default().app();
    for origin in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("host", "shop.test"), ("origin", "https://elsewhere.test")],
        &[("host", "shop.test"), ("origin", "null")],
    ] {
        let reply = app.send(post_from(origin)).await;
        assert_eq!(reply.problem(), (403, "cross_origin".into()), "{origin:?}");
    }
}

#[tokio::test]
async fn what_our_own_pages_send_is_read() {
    let app = Backend::default().app_with(config("https://shop.test/billing"));
    for origin in [
        &[("sec-fetch-site", "same-origin")][..],
        // A proxy has put its own name for us into `Host`.
        &[("host", "10.0.0.7:3000"), ("origin", "https://shop.test")],
        // No browser at all.
        &[],
    ] {
        let reply = app.send(post_from(origin)).await;
        assert_eq!(reply.problem(), (400, "invalid_request".into()), "{origin:?}");
    }
}

#[tokio::test]
async fn every_answer_is_numbered_by_the_server_and_not_to_be_stored() {
    let mut backend = Backend::default();
    backend.store.expect_check_ready().returning(|| Ok(()));
    let app = backend.app();
    for (count, path) in
        (1_u64..).zip(["/healthz", "/readyz", "/nothing", "/cancel", "/assets/api.js", "/api/checkout"])
    {
        let request = Request::get(path).header("x-request-id", "mine").body(Body::empty()).unwrap();
        let reply = app.send(request).await;
        let expected = uuid::Uuid::from_u64_pair(0, count).to_string();
        assert_eq!(reply.header("x-request-id"), Some(expected.as_str()), "{path}");
        assert_eq!(reply.header(header::CACHE_CONTROL), Some("no-store"), "{path}");
        assert_eq!(reply.header(header::X_CONTENT_TYPE_OPTIONS), Some("nosniff"), "{path}");
        assert_eq!(reply.header(header::REFERRER_POLICY), Some("same-origin"), "{path}");
        assert_eq!(reply.header(header::STRICT_TRANSPORT_SECURITY), None, "{path}");
    }
}

#[tokio::test]
async fn on_https_browsers_are_told_to_stay_there() {
    let reply = Backend::default().app_with(config("https://shop.test")).get("/healthz").await;
    assert_eq!(reply.header(header::STRICT_TRANSPORT_SECURITY), Some("max-age=31536000"));
}

#[tokio::test]
async fn the_router_can_be_nested() {
    let mut app = Backend::default().app_with(config("http://shop.test/billing"));
    app.router = axum::Router::new().nest("/billing", app.router);
    assert_eq!(app.get("/billing/healthz").await.status, 200);
    assert_eq!(app.get("/billing/nothing").await.problem(), (404, "not_found".into()));
    assert!(app.get("/billing/cancel").await.text().contains(r#"href="/billing/assets/settled.css""#));
}

#[test]
fn a_public_url_that_browsers_cannot_come_from_is_refused() {
    for url in
        ["ftp://shop.test", "mailto:a@shop.test", "http://u:p@shop.test", "http://shop.test/?a", "http://shop.test/#a"]
    {
        let config = ApiConfig::new(url.parse().unwrap(), auth());
        assert_eq!(config.unwrap_err(), InvalidConfig::PublicUrl, "{url}");
    }
}

#[tokio::test]
async fn a_failure_is_logged_once_with_its_cause_and_never_with_a_token_or_a_session() {
    let mut backend = Backend::default();
    backend.store.expect_get_payment_status_by_session_id().returning(|_, _| Err(rows::damaged_row()));
    let reply = backend.app().get("/api/payment-status?session_id=cs_test_1").await;
    assert_eq!(reply.status, 500);
    let log = log::of_this_test();
    assert_eq!(log.matches("ERROR").count(), 1, "{log}");
    assert!(log.contains("a stored row is damaged"), "{log}");
    assert!(log.contains(reply.header("x-request-id").unwrap()), "{log}");
    assert!(!log.contains(&token_of("alice")) && !log.contains("cs_test_1"), "{log}");
}
