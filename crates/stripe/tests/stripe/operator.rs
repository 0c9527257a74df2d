use secrecy::ExposeSecret;
use serde_json::json;
use settled_domain::ports::GatewayError;
use settled_stripe::{Access, Operator, Permission, StripeConfig, handled_events};
use time::macros::datetime;
use wiremock::MockServer;

use crate::double::{SECRET_KEY, answering, config, error, ok, requests};

/// Without signing secrets, which an operator need not know.
fn operator(server: &MockServer) -> Operator {
    Operator::new(StripeConfig { webhook_secrets: Vec::new(), ..config(&server.uri()) }).unwrap()
}

#[tokio::test]
async fn the_account_comes_with_the_time_at_stripe() {
    let server = answering(ok(&json!({ "id": "acct_1" }))).await;
    let account = operator(&server).fetch_account().await.unwrap();
    assert_eq!((account.object.as_str(), account.as_of), ("acct_1", datetime!(2026-09-22 14:13:20 UTC)));
}

#[tokio::test]
async fn a_permission_is_there_when_stripe_answers_or_misses_the_object_and_not_when_it_forbids() {
    let missing = error(404, &json!({ "type": "invalid_request_error", "code": "resource_missing" }));
    let forbidden = error(403, &json!({ "type": "invalid_request_error" }));
    for (answer, access) in
        [(ok(&json!({ "data": [] })), Access::Granted), (missing, Access::Granted), (forbidden, Access::Denied)]
    {
        let server = answering(answer).await;
        for &permission in Permission::ALL {
            assert_eq!(operator(&server).probe(permission).await.unwrap(), access, "{permission}");
        }
    }
}

#[tokio::test]
async fn what_says_neither_yes_nor_no_is_an_error() {
    for status in [401, 429, 500, 302] {
        let server = answering(error(status, &json!({ "message": SECRET_KEY }))).await;
        let error = operator(&server).probe(Permission::Customers).await.unwrap_err();
        assert!(!error.to_string().contains("DoNotShowMe"), "{error}");
    }
}

#[tokio::test]
async fn no_probe_can_change_anything() {
    let server = answering(ok(&json!({}))).await;
    for &permission in Permission::ALL {
        operator(&server).probe(permission).await.unwrap();
    }
    for request in requests(&server).await {
        let path = request.url.path();
        assert!(request.method == "GET" || path.contains("settled_doctor"), "{} {path}", request.method);
    }
}

#[tokio::test]
async fn an_endpoint_is_registered_for_our_events_in_our_version_and_its_secret_is_not_shown() {
    let server = answering(ok(&json!({ "id": "we_1", "secret": "whsec_DoNotShowMe" }))).await;
    let created = operator(&server).create_endpoint("https://shop.example/api/webhook/stripe", "key-1").await.unwrap();
    assert_eq!((created.id.as_str(), created.secret.expose_secret()), ("we_1", "whsec_DoNotShowMe"));
    assert!(!format!("{created:?}").contains("DoNotShowMe"));
    let [request] = &requests(&server).await[..] else { panic!("one request") };
    assert_eq!((request.url.path(), request.method.as_str()), ("/v1/webhook_endpoints", "POST"));
    assert_eq!(request.headers["idempotency-key"], "key-1");
    let sent: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let values = |name: &str| sent.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect();
    let events: Vec<&str> = values("enabled_events[]");
    assert_eq!(events, handled_events().collect::<Vec<_>>());
    let (url, version): (Vec<&str>, Vec<&str>) = (values("url"), values("api_version"));
    assert_eq!(
        (&url[..], &version[..]),
        (&["https://shop.example/api/webhook/stripe"][..], &["2026-09-30.endive"][..])
    );
}

#[tokio::test]
async fn endpoints_are_listed_as_stripe_writes_them() {
    let endpoint = json!({
        "id": "we_1", "object": "webhook_endpoint", "api_version": null, "enabled_events": ["*"], "status": "enabled",
        "url": "https://shop.example/hook", "livemode": false, "metadata": {},
    });
    let server = answering(ok(&json!({ "object": "list", "data": [endpoint], "has_more": false }))).await;
    let endpoints = operator(&server).list_endpoints().await.unwrap();
    assert_eq!(endpoints.iter().map(|endpoint| endpoint.id.as_str()).collect::<Vec<_>>(), ["we_1"]);
    let forbidden = answering(error(403, &json!({}))).await;
    let answer = operator(&forbidden).list_endpoints().await;
    assert!(matches!(answer, Err(GatewayError::Unauthorized { status: 403 })), "{answer:?}");
}
