use serde_json::{Value, json};

use crate::world::{DECLINED, LIFETIME, PAYS, PRO, Params, World, id};

const TRIAL: Params<'static> = &[("subscription_data[trial_period_days]", "7")];
const CODES: Params<'static> = &[("allow_promotion_codes", "true")];

#[tokio::test]
async fn a_trial_costs_nothing_today() {
    let world = World::start().await;
    let session = world.session(&[PRO, TRIAL].concat()).await;
    assert_eq!(session["amount_total"], 0);
    let html = world.client.get(session["url"].as_str().unwrap()).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("7 days free, then $49.00 per month"), "{html}");
    world.pay(&session, PAYS).await;
    let session = world.reread(&session, "?expand[]=subscription&expand[]=invoice").await;
    assert_eq!(session["payment_status"], "no_payment_required");
    let subscription = &session["subscription"];
    assert_eq!(subscription["status"], "trialing");
    let (start, end) = (&subscription["trial_start"], &subscription["trial_end"]);
    assert_eq!(end.as_i64().unwrap() - start.as_i64().unwrap(), 7 * 86_400);
    assert_eq!(subscription["items"]["data"][0]["current_period_end"], *end);
    assert_eq!(session["invoice"]["total"], 0);
    assert_eq!(session["invoice"]["status"], "paid");
    assert_eq!(world.get("/v1/charges").await.body["data"], json!([]));
}

#[tokio::test]
async fn a_trial_still_needs_a_card_that_works() {
    let world = World::start().await;
    let session = world.session(&[PRO, TRIAL].concat()).await;
    assert_eq!(world.pay(&session, DECLINED).await.status(), 402);
}

#[tokio::test]
async fn a_trial_has_bounds() {
    let world = World::start().await;
    for (name, value) in [("trial_period_days", "0"), ("trial_period_days", "731"), ("trial_end", "5")] {
        let name = format!("subscription_data[{name}]");
        let answer = world.post("/v1/checkout/sessions", &[PRO, &[(&name, value)]].concat()).await;
        assert_eq!(answer.status, 400, "{name}={value}");
        assert_eq!(answer.body["error"]["param"], name);
    }
}

#[tokio::test]
async fn a_promotion_code_typed_at_the_page_takes_twenty_percent_off() {
    let world = World::start().await;
    let session = world.session(&[LIFETIME, CODES].concat()).await;
    let applied = world.fill(&session, &[("promotion_code", "save20"), ("action", "apply")]).await;
    assert_eq!(applied.status(), 303);
    let html = world.client.get(session["url"].as_str().unwrap()).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("$159.20") && html.contains("−$39.80"), "{html}");
    world.pay(&session, PAYS).await;
    let session = world.reread(&session, "?expand[]=payment_intent").await;
    assert_eq!(session["amount_subtotal"], 19_900);
    assert_eq!(session["amount_total"], 15_920);
    assert_eq!(session["total_details"]["amount_discount"], 3_980);
    assert_eq!(session["discounts"], json!([{ "coupon": null, "promotion_code": "promo_save20" }]));
    assert_eq!(session["payment_intent"]["amount_received"], 15_920);
    let code = world.get("/v1/promotion_codes/promo_save20").await.body;
    assert_eq!(code["times_redeemed"], 1);
}

#[tokio::test]
async fn a_code_can_be_taken_back_and_a_wrong_one_is_explained() {
    let world = World::start().await;
    let session = world.session(&[LIFETIME, CODES].concat()).await;
    let wrong = world.fill(&session, &[("promotion_code", "NOPE"), ("action", "apply")]).await;
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().await.unwrap().contains("This code is invalid"));
    world.fill(&session, &[("promotion_code", "SAVE20"), ("action", "apply")]).await;
    world.fill(&session, &[("action", "remove")]).await;
    assert_eq!(world.reread(&session, "").await["amount_total"], 19_900);
}

#[tokio::test]
async fn no_code_works_where_none_is_asked_for() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    world.fill(&session, &[("promotion_code", "SAVE20"), ("action", "apply")]).await;
    assert_eq!(world.reread(&session, "").await["amount_total"], 19_900);
}

#[tokio::test]
async fn a_discount_for_once_is_on_the_first_invoice_only() {
    let world = World::start().await;
    let params = [PRO, &[("discounts[0][promotion_code]", "promo_save20")]].concat();
    let session = world.session(&params).await;
    world.pay(&session, PAYS).await;
    let session = world.reread(&session, "?expand[]=subscription&expand[]=invoice").await;
    assert_eq!(session["invoice"]["total"], 3_920);
    assert_eq!(session["invoice"]["total_discount_amounts"][0]["amount"], 980);
    assert_eq!(session["subscription"]["discounts"], json!([]));
}

#[tokio::test]
async fn discounts_are_expanded_where_there_are_some_and_where_there_are_none() {
    let world = World::start().await;
    let coupon = id(&world.made("/v1/coupons", &[("percent_off", "10"), ("duration", "forever")]).await);
    for params in [PRO, &[PRO, &[("discounts[0][coupon]", &coupon)]].concat()] {
        let session = world.session(params).await;
        world.pay(&session, PAYS).await;
    }
    let list = world.get("/v1/subscriptions?expand[]=data.discounts.source.coupon").await.body;
    assert_eq!(list["data"][0]["discounts"][0]["source"]["coupon"]["percent_off"], 10);
    assert_eq!(list["data"][1]["discounts"], json!([]));
}

#[tokio::test]
async fn all_off_is_nothing_to_pay() {
    let world = World::start().await;
    let coupon = world.made("/v1/coupons", &[("percent_off", "100"), ("duration", "forever")]).await;
    let session = world.session(&[LIFETIME, &[("discounts[0][coupon]", &id(&coupon))]].concat()).await;
    let paid = world.fill(&session, &[("email", "ada@example.com")]).await;
    assert_eq!(paid.status(), 303);
    let session = world.reread(&session, "").await;
    assert_eq!(session["payment_status"], "no_payment_required");
    assert_eq!(session["payment_intent"], Value::Null);
}

#[tokio::test]
async fn a_coupon_that_is_used_up_is_refused() {
    let world = World::start().await;
    let params = [("percent_off", "50"), ("duration", "once"), ("max_redemptions", "1")];
    let coupon = id(&world.made("/v1/coupons", &params).await);
    let params = [LIFETIME, &[("discounts[0][coupon]", coupon.as_str())]].concat();
    let session = world.session(&params).await;
    world.pay(&session, PAYS).await;
    let refused = world.post("/v1/checkout/sessions", &params).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.body["error"]["param"], "discounts[0][coupon]");
}

#[tokio::test]
async fn a_quantity_is_paid_as_often() {
    let world = World::start().await;
    let mut params: Vec<_> = PRO.iter().copied().filter(|(name, _)| *name != "line_items[0][quantity]").collect();
    params.push(("line_items[0][quantity]", "3"));
    let session = world.session(&params).await;
    world.pay(&session, PAYS).await;
    let session = world.reread(&session, "?expand[]=subscription&expand[]=invoice").await;
    assert_eq!(session["amount_total"], 14_700);
    assert_eq!(session["invoice"]["amount_paid"], 14_700);
    assert_eq!(session["subscription"]["items"]["data"][0]["quantity"], 3);
}
