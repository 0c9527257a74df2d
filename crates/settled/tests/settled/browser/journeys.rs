use super::browse;
use crate::harness::{SandboxProcess, Service, Shopper, until};

/// What ends differently when the database does not do what the program expects of it.
macro_rules! on_both_databases {
    ($($journey:ident)*) => {
        mod with_sqlite {
            $(
                #[tokio::test]
                async fn $journey() {
                    super::$journey(super::Service::start()).await;
                }
            )*
        }

        #[cfg(feature = "postgres-tests")]
        mod with_postgres {
            $(
                #[tokio::test]
                async fn $journey() {
                    super::$journey(super::Service::start_on_postgres().await).await;
                }
            )*
        }
    };
}

on_both_databases! {
    a_customer_subscribes_and_lands_on_a_settled_payment
    a_declined_card_is_told_and_another_one_pays_a_one_time_price
    who_goes_back_is_told_that_nothing_was_charged_and_can_go_on_later
}

async fn a_customer_subscribes_and_lands_on_a_settled_payment(service: Service) {
    browse(async |page| {
        page.open(&service.process.url).await;
        page.sign_in("alice").await;
        page.screenshot("storefront").await;
        page.click("[data-price-id=price_basic_monthly] button").await;
        page.find("#payment-form").await;
        page.screenshot("hosted-page").await;
        page.pay_with("4242 4242 4242 4242").await;
        page.await_status("succeeded").await;
        assert!(page.url().await.starts_with(&format!("{}/success?session_id=cs_", service.process.url)));
        assert!(page.text("#amount").await.contains("19"));
        until("the subscription's state on the page", async || {
            page.text("#subscription").await.to_lowercase().contains("active").then_some(())
        })
        .await;
        page.screenshot("success").await;
        page.open(&service.process.url).await;
        page.find("#subscription[data-status=active]").await;
        page.click("[data-price-id=price_pro_monthly] button").await;
        until("words about the subscription", async || page.text("#message").await.contains("already").then_some(()))
            .await;
        page.screenshot("already-subscribed").await;
    })
    .await;
}

async fn a_declined_card_is_told_and_another_one_pays_a_one_time_price(service: Service) {
    browse(async |page| {
        page.open(&service.process.url).await;
        page.sign_in("bob").await;
        page.click("[data-price-id=price_lifetime] button").await;
        page.pay_with("4000 0000 0000 0002").await;
        until("the decline", async || page.text("#error").await.contains("declined").then_some(())).await;
        page.screenshot("declined").await;
        page.pay_with("4242 4242 4242 4242").await;
        page.await_status("succeeded").await;
        assert!(page.text("#amount").await.contains("199"));
    })
    .await;
}

async fn who_goes_back_is_told_that_nothing_was_charged_and_can_go_on_later(service: Service) {
    browse(async |page| {
        page.open(&service.process.url).await;
        page.sign_in("carol").await;
        page.click("[data-price-id=price_pro_monthly] button").await;
        page.find("#payment-form").await;
        let hosted = page.url().await;
        page.click("#cancel").await;
        page.find("[data-status=canceled]").await;
        assert!(page.text("h1").await.contains("Nothing was charged"));
        page.screenshot("cancel").await;
        page.open(&service.process.url).await;
        page.click("[data-price-id=price_pro_monthly] button").await;
        page.find("#payment-form").await;
        assert_eq!(page.url().await, hosted, "the same session");
    })
    .await;
}

#[tokio::test]
async fn after_thirty_seconds_without_news_the_page_calms_and_can_look_again() {
    let dir = tempfile::TempDir::new().unwrap();
    let addr = crate::harness::free_addr();
    let sandbox = SandboxProcess::start(&dir, "http://127.0.0.1:9/");
    let service = Service::start_in(&dir, &[&sandbox.vars()[..], &[("LISTEN_ADDR", &addr)]].concat());
    browse(async |page| {
        page.open(&service.url).await;
        let token = crate::users::token_for("dave");
        let cookie = thirtyfour::Cookie::new("settled_token", token.trim());
        page.0.add_cookie(cookie).await.unwrap();
        page.open(&service.url).await;
        page.click("[data-price-id=price_basic_monthly] button").await;
        page.find("#payment-form").await;
        let session = page.url().await.rsplit('/').next().unwrap().to_owned();
        // Stripe has nothing to say: the customer comes back without having paid.
        page.open(&format!("{}/success?session_id={session}", service.url)).await;
        page.await_status("pending").await;
        page.screenshot("pending").await;
        page.await_status("timeout").await;
        let words = page.text("#message").await;
        assert!(words.contains("twice") && words.contains("safe to close"), "{words}");
        page.screenshot("timeout").await;
        // Before it is paid: once it is, the page finds out by itself, and the button goes away.
        page.click("#look-again").await;
        page.find("#look-again[hidden]").await;
        // Paid after all, on another device.
        let hosted = format!("{}/c/pay/{session}", sandbox.api_base.trim_end_matches('/'));
        let elsewhere = Shopper::with_token(&service.url, &token);
        elsewhere.pay(&serde_json::json!({ "url": hosted }), "4242424242424242").await.expect("the card pays");
        page.await_status("succeeded").await;
    })
    .await;
}
