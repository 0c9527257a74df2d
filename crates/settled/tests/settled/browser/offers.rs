use super::browse;
use crate::harness::{Service, until};

#[tokio::test]
async fn a_trial_starts_without_a_payment_and_the_pages_say_so() {
    let service = Service::start();
    browse(async |page| {
        page.open(&service.process.url).await;
        page.sign_in("heidi").await;
        assert!(page.text("[data-price-id=price_trial_monthly] .trial").await.contains("14 days free"));
        page.click("[data-price-id=price_trial_monthly] button").await;
        assert!(page.text(".total").await.contains("$0.00"));
        assert_eq!(page.text("#afterwards").await, "14 days free, then $29.00 per month");
        page.screenshot("trial").await;
        page.pay_with("4242 4242 4242 4242").await;
        page.await_status("succeeded").await;
        assert!(page.text("#message").await.contains("Nothing was due"), "nobody is thanked for a payment");
        assert!(page.text("#amount").await.contains("0.00"));
        until("the trial on the page", async || page.text("#subscription").await.contains("free trial").then_some(()))
            .await;
        page.screenshot("trial-success").await;
        page.open(&service.process.url).await;
        page.find("#subscription[data-status=trialing]").await;
        page.screenshot("trial-storefront").await;
    })
    .await;
}

#[tokio::test]
async fn a_promotion_code_changes_what_is_due_and_what_was_paid() {
    let service = Service::start();
    browse(async |page| {
        page.open(&service.process.url).await;
        page.sign_in("ivan").await;
        page.click("[data-price-id=price_pro_monthly] button").await;
        assert!(page.text(".due").await.contains("$49.00"));
        page.fill("#promotion_code", "NOPE").await;
        page.click("#apply-promotion").await;
        assert!(page.text("#promotion_code-error").await.contains("invalid"));
        assert_eq!(page.text("#error").await, "", "nothing is wrong with the payment's own fields");
        page.screenshot("promotion-unknown").await;
        page.fill("#promotion_code", "SAVE20").await;
        page.click("#apply-promotion").await;
        page.find("#remove-promotion").await;
        assert!(page.text(".off").await.contains("$9.80"));
        assert!(page.text(".due").await.contains("$39.20"));
        page.screenshot("promotion").await;
        page.pay_with("4242 4242 4242 4242").await;
        page.await_status("succeeded").await;
        assert!(page.text("#amount").await.contains("39.20"));
        page.screenshot("promotion-success").await;
    })
    .await;
}

#[tokio::test]
async fn three_of_a_price_cost_three_times_as_much() {
    let service = Service::start();
    browse(async |page| {
        page.open(&service.process.url).await;
        page.sign_in("judy").await;
        let order = "const done = arguments[arguments.length - 1];
             const body = JSON.stringify({ price_id: 'price_pro_monthly', quantity: 3 });
             const headers = { 'Content-Type': 'application/json' };
             fetch('/api/checkout', { method: 'POST', headers, body }).then((reply) => reply.json()).then(done);";
        let checkout = page.run(order).await;
        page.open(checkout["url"].as_str().unwrap()).await;
        assert!(page.text(".lines").await.contains("× 3"));
        assert!(page.text(".due").await.contains("$147.00"));
        page.screenshot("quantity").await;
        page.pay_with("4242 4242 4242 4242").await;
        page.await_status("succeeded").await;
        assert!(page.text("#amount").await.contains("147.00"));
    })
    .await;
}
