use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use stripe_webhook::Webhook;

use crate::world::{Delivered, Endpoint, LIFETIME, PAYS, PRO, World};

#[tokio::test]
async fn every_delivery_is_accepted_by_somebody_elses_verifier_and_types() {
    let mut endpoint = Endpoint::answering(200).await;
    let world = World::start_for(&endpoint).await;
    for params in [PRO, LIFETIME] {
        let session = world.session(params).await;
        world.pay(&session, PAYS).await;
    }
    for _ in world.events().await {
        let delivered = endpoint.next().await;
        let accepted = Webhook::construct_event(&delivered.body, header(&delivered), world.sandbox.webhook_secret());
        let event = accepted.unwrap_or_else(|error| panic!("{error}: {}", delivered.body));
        assert!(!matches!(event.data.object, stripe_webhook::EventObject::Unknown(_)), "{}", delivered.body);
    }
}

#[tokio::test]
async fn a_delivery_is_signed_over_its_time_and_its_bytes() {
    let mut endpoint = Endpoint::answering(200).await;
    let world = World::start_for(&endpoint).await;
    world.post("/v1/customers", &[("name", "Zoë €😀")]).await;
    let delivered = endpoint.next().await;
    let (time, signature) = header(&delivered).strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(world.sandbox.webhook_secret().as_bytes()).unwrap();
    mac.update(format!("{time}.{}", delivered.body).as_bytes());
    assert_eq!(signature, hex::encode(mac.finalize().into_bytes()));
}

#[tokio::test]
async fn an_event_is_sent_again_until_it_is_answered_2xx_and_then_no_more() {
    let mut endpoint = Endpoint::answering(500).await;
    let world = World::start_for(&endpoint).await;
    world.post("/v1/customers", &[]).await;
    let first = endpoint.next().await;
    assert_eq!(pending(&world).await, 1);
    endpoint.answer(204);
    let second = endpoint.next().await;
    assert_eq!(first.event["id"], second.event["id"]);
    // Answered: the next thing to come is something else.
    world.post("/v1/customers", &[]).await;
    let third = endpoint.next().await;
    assert_ne!(third.event["id"], first.event["id"]);
}

#[tokio::test]
async fn the_redirect_waits_until_the_completion_was_answered() {
    let mut endpoint = Endpoint::answering(500).await;
    let world = World::start_for(&endpoint).await;
    let session = world.session(LIFETIME).await;
    let endpoint = &mut endpoint;
    let answered = async {
        endpoint.next_of("checkout.session.completed").await;
        endpoint.answer(200);
        endpoint.next_of("checkout.session.completed").await;
    };
    let (redirect, ()) = tokio::join!(world.pay(&session, PAYS), answered);
    assert_eq!(redirect.status(), 303);
    let id = session["id"].as_str().unwrap();
    let delivered = world.get("/v1/events?delivery_success=true&type=checkout.session.completed").await;
    assert_eq!(delivered.body["data"][0]["data"]["object"]["id"], id);
}

#[tokio::test]
async fn the_redirect_gives_up_waiting_for_an_endpoint_that_never_agrees() {
    let endpoint = Endpoint::answering(500).await;
    let url = endpoint.url.clone();
    let world = World::start_with(|config| {
        config.forward_to = Some(url);
        config.redirect_hold = Duration::from_millis(50);
    })
    .await;
    let session = world.session(LIFETIME).await;
    assert_eq!(world.pay(&session, PAYS).await.status(), 303);
    assert_eq!(pending(&world).await, 4);
}

#[tokio::test]
async fn held_events_are_delivered_once_they_are_released() {
    let mut endpoint = Endpoint::answering(200).await;
    let url = endpoint.url.clone();
    let world = World::start_with(|config| {
        config.forward_to = Some(url);
        config.redirect_hold = Duration::from_millis(50);
    })
    .await;
    assert_eq!(world.post("/sandbox/deliveries/hold", &[]).await.status, 204);
    let session = world.session(LIFETIME).await;
    assert_eq!(world.pay(&session, PAYS).await.status(), 303);
    assert!(endpoint.waiting().is_empty());
    assert_eq!(world.post("/sandbox/deliveries/release", &[]).await.status, 204);
    endpoint.next_of("checkout.session.completed").await;
}

#[tokio::test]
async fn the_controls_take_the_key_and_nothing_less() {
    let world = World::start().await;
    let request = world.client.post(world.url("/sandbox/deliveries/hold"));
    assert_eq!(request.send().await.unwrap().status(), 401);
}

async fn pending(world: &World) -> usize {
    let list = world.get("/v1/events?delivery_success=false").await.body;
    list["data"].as_array().unwrap().len()
}

fn header(delivered: &Delivered) -> &str {
    delivered.headers["stripe-signature"].to_str().unwrap()
}
