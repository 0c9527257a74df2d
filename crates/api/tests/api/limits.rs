use std::num::NonZeroU32;

use axum::body::Body;
use axum::http::{Request, header};
use settled_api::RateLimits;

use crate::app::{App, Backend, Reply, config, token_of};

/// An app that lets a user ask twice and buy once a minute.
fn strict() -> App {
    let mut backend = Backend::default();
    backend.store.expect_list_user_subscriptions().returning(|_, _, _| Ok(Vec::new()));
    backend.store.expect_check_ready().returning(|| Ok(()));
    backend.gateway.expect_list_quotes().returning(|_| Ok(Vec::new()));
    let limits = RateLimits { reads_per_minute: NonZeroU32::new(2), writes_per_minute: NonZeroU32::new(1) };
    backend.app_with(config("http://shop.test").with_rate_limits(limits))
}

async fn ask(app: &App, method: &str, path: &str, user: Option<&str>) -> Reply {
    let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(user) = user {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", token_of(user)));
    }
    app.send(request.body(Body::from("{}")).unwrap()).await
}

async fn status(app: &App, user: &str) -> u16 {
    ask(app, "GET", "/api/subscription-status", Some(user)).await.status.as_u16()
}

#[tokio::test]
async fn who_asks_too_often_is_429_and_told_when_to_come_back() {
    let app = strict();
    assert_eq!((status(&app, "alice").await, status(&app, "alice").await), (200, 200));
    let reply = ask(&app, "GET", "/api/subscription-status", Some("alice")).await;
    assert_eq!(reply.problem(), (429, "rate_limited".into()));
    let wait: u32 = reply.header(header::RETRY_AFTER).unwrap().parse().unwrap();
    assert!((1..=31).contains(&wait), "{wait}");
}

#[tokio::test]
async fn all_questions_of_a_user_count_together_and_those_of_another_do_not() {
    let app = strict();
    assert_eq!(status(&app, "alice").await, 200);
    assert_eq!(ask(&app, "GET", "/api/payment-status", Some("alice")).await.status, 400);
    assert_eq!(status(&app, "alice").await, 429);
    assert_eq!(status(&app, "bob").await, 200);
}

#[tokio::test]
async fn checkouts_have_a_limit_of_their_own_that_is_met_before_anything_is_read() {
    let app = strict();
    let buy = async || ask(&app, "POST", "/api/checkout", Some("alice")).await.problem();
    assert_eq!(buy().await, (400, "invalid_request".into()));
    assert_eq!(buy().await, (429, "rate_limited".into()));
    assert_eq!(status(&app, "alice").await, 200);
}

#[tokio::test]
async fn what_has_no_user_has_no_limit_and_uses_up_nobodys() {
    let app = strict();
    for _ in 0..10 {
        assert_eq!(ask(&app, "GET", "/api/subscription-status", None).await.status, 401);
        assert_eq!(ask(&app, "GET", "/", Some("alice")).await.status, 200);
        assert_eq!(ask(&app, "GET", "/readyz", None).await.status, 200);
        assert_eq!(ask(&app, "POST", "/api/webhook/stripe", None).await.status, 400);
    }
    assert_eq!(status(&app, "alice").await, 200);
}
