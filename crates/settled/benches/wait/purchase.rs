//! One purchase, from the card to the word on the screen.

use std::time::Duration;

use serde_json::json;

use crate::driver::Page;
use crate::proxy::{Treatment, now_ms};
use crate::shopper::Shopper;
use crate::world::World;

/// How the page learns of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As it is: by the stream, or by what the server has rendered.
    Push,
    /// As if nothing could be streamed.
    Poll,
}

/// What happens between Stripe and us.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// For how long Checkout holds the redirect.
    pub(crate) redirect_hold_s: u64,
    /// What becomes of the webhook.
    pub(crate) treatment: Treatment,
    /// The webhook comes to another replica than the one that the customer looks at.
    pub(crate) other_replica: bool,
    /// How many customers buy at once: more where most of the time is spent waiting, so that it does not take hours.
    pub(crate) at_once: usize,
}

pub(crate) const CASES: &[Case] = &[
    Case { name: "redirect held", redirect_hold_s: 10, treatment: Treatment::Pass, other_replica: false, at_once: 1 },
    Case {
        name: "redirect first",
        redirect_hold_s: 0,
        treatment: Treatment::WhenThePageIsOpen,
        other_replica: false,
        at_once: 2,
    },
    Case {
        name: "webhook 5 s late",
        redirect_hold_s: 0,
        treatment: Treatment::After(Duration::from_secs(5)),
        other_replica: false,
        at_once: 10,
    },
    Case {
        name: "webhook never",
        redirect_hold_s: 0,
        treatment: Treatment::Swallow,
        other_replica: false,
        at_once: 10,
    },
    Case {
        name: "other replica",
        redirect_hold_s: 0,
        treatment: Treatment::WhenThePageIsOpen,
        other_replica: true,
        at_once: 2,
    },
];

/// Moments of one purchase, in milliseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    /// Stripe says "paid": the event leaves, or the browser is sent back before that.
    pub(crate) paid: f64,
    /// We have answered the event, which is after the commit.
    pub(crate) committed: Option<f64>,
    /// The browser begins to load the success page.
    pub(crate) landed: f64,
    /// The frame in which the page says that the payment has succeeded.
    pub(crate) shown: f64,
    /// The page has said so from the start.
    pub(crate) was_settled: bool,
}

/// What is watched in the page: the first status, and the frame that shows the last.
const WATCH: &str = "
    if (location.hash === '#poll') delete globalThis.EventSource;
    const told = {};
    globalThis.open_ = new Promise((resolve) => { told.open = resolve; });
    globalThis.shown_ = new Promise((resolve) => { told.shown = resolve; });
    let first;
    const look = () => {
        const status = document.getElementById('status')?.dataset.status;
        if (!status) return;
        if (first === undefined) { first = status; told.open(); }
        if (status === 'succeeded') {
            watch.disconnect();
            requestAnimationFrame(() => told.shown({
                first, landed: performance.timeOrigin, shown: performance.timeOrigin + performance.now() }));
        }
    };
    const watch = new MutationObserver(look);
    watch.observe(document, { subtree: true, childList: true, attributeFilter: ['data-status'] });";

/// Signs the customer in, and has every page of this browser watched.
pub(crate) async fn prepare(page: &Page, customer: &Shopper) {
    page.carry_token(&customer.url, &customer.token).await;
    page.0.set_script_timeout(Duration::from_mins(1)).await.unwrap();
    page.command("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await;
}

/// Buys once, and tells how long everything took.
pub(crate) async fn buy(page: &Page, world: &World, customer: &Shopper, way: Way) -> Taken {
    let checkout = customer.checkout("price_lifetime").await;
    let session = checkout["session_id"].as_str().unwrap().to_owned();
    if world.case.treatment == Treatment::Swallow {
        // Nobody has typed a card number sooner, and so soon Stripe would not be asked.
        tokio::time::sleep(Duration::from_secs(4)).await;
    }
    let landing = customer.pay(&checkout, "4242424242424242").await.expect("the card pays");
    let sent_back = now_ms();
    let hash = if way == Way::Poll { "#poll" } else { "" };
    page.open(&format!("{landing}{hash}")).await;
    page.run("const done = arguments[arguments.length - 1]; open_.then(() => done(null));").await;
    world.proxy.page_is_open(&session);
    let told = page.run("const done = arguments[arguments.length - 1]; shown_.then(done);").await;
    let passage = world.proxy.passage_of(&session).await;
    Taken {
        paid: passage.arrived.min(sent_back),
        committed: passage.answered,
        landed: told["landed"].as_f64().unwrap(),
        shown: told["shown"].as_f64().unwrap(),
        was_settled: told["first"] == "succeeded",
    }
}
