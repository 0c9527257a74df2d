//! What `stripe trigger` of Stripe's CLI (1.52.0) sends for each event that Settled is tested
//! with, step by step. The CLI itself is run by the conformance checks.

use serde_json::Value;

use crate::world::{World, id};

const BY_CLI: (&str, &str) = ("description", "(created by Stripe CLI)");

async fn price(world: &World, recurring: &[(&str, &str)]) -> String {
    let product = id(&world.made("/v1/products", &[("name", "myproduct"), BY_CLI]).await);
    let params = [&[("product", product.as_str()), ("unit_amount", "1500"), ("currency", "usd")], recurring].concat();
    id(&world.made("/v1/prices", &params).await)
}

async fn subscription(world: &World) -> Value {
    let card = [("payment_method", "pm_card_visa"), ("invoice_settings[default_payment_method]", "pm_card_visa")];
    let customer = id(&world.made("/v1/customers", &[&[BY_CLI], &card[..]].concat()).await);
    let price = price(world, &[("recurring[interval]", "month")]).await;
    world.made("/v1/subscriptions", &[("items[0][price]", &price), ("customer", &customer)]).await
}

/// An invoice over one item, and the payment method to pay it with.
async fn invoice(world: &World, card: &str) -> (String, String) {
    let customer = id(&world.made("/v1/customers", &[BY_CLI]).await);
    let attach = format!("/v1/payment_methods/{card}/attach");
    let method = id(&world.made(&attach, &[("customer", &customer)]).await);
    let item = [("amount", "2000"), ("currency", "usd"), ("customer", customer.as_str()), BY_CLI];
    world.made("/v1/invoiceitems", &item).await;
    let params = [("customer", customer.as_str()), BY_CLI, ("pending_invoice_items_behavior", "include")];
    (id(&world.made("/v1/invoices", &params).await), method)
}

async fn has_sent(world: &World, kind: &str) {
    assert!(world.event_types().await.contains(&kind.to_owned()), "{kind}");
}

#[tokio::test]
async fn checkout_session_completed() {
    let world = World::start().await;
    let price = price(&world, &[]).await;
    let params = [
        ("success_url", "https://httpbin.org/post"),
        ("cancel_url", "https://httpbin.org/post"),
        ("mode", "payment"),
        ("line_items[0][price]", &price),
        ("line_items[0][quantity]", "2"),
        ("payment_intent_data[shipping][name]", "Jenny Rosen"),
        ("payment_intent_data[shipping][address][country]", "US"),
        ("payment_intent_data[shipping][address][line1]", "510 Townsend St"),
        ("payment_intent_data[shipping][address][postal_code]", "94103"),
        ("payment_intent_data[shipping][address][city]", "San Francisco"),
        ("payment_intent_data[shipping][address][state]", "CA"),
    ];
    let session = world.session(&params).await;
    let page = format!("/v1/payment_pages/{}", id(&session));
    assert_eq!(world.get(&page).await.status, 200);
    let params = [
        ("type", "card"),
        ("card[token]", "tok_visa"),
        ("billing_details[email]", "stripe@example.com"),
        ("billing_details[name]", "Jenny Rosen"),
        ("billing_details[address][line1]", "354 Oyster Point Blvd"),
        ("billing_details[address][country]", "US"),
    ];
    let method = id(&world.made("/v1/payment_methods", &params).await);
    let confirm = format!("{page}/confirm");
    let wrong = world.post(&confirm, &[("payment_method", &method), ("expected_amount", "1")]).await;
    assert_eq!(wrong.body["error"]["param"], "expected_amount");
    world.made(&confirm, &[("payment_method", &method), ("expected_amount", "3000")]).await;
    let session = world.reread(&session, "?expand[]=payment_intent").await;
    assert_eq!(session["payment_status"], "paid");
    assert_eq!(session["payment_intent"]["shipping"]["address"]["city"], "San Francisco");
    has_sent(&world, "checkout.session.completed").await;
}

#[tokio::test]
async fn customer_subscription_created_updated_and_deleted() {
    let world = World::start().await;
    let subscription = subscription(&world).await;
    assert_eq!(subscription["status"], "active");
    let path = format!("/v1/subscriptions/{}", id(&subscription));
    world.made(&path, &[("metadata[foo]", "bar")]).await;
    assert_eq!(world.delete(&path).await.status, 200);
    for kind in ["created", "updated", "deleted"] {
        has_sent(&world, &format!("customer.subscription.{kind}")).await;
    }
}

#[tokio::test]
async fn invoice_paid() {
    let world = World::start().await;
    let (invoice, method) = invoice(&world, "pm_card_visa").await;
    let paid = world.made(&format!("/v1/invoices/{invoice}/pay"), &[("payment_method", &method)]).await;
    assert_eq!((paid["status"].as_str(), paid["amount_paid"].as_i64()), (Some("paid"), Some(2_000)));
    has_sent(&world, "invoice.paid").await;
}

#[tokio::test]
async fn invoice_payment_failed() {
    let world = World::start().await;
    let (invoice, method) = invoice(&world, "pm_card_chargeCustomerFail").await;
    let refused = world.post(&format!("/v1/invoices/{invoice}/pay"), &[("payment_method", &method)]).await;
    assert_eq!(refused.body["error"]["type"], "card_error");
    has_sent(&world, "invoice.payment_failed").await;
}

#[tokio::test]
async fn charge_refunded_and_disputed() {
    let world = World::start().await;
    for (card, kind) in
        [("pm_card_visa", "charge.refunded"), ("pm_card_createDisputeInquiry", "charge.dispute.created")]
    {
        let params = [
            ("payment_method", card),
            ("confirm", "true"),
            BY_CLI,
            ("amount", "100"),
            ("currency", "usd"),
            ("payment_method_types[]", "card"),
        ];
        let intent = id(&world.made("/v1/payment_intents", &params).await);
        if kind == "charge.refunded" {
            world.made("/v1/refunds", &[("payment_intent", &intent)]).await;
        }
        has_sent(&world, kind).await;
    }
}
