use axum::body::Body;
use axum::http::{Request, header};
use settled_api::SandboxLogin;

use crate::app::{Backend, config};

#[tokio::test]
async fn a_visitor_gets_a_cookie_that_scripts_cannot_read_and_that_works() {
    let mut backend = Backend::default();
    backend
        .store
        .expect_list_user_subscriptions()
        .withf(|user_id, _, _| user_id.as_str() == "bob")
        .once()
        .returning(|_, _, _| Ok(Vec::new()));
    let app = backend.app();
    let reply = app.post("/sandbox/login", r#"{"user_id":"bob"}"#).await;
    assert_eq!(
        (reply.status.as_u16(), reply.text()),
        (200, r#"{"user_id":"bob","expires_at":"2100-01-02T00:00:00Z"}"#)
    );
    let (cookie, attributes) = reply.header(header::SET_COOKIE).unwrap().split_once("; ").unwrap();
    assert!(cookie.starts_with("settled_token="));
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Path=/; Max-Age=43200");

    let request = Request::get("/api/subscription-status").header(header::COOKIE, cookie);
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status, 200);
}

#[tokio::test]
async fn on_https_the_cookie_is_secure_and_belongs_to_this_host_alone() {
    let config = config("https://shop.test/billing").with_sandbox_login(SandboxLogin::Enabled);
    let reply = Backend::default().app_with(config).post("/sandbox/login", r#"{"user_id":"bob"}"#).await;
    let (cookie, attributes) = reply.header(header::SET_COOKIE).unwrap().split_once("; ").unwrap();
    assert!(cookie.starts_with("__Host-settled_token="));
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=43200");
}

#[tokio::test]
async fn outside_the_sandbox_nobody_can_sign_in_as_anybody() {
    let reply =
        Backend::default().app_with(config("http://shop.test")).post("/sandbox/login", r#"{"user_id":"bob"}"#).await;
    assert_eq!(reply.problem(), (404, "not_found".into()));
    assert_eq!(reply.header(header::SET_COOKIE), None);
}

#[tokio::test]
async fn a_name_that_cannot_be_one_is_400() {
    let app = Backend::default().app();
    for body in [r#"{"user_id":""}"#, r#"{"user_id":"a\nb"}"#, &format!(r#"{{"user_id":"{}"}}"#, "a".repeat(201))] {
        let reply = app.post("/sandbox/login", body).await;
        assert_eq!(reply.problem(), (400, "invalid_request".into()));
        assert_eq!(reply.detail(), "user_id is not a valid user id");
    }
}
