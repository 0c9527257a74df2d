use crate::world::{LIFETIME, PRO, World, id};

const ASKS: &str = "4000 0025 0000 3155";

#[tokio::test]
async fn a_card_that_asks_leads_to_a_page_where_its_holder_confirms() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    let response = world.pay(&session, ASKS).await;
    let page = format!("/c/authenticate/{}", id(&session));
    assert_eq!(response.headers()["location"], page);
    let html = world.client.get(world.url(&page)).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("$199.00") && html.contains(r#"id="confirm""#), "{html}");
    assert_eq!(world.reread(&session, "").await["status"], "open");

    let answered = world.client.post(world.url(&page)).form(&[("result", "confirm")]).send().await.unwrap();
    assert_eq!(answered.status(), 303);
    assert_eq!(world.reread(&session, "").await["payment_status"], "paid");
    assert_eq!(
        world.event_types().await,
        [
            "payment_intent.created",
            "payment_intent.requires_action",
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.completed"
        ]
    );
}

#[tokio::test]
async fn a_holder_who_refuses_can_pay_with_another_card() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    world.pay(&session, ASKS).await;
    let page = world.url(&format!("/c/authenticate/{}", id(&session)));
    let refused = world.client.post(&page).form(&[("result", "fail")]).send().await.unwrap();
    assert_eq!(refused.status(), 402);
    assert!(refused.text().await.unwrap().contains("unable to authenticate"));
    assert_eq!(world.event_types().await.last().unwrap(), "payment_intent.payment_failed");
    assert_eq!(world.client.get(&page).send().await.unwrap().status(), 404);
    assert_eq!(world.pay(&session, crate::world::PAYS).await.status(), 303);
}

#[tokio::test]
async fn a_subscription_exists_only_once_its_holder_confirmed() {
    let world = World::start().await;
    let session = world.session(PRO).await;
    world.pay(&session, ASKS).await;
    assert_eq!(world.event_types().await, [""; 0]);
    let page = world.url(&format!("/c/authenticate/{}", id(&session)));
    world.client.post(&page).form(&[("result", "confirm")]).send().await.unwrap();
    let session = world.reread(&session, "?expand[]=subscription").await;
    assert_eq!(session["subscription"]["status"], "active");
}

#[tokio::test]
async fn a_payment_by_the_api_says_where_to_confirm_and_returns_there() {
    let world = World::start().await;
    let params = [
        ("amount", "2000"),
        ("currency", "usd"),
        ("payment_method", "pm_card_threeDSecure2Required"),
        ("confirm", "true"),
        ("return_url", "http://127.0.0.1:3000/back"),
    ];
    let intent = world.made("/v1/payment_intents", &params).await;
    assert_eq!(intent["status"], "requires_action");
    let url = intent["next_action"]["redirect_to_url"]["url"].as_str().unwrap();
    let answered = world.client.post(url).form(&[("result", "confirm")]).send().await.unwrap();
    assert_eq!(answered.headers()["location"], "http://127.0.0.1:3000/back");
    let intent = world.get(&format!("/v1/payment_intents/{}", id(&intent))).await.body;
    assert_eq!(intent["status"], "succeeded");
}
