use crate::world::{LIFETIME, PRO, World};

const SESSIONS: &str = "/v1/checkout/sessions";

#[tokio::test]
async fn the_same_key_and_parameters_make_one_session() {
    let world = World::start().await;
    let first = world.post_with_key(SESSIONS, "k1", PRO).await;
    let second = world.post_with_key(SESSIONS, "k1", PRO).await;
    assert_eq!(first.body, second.body);
    assert!(!first.headers.contains_key("idempotent-replayed"));
    assert_eq!(second.headers["idempotent-replayed"], "true");
    assert_eq!(second.headers["original-request"], first.headers["request-id"]);
    let list = world.get(SESSIONS).await.body;
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_order_of_the_parameters_does_not_matter() {
    let world = World::start().await;
    let reversed: Vec<_> = PRO.iter().rev().copied().collect();
    let first = world.post_with_key(SESSIONS, "k1", PRO).await;
    let second = world.post_with_key(SESSIONS, "k1", &reversed).await;
    assert_eq!(first.body["id"], second.body["id"]);
}

#[tokio::test]
async fn a_key_with_other_parameters_is_an_idempotency_error() {
    let world = World::start().await;
    world.post_with_key(SESSIONS, "k1", PRO).await;
    let refused = world.post_with_key(SESSIONS, "k1", LIFETIME).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.body["error"]["type"], "idempotency_error");
}

#[tokio::test]
async fn a_key_on_another_path_is_an_idempotency_error() {
    let world = World::start().await;
    world.post_with_key("/v1/customers", "k1", &[]).await;
    let refused = world.post_with_key(SESSIONS, "k1", &[]).await;
    assert_eq!(refused.body["error"]["type"], "idempotency_error");
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let world = World::start().await;
    let refused = world.post_with_key(SESSIONS, "k1", &[("mode", "x")]).await;
    assert_eq!(refused.status, 400);
    let made = world.post_with_key(SESSIONS, "k1", PRO).await;
    assert_eq!(made.status, 200);
}

#[tokio::test]
async fn many_at_once_with_one_key_make_one_customer() {
    let world = World::start().await;
    let calls = (0..20).map(|_| {
        let request = world
            .client
            .post(world.url("/v1/customers"))
            .header("Idempotency-Key", "k1")
            .bearer_auth(world.sandbox.secret_key())
            .form(&[("email", "ada@example.com")]);
        tokio::spawn(request.send())
    });
    let calls: Vec<_> = calls.collect();
    for call in calls {
        let status = call.await.unwrap().unwrap().status().as_u16();
        assert!(status == 200 || status == 409, "{status}");
    }
    let list = world.get("/v1/customers").await.body;
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}
