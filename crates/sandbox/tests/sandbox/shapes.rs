//! Everything the API shows is read by the strict types of async-stripe, where a field that is
//! missing is an error.

use serde::de::DeserializeOwned;

use crate::world::{DECLINED, LIFETIME, PAYS, PRO, World, id};

async fn purchased() -> World {
    let world = World::start().await;
    for (params, cards) in [(PRO, &[PAYS][..]), (LIFETIME, &[DECLINED, PAYS])] {
        let session = world.session(params).await;
        for card in cards {
            world.pay(&session, card).await;
        }
    }
    world.session(PRO).await;
    let discounted = world.session(&[LIFETIME, &[("discounts[0][promotion_code]", "promo_save20")]].concat()).await;
    world.pay(&discounted, PAYS).await;
    let trial = world.session(&[PRO, &[("subscription_data[trial_period_days]", "7")]].concat()).await;
    world.pay(&trial, PAYS).await;
    let challenged = world.session(LIFETIME).await;
    world.pay(&challenged, "4000 0025 0000 3155").await;
    let debited = world.session(LIFETIME).await;
    world.debit(&debited, "000123456789").await;
    for card in ["pm_card_createDispute", "pm_card_visa", "pm_card_createDisputeInquiry"] {
        let params = [("amount", "2000"), ("currency", "usd"), ("payment_method", card), ("confirm", "true")];
        world.made("/v1/payment_intents", &params).await;
    }
    let paid = world.get("/v1/payment_intents?limit=2").await.body;
    world.made("/v1/refunds", &[("payment_intent", &id(&paid["data"][1]))]).await;
    let (customer, _) = world.customer_with_clock(1_800_000_000).await;
    world.made("/v1/invoiceitems", &[("customer", &customer), ("amount", "500"), ("currency", "usd")]).await;
    let params = [("customer", customer.as_str()), ("pending_invoice_items_behavior", "include")];
    world.made("/v1/invoices", &params).await;
    world
}

async fn reads<T: DeserializeOwned>(world: &World, path: &str) {
    let list = world.get(path).await.body;
    let rows = list["data"].as_array().unwrap();
    assert!(!rows.is_empty(), "{path} shows something");
    for row in rows {
        let read = serde_json::from_value::<T>(row.clone());
        assert!(read.is_ok(), "{}: {row:#}", read.err().unwrap());
    }
}

#[tokio::test]
async fn every_listed_object_is_complete() {
    let world = purchased().await;
    reads::<stripe_shared::Product>(&world, "/v1/products").await;
    reads::<stripe_shared::Price>(&world, "/v1/prices?expand[]=data.product").await;
    reads::<stripe_shared::Customer>(&world, "/v1/customers").await;
    reads::<stripe_shared::CheckoutSession>(
        &world,
        "/v1/checkout/sessions?expand[]=data.line_items&expand[]=data.subscription\
         &expand[]=data.payment_intent&expand[]=data.customer&expand[]=data.invoice",
    )
    .await;
    reads::<stripe_shared::Subscription>(
        &world,
        "/v1/subscriptions?expand[]=data.latest_invoice&expand[]=data.default_payment_method",
    )
    .await;
    reads::<stripe_shared::Invoice>(&world, "/v1/invoices?expand[]=data.payments").await;
    reads::<stripe_shared::PaymentIntent>(&world, "/v1/payment_intents").await;
    reads::<stripe_shared::Charge>(&world, "/v1/charges?expand[]=data.refunds").await;
    reads::<stripe_shared::Refund>(&world, "/v1/refunds?expand[]=data.charge").await;
    reads::<stripe_shared::Dispute>(&world, "/v1/disputes?expand[]=data.charge").await;
    reads::<stripe_shared::Coupon>(&world, "/v1/coupons").await;
    reads::<stripe_shared::PromotionCode>(&world, "/v1/promotion_codes?expand[]=data.promotion.coupon").await;
    reads::<stripe_shared::TestHelpersTestClock>(&world, "/v1/test_helpers/test_clocks").await;
}

#[tokio::test]
async fn the_account_is_complete() {
    let world = World::start().await;
    let account = world.get("/v1/account").await.body;
    serde_json::from_value::<stripe_shared::Account>(account).unwrap();
}

#[tokio::test]
async fn every_event_is_complete() {
    let world = purchased().await;
    for event in world.events().await {
        let text = event.to_string();
        let header = stripe_webhook::Webhook::generate_test_header(&text, "whsec_x", None);
        let read = stripe_webhook::Webhook::construct_event(&text, &header, "whsec_x");
        assert!(read.is_ok(), "{}: {event:#}", read.err().unwrap());
    }
}
