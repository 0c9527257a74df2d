use super::{Page, browse};
use crate::harness::{Service, until};

/// Opens the page at this address again and again until it shows this status.
async fn await_status_at(page: &Page, url: &str, status: &str) {
    until(status, async || {
        page.open(url).await;
        let shown = page.find("#status[aria-busy=false]").await.attr("data-status").await.unwrap();
        (shown.as_deref() == Some(status)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_bank_debit_takes_its_time_and_settles_when_the_bank_says_so() {
    let service = Service::start();
    browse(async |page| {
        page.open(&service.process.url).await;
        page.sign_in("erin").await;
        page.click("[data-price-id=price_basic_monthly] button").await;
        page.click("label[for=method-bank]").await;
        page.screenshot("bank-debit").await;
        page.pay_by_debit("000123456789").await;
        page.await_status("processing").await;
        let words = page.text("#message").await;
        assert!(words.contains("a few days") && words.contains("charged twice"), "{words}");
        page.screenshot("bank-debit-processing").await;
        let landing = page.url().await;
        page.open(&service.process.sandbox_url).await;
        page.screenshot("dashboard-debit").await;
        page.click("#payments form[action$='/settle'] button").await;
        // The answer to the click is a page of its own, which would otherwise come in place of the next.
        page.find("#payments form[action$='/refund']").await;
        await_status_at(&page, &landing, "succeeded").await;
        assert!(page.text("#amount").await.contains("19"));
        until("the subscription's state on the page", async || {
            page.text("#subscription").await.contains("Active").then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_bank_debit_that_bounces_days_later_is_told_and_can_be_bought_again() {
    let service = Service::start();
    browse(async |page| {
        page.open(&service.process.url).await;
        page.sign_in("frank").await;
        page.click("[data-price-id=price_lifetime] button").await;
        page.pay_by_debit("000111111116").await;
        page.await_status("processing").await;
        let landing = page.url().await;
        // Nobody presses anything: the sandbox lets it fail by itself after a while.
        await_status_at(&page, &landing, "failed").await;
        page.screenshot("bank-debit-failed").await;
        page.open(&service.process.url).await;
        page.click("[data-price-id=price_lifetime] button").await;
        page.pay_with("4242 4242 4242 4242").await;
        page.await_status("succeeded").await;
    })
    .await;
}

#[tokio::test]
async fn a_holder_who_refuses_to_confirm_can_try_again_and_confirm() {
    let service = Service::start();
    browse(async |page| {
        page.open(&service.process.url).await;
        page.sign_in("grace").await;
        page.click("[data-price-id=price_basic_monthly] button").await;
        page.pay_with("4000 0025 0000 3155").await;
        page.find("#challenge-form").await;
        page.screenshot("challenge").await;
        page.click("#fail").await;
        until("the refusal", async || page.text("#error").await.contains("authenticate").then_some(())).await;
        page.screenshot("challenge-refused").await;
        page.pay_with("4000 0025 0000 3155").await;
        page.click("#confirm").await;
        page.await_status("succeeded").await;
    })
    .await;
}
