//! What Stripe has not told is found out by the program itself.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{SandboxProcess, Service, Shopper, Started, free_addr, until};

/// A service that looks every second for what is late, and a sandbox that delivers to it unless told otherwise.
struct Scene {
    sandbox: SandboxProcess,
    service: Started,
    alice: Shopper,
    dir: TempDir,
    sandbox_addr: String,
}

impl Scene {
    /// What is a second late is looked for.
    fn start() -> Self {
        Self::start_with("1")
    }

    fn start_with(grace_s: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let (addr, sandbox_addr) = (free_addr(), free_addr());
        let sandbox = SandboxProcess::start_at(&dir, &sandbox_addr, &format!("http://{addr}/api/webhook/stripe"));
        let quick = [("LISTEN_ADDR", addr.as_str()), ("SWEEP_EVERY_S", "1"), ("SWEEP_GRACE_S", grace_s)];
        let service = Service::start_in(&dir, &[&sandbox.vars()[..], &quick].concat());
        let alice = Shopper::with_token(&service.url, &crate::users::token_for("alice"));
        Self { sandbox, service, alice, dir, sandbox_addr }
    }

    /// Alice buys, and all events are held back.
    async fn buy_unheard(&self) -> Value {
        let checkout = self.alice.checkout("price_basic_monthly").await;
        self.sandbox.post("/sandbox/deliveries/hold").await;
        self.alice.pay(&checkout, "4242424242424242").await.expect("the redirect is let go after a while");
        checkout
    }

    /// Drops every event of this type, and lets the others go.
    async fn lose(&self, event_type: &str) {
        let events: Value = self.sandbox.get(&format!("/v1/events?type={event_type}")).await;
        let lost = events["data"].as_array().unwrap();
        assert!(!lost.is_empty(), "there is a {event_type}");
        for event in lost {
            self.sandbox.press(&format!("/dashboard/events/{}/drop", event["id"].as_str().unwrap())).await;
        }
        self.sandbox.post("/sandbox/deliveries/release").await;
    }

    /// Watches the log until an event of this type was found. Nobody asks the service for anything meanwhile.
    fn watch_for(&mut self, event_type: &str) {
        loop {
            let found = self.service.process.log_line("events never arrived");
            if found["types"].as_str().unwrap().contains(event_type) {
                return;
            }
        }
    }
}

#[tokio::test]
async fn a_dropped_checkout_session_completed_is_found_without_anybody_touching_anything() {
    let mut scene = Scene::start();
    let checkout = scene.buy_unheard().await;
    scene.lose("checkout.session.completed").await;
    // Nobody opens the success page.
    scene.watch_for("checkout.session.completed");
    let settled = scene.alice.status_of(&checkout).await;
    assert_eq!((&settled["status"], &settled["settled_by"]), (&json!("succeeded"), &json!("sweep")));
}

#[tokio::test]
async fn a_dropped_customer_subscription_deleted_is_found() {
    let mut scene = Scene::start();
    let checkout = scene.alice.checkout("price_basic_monthly").await;
    scene.alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
    let subscription = until("an active subscription", async || {
        let said = scene.alice.subscription().await;
        (said["status"] == "active").then(|| said["subscription"]["subscription_id"].as_str().unwrap().to_owned())
    })
    .await;
    scene.sandbox.post("/sandbox/deliveries/hold").await;
    scene.sandbox.delete(&format!("/v1/subscriptions/{subscription}")).await;
    scene.lose("customer.subscription.deleted").await;
    scene.watch_for("customer.subscription.deleted");
    let said = scene.alice.subscription().await;
    assert_eq!((&said["status"], &said["access"]), (&json!("canceled"), &json!(false)));
}

#[tokio::test]
async fn an_event_that_is_delivered_after_the_sweep_has_found_it_changes_nothing_and_is_noted() {
    let mut scene = Scene::start();
    let checkout = scene.buy_unheard().await;
    scene.service.process.log_lines(&["events never arrived", "the endpoint looks disabled or its secret is wrong"]);
    let found = until("the sweep", async || {
        let said = scene.alice.status_of(&checkout).await;
        (said["status"] == "succeeded").then_some(said)
    })
    .await;
    scene.sandbox.post("/sandbox/deliveries/release").await;
    scene.service.process.log_lines(&["an event was delivered after the sweep had found it"]);
    let after = scene.alice.status_of(&checkout).await;
    assert_eq!((&after["status"], &after["settled_by"]), (&found["status"], &found["settled_by"]));
    assert_eq!(after["settled_at"], found["settled_at"]);
}

#[tokio::test]
async fn while_stripe_is_down_rows_keep_their_state_and_the_queue_its_entries_and_then_they_converge() {
    // An hour's grace: what is found is found by the queue.
    let scene = Scene::start_with("3600");
    let checkout = scene.buy_unheard().await;
    scene.lose("checkout.session.completed").await;
    let Scene { sandbox, mut service, alice, dir, sandbox_addr } = scene;
    let vars = sandbox.vars().map(|(_, value)| value.to_owned());
    sandbox.kill();
    // The customer comes back: Stripe is to be asked, and does not answer.
    until("a question in vain", async || {
        assert_eq!(alice.status_of(&checkout).await["status"], "pending");
        service.process.log_line_now("could not refresh; trying again later")
    })
    .await;
    assert_eq!(alice.status_of(&checkout).await["status"], "pending");
    let forward_to = format!("{}/api/webhook/stripe", service.url);
    let again = SandboxProcess::start_at(&dir, &sandbox_addr, &forward_to);
    assert_eq!(again.vars().map(|(_, value)| value.to_owned()), vars, "it is the same stripe");
    alice.await_status(&checkout, "succeeded").await;
}
