use serde_json::json;

use crate::world::{Params, World};

const ENDPOINT: Params<'static> = &[
    ("url", "https://shop.example/api/webhook/stripe"),
    ("enabled_events[]", "checkout.session.completed"),
    ("enabled_events[]", "checkout.session.expired"),
    ("api_version", "2026-09-30.endive"),
];

#[tokio::test]
async fn an_endpoint_tells_its_secret_once() {
    let world = World::start().await;
    let made = world.post("/v1/webhook_endpoints", ENDPOINT).await;
    assert_eq!(made.status, 200, "{made:?}");
    assert!(made.body["secret"].as_str().unwrap().starts_with("whsec_"));
    let id = made.body["id"].as_str().unwrap();
    let mut shown = world.get(&format!("/v1/webhook_endpoints/{id}")).await.body;
    assert_eq!(shown["secret"], json!(null));
    shown["secret"] = made.body["secret"].clone();
    assert_eq!(shown, made.body);
    assert_eq!(shown["enabled_events"], json!(["checkout.session.completed", "checkout.session.expired"]));
    assert_eq!((&shown["status"], &shown["api_version"]), (&json!("enabled"), &json!("2026-09-30.endive")));
}

#[tokio::test]
async fn an_endpoint_can_be_changed_disabled_and_deleted_and_outlives_a_restart() {
    let world = World::start().await;
    let made = world.post("/v1/webhook_endpoints", ENDPOINT).await.body;
    let path = format!("/v1/webhook_endpoints/{}", made["id"].as_str().unwrap());
    let changed = world.post(&path, &[("disabled", "true"), ("enabled_events[]", "*")]).await.body;
    assert_eq!((&changed["status"], &changed["enabled_events"]), (&json!("disabled"), &json!(["*"])));
    let world = world.restart_with(|_| {}).await;
    assert_eq!(world.get(&path).await.body, changed);
    let deleted = world.send(world.client.delete(world.url(&path))).await.body;
    assert_eq!(deleted, json!({ "id": made["id"], "object": "webhook_endpoint", "deleted": true }));
    assert_eq!(world.get(&path).await.status, 404);
    assert_eq!(world.get("/v1/webhook_endpoints").await.body["data"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_an_endpoint_is_refused_by_the_parameters_name() {
    let world = World::start().await;
    for (params, param) in [
        (&[("enabled_events[]", "*")][..], "url"),
        (&[("url", "shop.example"), ("enabled_events[]", "*")], "url"),
        (&[("url", "https://shop.example")], "enabled_events"),
        (&[("url", "https://shop.example"), ("enabled_events[]", "everything")], "enabled_events"),
        (&[("url", "https://shop.example"), ("enabled_events[]", "*"), ("api_version", "newest")], "api_version"),
    ] {
        let answer = world.post("/v1/webhook_endpoints", params).await;
        assert_eq!((answer.status, &answer.body["error"]["param"]), (400, &json!(param)));
    }
}

#[tokio::test]
async fn an_account_has_sixteen_endpoints_at_most() {
    let world = World::start().await;
    for _ in 0..16 {
        assert_eq!(world.post("/v1/webhook_endpoints", ENDPOINT).await.status, 200);
    }
    assert_eq!(world.post("/v1/webhook_endpoints", ENDPOINT).await.status, 400);
    assert_eq!(world.get("/v1/webhook_endpoints?limit=100").await.body["data"].as_array().unwrap().len(), 16);
}
