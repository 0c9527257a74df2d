use crate::world::{Endpoint, LIFETIME, PAYS, PRO, World, id};

async fn page(world: &World) -> String {
    world.client.get(world.url("/")).send().await.unwrap().text().await.unwrap()
}

/// Presses a button of the dashboard.
async fn press(world: &World, path: &str, fields: &[(&str, &str)]) -> u16 {
    let request = world.client.post(world.url(path)).header("Origin", world.sandbox.base_url());
    request.form(fields).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn it_shows_what_is_there() {
    let world = World::start().await;
    let session = world.session(PRO).await;
    world.pay(&session, PAYS).await;
    let html = page(&world).await;
    let session = world.reread(&session, "").await;
    for expected in ["ada@example.com", "1 × Pro", "$49.00", "checkout.session.completed", "active"] {
        assert!(html.contains(expected), "{expected} is not in {html}");
    }
    assert!(html.contains(session["subscription"].as_str().unwrap()));
    assert!(!html.contains("<script"));
}

#[tokio::test]
async fn forms_of_other_sites_and_names_of_strangers_are_refused() {
    let world = World::start().await;
    let hold = world.url("/dashboard/deliveries/hold");
    for origin in [None, Some("http://evil.example"), Some("null")] {
        let mut request = world.client.post(&hold);
        if let Some(origin) = origin {
            request = request.header("Origin", origin);
        }
        assert_eq!(request.send().await.unwrap().status(), 403, "{origin:?}");
    }
    let rebound = world.client.get(world.url("/")).header("Host", "evil.example:12111");
    assert_eq!(rebound.send().await.unwrap().status(), 403);
    assert_eq!(press(&world, "/dashboard/deliveries/hold", &[]).await, 303);
}

#[tokio::test]
async fn an_event_is_sent_again() {
    let mut endpoint = Endpoint::answering(200).await;
    let world = World::start_for(&endpoint).await;
    world.made("/v1/customers", &[]).await;
    let first = endpoint.next().await;
    let event = id(&first.event);
    assert_eq!(press(&world, &format!("/dashboard/events/{event}/resend"), &[]).await, 303);
    assert_eq!(id(&endpoint.next().await.event), event);
    assert!(page(&world).await.contains("answered 200"));
}

#[tokio::test]
async fn a_dropped_event_is_not_delivered_and_a_delayed_one_waits() {
    let mut endpoint = Endpoint::answering(200).await;
    let world = World::start_for(&endpoint).await;
    assert_eq!(press(&world, "/dashboard/deliveries/hold", &[]).await, 303);
    for name in ["dropped", "delayed", "sent"] {
        world.made("/v1/customers", &[("name", name)]).await;
    }
    let events = world.events().await;
    assert_eq!(press(&world, &format!("/dashboard/events/{}/drop", id(&events[2])), &[]).await, 303);
    assert_eq!(press(&world, &format!("/dashboard/events/{}/delay", id(&events[1])), &[]).await, 303);
    assert_eq!(press(&world, "/dashboard/deliveries/release", &[]).await, 303);
    assert_eq!(endpoint.next().await.event["data"]["object"]["name"], "sent");
    assert!(endpoint.waiting().is_empty());
    let html = page(&world).await;
    assert!(html.contains("dropped") && html.contains("waiting until"), "{html}");
}

#[tokio::test]
async fn a_payment_is_refunded_and_disputed() {
    let world = World::start().await;
    for what in ["refund", "dispute"] {
        let session = world.session(LIFETIME).await;
        world.pay(&session, PAYS).await;
        let charges = world.get("/v1/charges").await.body;
        let path = format!("/dashboard/charges/{}/{what}", id(&charges["data"][0]));
        assert_eq!(press(&world, &path, &[]).await, 303);
        assert_eq!(press(&world, &path, &[]).await, 400, "only once");
    }
    let types = world.event_types().await;
    assert!(types.contains(&"charge.refunded".to_owned()) && types.contains(&"charge.dispute.created".to_owned()));
}

#[tokio::test]
async fn a_customer_without_a_clock_is_sent_to_the_next_renewal() {
    let mut endpoint = Endpoint::answering(200).await;
    let world = World::start_for(&endpoint).await;
    let session = world.session(PRO).await;
    world.pay(&session, PAYS).await;
    let session = world.reread(&session, "?expand[]=subscription").await;
    let path = format!("/dashboard/customers/{}/advance", session["customer"].as_str().unwrap());
    assert_eq!(press(&world, &path, &[("by", "renewal")]).await, 303);
    endpoint.next_of("test_helpers.test_clock.ready").await;
    let invoices = world.get("/v1/invoices?status=paid").await.body;
    assert_eq!(invoices["data"].as_array().unwrap().len(), 2);
}
