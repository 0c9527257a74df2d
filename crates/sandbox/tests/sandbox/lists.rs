use serde_json::{Value, json};

use crate::world::{LIFETIME, PAYS, PRO, World};

fn ids(list: &Value) -> Vec<&str> {
    let data = list["data"].as_array().unwrap();
    data.iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_fresh_sandbox_sells_four_prices_and_keeps_a_retired_one() {
    let world = World::start().await;
    let active = world.get("/v1/prices?active=true").await.body;
    assert_eq!(ids(&active), ["price_lifetime", "price_pro_monthly", "price_trial_monthly", "price_basic_monthly"]);
    let retired = world.get("/v1/prices?active=false").await.body;
    assert_eq!(ids(&retired), ["price_retired"]);
}

#[tokio::test]
async fn products_are_expanded_within_a_list() {
    let world = World::start().await;
    let prices = world.get("/v1/prices?expand[]=data.product").await.body;
    assert_eq!(prices["data"][4]["product"]["name"], "Basic");
    assert_eq!(prices["data"][4]["product"]["metadata"], json!({}));
}

#[tokio::test]
async fn what_cannot_be_expanded_is_named() {
    let world = World::start().await;
    let answer = world.get("/v1/prices/price_lifetime?expand[]=currency").await;
    assert_eq!(answer.status, 400);
    let message = answer.body["error"]["message"].as_str().unwrap();
    assert_eq!(message, "This property cannot be expanded (currency).");
}

#[tokio::test]
async fn pages_follow_each_other_in_both_directions() {
    let world = World::start().await;
    for name in ["a", "b", "c", "d", "e"] {
        world.post("/v1/customers", &[("name", name)]).await;
    }
    let all = world.get("/v1/customers").await.body;
    let all = ids(&all);
    let first = world.get("/v1/customers?limit=2").await.body;
    assert_eq!(ids(&first), all[..2]);
    assert_eq!(first["has_more"], true);
    let path = format!("/v1/customers?limit=3&starting_after={}", all[1]);
    let rest = world.get(&path).await.body;
    assert_eq!(ids(&rest), all[2..]);
    assert_eq!(rest["has_more"], false);
    let path = format!("/v1/customers?limit=2&ending_before={}", all[4]);
    let before = world.get(&path).await.body;
    assert_eq!(ids(&before), all[2..4]);
    assert_eq!(before["has_more"], true);
}

#[tokio::test]
async fn limits_and_cursors_are_checked() {
    let world = World::start().await;
    for query in ["limit=0", "limit=101", "limit=x", "starting_after=cus_x", "nope=1"] {
        let answer = world.get(&format!("/v1/customers?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[tokio::test]
async fn sessions_are_found_by_their_status() {
    let world = World::start().await;
    let paid = world.session(LIFETIME).await;
    let open = world.session(LIFETIME).await;
    world.pay(&paid, PAYS).await;
    let complete = world.get("/v1/checkout/sessions?status=complete").await.body;
    assert_eq!(ids(&complete), [paid["id"].as_str().unwrap()]);
    let still_open = world.get("/v1/checkout/sessions?status=open").await.body;
    assert_eq!(ids(&still_open), [open["id"].as_str().unwrap()]);
}

#[tokio::test]
async fn line_items_have_a_list_of_their_own() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    let path = format!("/v1/checkout/sessions/{}/line_items", session["id"].as_str().unwrap());
    let items = world.get(&path).await.body;
    assert_eq!(items["data"][0]["price"]["id"], "price_lifetime");
    assert_eq!(items["data"][0]["amount_total"], 19_900);
}

#[tokio::test]
async fn events_are_found_by_type() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    world.pay(&session, PAYS).await;
    let query = "types[]=checkout.session.completed&types[]=charge.*";
    let events = world.get(&format!("/v1/events?{query}")).await.body;
    let kinds: Vec<_> = events["data"].as_array().unwrap().iter().map(|e| &e["type"]).collect();
    assert_eq!(kinds, ["checkout.session.completed", "charge.succeeded"]);
}

#[tokio::test]
async fn an_invoice_is_found_by_the_payment_intent_that_paid_it() {
    let world = World::start().await;
    for _ in 0..2 {
        let session = world.session(PRO).await;
        world.pay(&session, PAYS).await;
    }
    let all = world.get("/v1/invoice_payments").await.body;
    let [newest, oldest] = all["data"].as_array().unwrap().as_slice() else { panic!("{all}") };
    assert_ne!(newest["invoice"], oldest["invoice"]);
    let intent = oldest["payment"]["payment_intent"].as_str().unwrap();
    let query = format!("payment[type]=payment_intent&payment[payment_intent]={intent}");
    let found = world.get(&format!("/v1/invoice_payments?{query}")).await.body;
    assert_eq!(found["data"], json!([oldest]));
    let untyped = world.get(&format!("/v1/invoice_payments?payment[payment_intent]={intent}")).await;
    assert_eq!(untyped.body["error"]["param"], "payment[type]");
}
