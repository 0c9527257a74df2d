//! Waiting for a payment that is not settled when the customer lands: what is said at each step, and how soon.

use serde_json::json;
use tempfile::TempDir;

use super::{Page, browse};
use crate::harness::{SandboxProcess, Service, Shopper, Started, free_addr, until};

/// The service beside a sandbox that posts its events to `forward_to`, or to the service itself.
struct World {
    _dir: TempDir,
    sandbox: SandboxProcess,
    service: Started,
    alice: Shopper,
}

impl World {
    fn start(forward_to: Option<&str>) -> Self {
        let (dir, addr) = (TempDir::new().unwrap(), free_addr());
        let own = format!("http://{addr}/api/webhook/stripe");
        let sandbox = SandboxProcess::start(&dir, forward_to.unwrap_or(&own));
        let service = Service::start_in(&dir, &[&sandbox.vars()[..], &[("LISTEN_ADDR", &addr)]].concat());
        let alice = Shopper::with_token(&service.url, &crate::users::token_for("alice"));
        Self { _dir: dir, sandbox, service, alice }
    }

    /// Where Alice lands after paying for this checkout.
    fn landing(&self, checkout: &serde_json::Value) -> String {
        format!("{}/success?session_id={}", self.service.url, checkout["session_id"].as_str().unwrap())
    }

    /// Has Alice, signed in, come back from this checkout in this browser.
    async fn land(&self, page: &Page, checkout: &serde_json::Value) {
        self.sign_in(page).await;
        page.open(&self.landing(checkout)).await;
    }

    /// Signs Alice in, in this browser.
    async fn sign_in(&self, page: &Page) {
        page.carry_token(&self.service.url, &self.alice.token).await;
    }
}

/// How often the page has asked for each of these: the stream, and the plain status.
async fn asked(page: &Page) -> (u64, u64) {
    let counts = page
        .run(
            "const names = performance.getEntriesByType('resource').map(({ name }) => name);
             const count = (part) => names.filter((name) => name.includes(part)).length;
             arguments[arguments.length - 1](
                 [count('/api/payment-status/stream?'), count('/api/payment-status?')]);",
        )
        .await;
    (counts[0].as_u64().unwrap(), counts[1].as_u64().unwrap())
}

#[tokio::test]
async fn a_payment_that_is_settled_when_the_customer_lands_never_shows_a_spinner() {
    let world = World::start(None);
    let checkout = world.alice.checkout("price_basic_monthly").await;
    let landing = world.alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
    let html = world.alice.get(landing.strip_prefix(&world.service.url).unwrap()).await.text().await.unwrap();
    assert!(html.contains("data-status=\"succeeded\"") && html.contains(">Payment received</h1>"));
    browse(async |page| {
        world.sign_in(&page).await;
        page.open(&landing).await;
        assert_eq!(page.find("#status").await.attr("data-status").await.unwrap().as_deref(), Some("succeeded"));
        assert!(page.text("#amount").await.contains("19"));
        until("the subscription", async || page.text("#subscription").await.contains("ctive").then_some(())).await;
        assert_eq!(asked(&page).await, (0, 0), "there was nothing to ask");
    })
    .await;
}

#[tokio::test]
async fn who_lands_before_the_webhook_is_shown_the_payment_by_the_stream_without_asking_again() {
    let world = World::start(None);
    let checkout = world.alice.checkout("price_lifetime").await;
    browse(async |page| {
        world.land(&page, &checkout).await;
        page.await_status("pending").await;
        world.alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
        page.await_status("succeeded").await;
        assert_eq!(page.text("#headline").await, "Payment received");
        assert!(page.text("#amount").await.contains("199"));
        assert_eq!(asked(&page).await.1, 0, "nothing was polled");
    })
    .await;
}

#[tokio::test]
async fn when_the_webhook_is_late_the_page_says_that_stripe_is_asked_and_then_what_it_said() {
    let world = World::start(Some("http://127.0.0.1:9/"));
    let checkout = world.alice.checkout("price_lifetime").await;
    browse(async |page| {
        world.land(&page, &checkout).await;
        page.await_status("pending").await;
        // Stripe is asked, and says that nothing is paid yet.
        page.await_status("asked").await;
        assert!(page.text("#message").await.contains("We have asked Stripe"));
        page.screenshot("waiting-asked").await;
        world.alice.pay(&checkout, "4242424242424242").await.expect("the redirect is let go after a while");
        page.await_status("succeeded").await;
        let status = world.alice.status_of(&checkout).await;
        assert_eq!(status["settled_by"], "landing", "no webhook ever came");
    })
    .await;
}

#[tokio::test]
async fn while_stripe_does_not_answer_the_page_says_that_it_is_asked() {
    let world = World::start(Some("http://127.0.0.1:9/"));
    let checkout = world.alice.checkout("price_lifetime").await;
    drop(world.sandbox);
    browse(async |page| {
        page.carry_token(&world.service.url, &world.alice.token).await;
        let session = checkout["session_id"].as_str().unwrap();
        page.open(&format!("{}/success?session_id={session}", world.service.url)).await;
        page.await_status("asking").await;
        assert!(page.text("#message").await.contains("we are asking Stripe ourselves"));
        page.await_status("timeout").await;
        page.find("#look-again:not([hidden])").await;
    })
    .await;
}

#[tokio::test]
async fn where_nothing_can_be_streamed_the_page_polls() {
    let world = World::start(None);
    let checkout = world.alice.checkout("price_lifetime").await;
    browse(async |page| {
        world.sign_in(&page).await;
        let without = json!({ "source": "delete globalThis.EventSource;" });
        page.command("Page.addScriptToEvaluateOnNewDocument", without).await;
        page.open(&world.landing(&checkout)).await;
        page.await_status("pending").await;
        world.alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
        page.await_status("succeeded").await;
        let (streams, polls) = asked(&page).await;
        assert!(streams == 0 && polls >= 2, "{streams} streams, {polls} polls");
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_is_refused_is_replaced_by_polling() {
    let world = World::start(None);
    let checkout = world.alice.checkout("price_lifetime").await;
    browse(async |page| {
        world.sign_in(&page).await;
        let blocked = json!({ "urls": ["*/api/payment-status/stream*"] });
        page.command("Network.enable", json!({})).await;
        page.command("Network.setBlockedURLs", blocked).await;
        page.open(&world.landing(&checkout)).await;
        until("a poll", async || (asked(&page).await.1 > 0).then_some(())).await;
        world.alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
        page.await_status("succeeded").await;
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_stays_silent_does_not_make_the_wait_longer() {
    let world = World::start(None);
    let checkout = world.alice.checkout("price_lifetime").await;
    let session = checkout["session_id"].as_str().unwrap();
    browse(async |page| {
        world.sign_in(&page).await;
        // Of the 5 s, 4 go by before the stream is given up; what is left is enough for one poll.
        let script = format!(
            "const done = arguments[arguments.length - 1];
             globalThis.EventSource = class {{ addEventListener() {{}} close() {{}} }};
             import('/assets/settled.js').then(({{ followPayment }}) => {{
                 let polls = 0;
                 followPayment('{session}', {{ onStatus: () => {{ polls += 1; return false; }}, onTimeout: () => done(polls) }},
                     {{ giveUpAfterMs: 5_000 }});
             }});"
        );
        assert_eq!(page.run(&script).await, 1);
    })
    .await;
}

#[tokio::test]
async fn without_scripts_the_page_comes_again_until_the_payment_is_settled() {
    let world = World::start(None);
    let checkout = world.alice.checkout("price_lifetime").await;
    browse(async |page| {
        world.sign_in(&page).await;
        page.command("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
        page.open(&world.landing(&checkout)).await;
        page.await_status("pending").await;
        page.screenshot("waiting-without-scripts").await;
        world.alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
        page.await_status("succeeded").await;
        assert_eq!(page.text("#amount").await, "199.00 USD");
    })
    .await;
}

#[tokio::test]
async fn who_returns_from_nowhere_and_who_looks_into_anothers_payment_are_told_so() {
    let world = World::start(None);
    let checkout = world.alice.checkout("price_lifetime").await;
    browse(async |page| {
        page.open(&world.landing(&checkout)).await;
        page.await_status("unauthorized").await;
        page.carry_token(&world.service.url, crate::users::token_for("mallory").trim()).await;
        page.open(&world.landing(&checkout)).await;
        page.await_status("not_found").await;
        assert_eq!(asked(&page).await, (0, 0));
    })
    .await;
}
