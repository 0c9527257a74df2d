use serde_json::Value;

use super::{Page, browse};
use crate::harness::{Service, Shopper, until};

/// Presses a button and waits until the section says this.
async fn press(page: &Page, button: &str, section: &str, says: &str) {
    page.click(button).await;
    page.await_words(section, says).await;
}

async fn bought(shopper: &Shopper, price: &str) {
    let checkout = shopper.checkout(price).await;
    shopper.pay(&checkout, "4242424242424242").await.expect("the card pays");
    shopper.await_status(&checkout, "succeeded").await;
}

#[tokio::test]
async fn a_person_gives_money_back_at_the_dashboard_and_lets_it_be_disputed() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    browse(async |page| {
        page.open(&service.process.sandbox_url).await;
        assert!(page.text("#payments").await.contains("None yet"));
        page.screenshot("dashboard-empty").await;
        bought(&alice, "price_lifetime").await;
        bought(&alice, "price_basic_monthly").await;
        page.open(&service.process.sandbox_url).await;
        page.screenshot("dashboard").await;
        press(&page, "#payments tr:nth-child(1) form[action$='/refund'] button", "payments", "refunded").await;
        press(&page, "#payments tr:nth-child(2) form[action$='/dispute'] button", "payments", "disputed").await;
        press(&page, "#payments form[action*='/refunds/'] button", "payments", "failed").await;
        page.screenshot("dashboard-payments").await;
    })
    .await;
}

#[tokio::test]
async fn a_person_moves_a_customers_time_and_holds_drops_delays_and_resends_events_at_the_dashboard() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    bought(&alice, "price_basic_monthly").await;
    let renews = async || alice.subscription().await["subscription"]["current_period_end"].clone();
    let at_first = until("the end of the first period", async || Some(renews().await).filter(Value::is_string)).await;
    browse(async |page| {
        page.open(&service.process.sandbox_url).await;
        press(&page, "form[action$='/deliveries/hold'] button", "events", "held back").await;
        page.click("#customers button[value=renewal]").await;
        page.await_no_words("customers", "real time").await;
        until("the renewal's news", async || {
            page.open(&service.process.sandbox_url).await;
            page.text("#events").await.contains("test_clock.ready").then_some(())
        })
        .await;
        page.screenshot("dashboard-held").await;
        press(&page, "#events form[action$='/drop'] button", "events", "dropped").await;
        press(&page, "#events form[action$='/delay'] button", "events", "waiting until").await;
        assert_eq!(renews().await, at_first, "nothing has been delivered");
        press(&page, "form[action$='/deliveries/release'] button", "events", "Hold all deliveries").await;
        until("the second period", async || (renews().await != at_first).then_some(())).await;
        page.click("#events form[action$='/resend'] button").await;
        page.await_no_words("events", "dropped").await;
        page.screenshot("dashboard-events").await;
    })
    .await;
}
