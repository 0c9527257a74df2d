//! axe-core judges every page in every state, as it looks by day and by night and on a phone.

use serde_json::{Value, json};

use super::{Page, browse};
use crate::harness::Service;

/// What axe finds on the page as it is now, in a few words each.
async fn complaints(page: &Page) -> Vec<String> {
    let axe = std::env::var_os("SETTLED_AXE").expect("SETTLED_AXE names axe.min.js: run `cargo xtask test`");
    page.0.execute(std::fs::read_to_string(axe).unwrap(), Vec::new()).await.unwrap();
    let found = page
        .run(
            "const done = arguments[arguments.length - 1];
             axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => done(violations.flatMap(
                 ({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 120)}`))),
                 (error) => done([String(error)]));",
        )
        .await;
    found.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

async fn assert_nothing_to_complain(page: &Page, name: &str) {
    for scheme in ["light", "dark"] {
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            // A colour that is just changing has the contrast of neither.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        page.command("Emulation.setEmulatedMedia", media).await;
        for (width, place) in [(1100, "desk"), (375, "phone")] {
            let screen = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500 });
            page.command("Emulation.setDeviceMetricsOverride", screen).await;
            page.screenshot(&format!("{name}-{scheme}-{place}")).await;
            let complaints = complaints(page).await;
            assert_eq!(complaints, Vec::<String>::new(), "{name}, {scheme}, {place}");
            let overflows = page
                .run(
                    "arguments[arguments.length - 1](
                         document.documentElement.scrollWidth > document.documentElement.clientWidth)",
                )
                .await;
            assert_eq!(overflows, Value::Bool(false), "{name} is wider than the {place}");
        }
    }
}

#[tokio::test]
async fn nothing_is_in_the_way_of_anybody_on_the_storefront_and_the_way_back() {
    let service = Service::start();
    browse(async |page| {
        page.open(&service.process.url).await;
        assert_nothing_to_complain(&page, "storefront-signed-out").await;
        page.sign_in("alice").await;
        assert_nothing_to_complain(&page, "storefront").await;
        page.open(&format!("{}/cancel", service.process.url)).await;
        assert_nothing_to_complain(&page, "cancel").await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_in_the_way_of_anybody_in_any_state_of_the_success_page() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    let checkout = alice.checkout("price_lifetime").await;
    let landing = alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
    browse(async |page| {
        page.open(&service.process.url).await;
        page.sign_in("alice").await;
        page.open(&landing).await;
        page.await_status("succeeded").await;
        assert_nothing_to_complain(&page, "success-succeeded").await;
        page.open(&format!("{}/success?session_id=cs_test_unknown", service.process.url)).await;
        page.await_status("not_found").await;
        for state in ["pending", "asking", "asked", "unreachable", "processing", "failed", "expired", "timeout"] {
            let show = format!(
                "const done = arguments[arguments.length - 1];
                 import('/assets/success-view.js').then((view) => done(view.showState('{state}') ?? null));"
            );
            page.run(&show).await;
            page.await_status(state).await;
            assert_nothing_to_complain(&page, &format!("success-{state}")).await;
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_is_in_the_way_of_anybody_on_the_description_of_the_api() {
    let service = Service::start();
    browse(async |page| {
        page.open(&format!("{}/docs", service.process.url)).await;
        assert_nothing_to_complain(&page, "docs").await;
        let unfold = "document.querySelectorAll('details').forEach((it) => { it.open = true; });
                      arguments[arguments.length - 1](null);";
        page.run(unfold).await;
        assert_nothing_to_complain(&page, "docs-unfolded").await;
    })
    .await;
}
