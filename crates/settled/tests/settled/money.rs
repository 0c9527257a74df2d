//! Renewals, refunds, disputes and deleted customers, as the sandbox tells of them and as a real store takes them in.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde_json::{Value, json};
use settled_domain::checkout::{Assortment, Order, PromotionCodes, ReturnUrls};
use settled_domain::dispute::{Dispute, DisputeStatus};
use settled_domain::ids::{PaymentId, SubscriptionId, UserId};
use settled_domain::invoice::{Invoice, InvoiceStatus};
use settled_domain::money::Quantity;
use settled_domain::payment::PaymentStatus;
use settled_domain::ports::{Clock, Store, StripeGateway};
use settled_domain::purchase::PurchaseId;
use settled_domain::refresh::{Refreshed, refresh};
use settled_domain::refresh_request::ClaimedRefresh;
use settled_domain::refund::{Refund, RefundStatus, refunded_minor};
use settled_domain::settlement::Outcome;
use settled_domain::subscription::{Subscription, SubscriptionStatus};
use settled_domain::webhook::DirectIntake;
use settled_domain::{Policy, Ports, Settled};
use settled_engine::RandomIds;
use settled_sandbox::{ManualClock, Sandbox, SandboxConfig};
use settled_sqlite::SqliteStore;
use settled_stripe::{Backend, StripeApi, StripeConfig};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

use crate::harness::{Shopper, signature};

const DAY: i64 = 86_400;
const PAYS: &str = "4242 4242 4242 4242";
const REFUND_FAILS: &str = "4000 0000 0000 5126";
const DISPUTES: &str = "4000 0000 0000 0259";

/// The sandbox's time is ours, too.
struct OneTime(ManualClock);

impl Clock for OneTime {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0.now()).unwrap()
    }
}

/// Stripe, our store, and between them nothing but what the test delivers.
struct World {
    sandbox: Sandbox,
    clock: ManualClock,
    settled: Settled,
    browser: Shopper,
    alice: UserId,
    delivered: usize,
    _folder: TempDir,
}

impl World {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = ManualClock::starting_at(1_800_000_000);
        let mut config =
            SandboxConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), folder.path().join("sandbox.jsonl"));
        config.clock = Some(clock.clone());
        config.redirect_hold = std::time::Duration::ZERO;
        let sandbox = Sandbox::start(config).await.unwrap();
        let mut config = StripeConfig::new(sandbox.secret_key().into(), vec![sandbox.webhook_secret().into()]);
        config.api_base = sandbox.base_url().parse().unwrap();
        config.backend = Backend::Sandbox;
        let gateway = StripeApi::new(config).unwrap();
        let home = gateway.fetch_installation().await.unwrap();
        let url = format!("sqlite://{}", folder.path().join("settled.db").display());
        let ports = Ports {
            store: Arc::new(SqliteStore::open(&url).await.unwrap()),
            gateway: Arc::new(gateway),
            clock: Arc::new(OneTime(clock.clone())),
            ids: Arc::new(RandomIds),
        };
        let intake = DirectIntake::new(ports.store.clone(), ports.clock.clone(), home);
        let policy = Policy {
            return_urls: ReturnUrls {
                success: "http://127.0.0.1:3000/success?session_id={CHECKOUT_SESSION_ID}".into(),
                cancel: "http://127.0.0.1:3000/cancel".into(),
            },
            past_due_grace: Duration::ZERO,
            assortment: Assortment::Everything,
            promotion_codes: PromotionCodes::NotTaken,
        };
        Self {
            settled: Settled::new(ports, Arc::new(intake), policy),
            browser: Shopper::with_token(&sandbox.base_url(), ""),
            alice: UserId::new("alice").unwrap(),
            delivered: 0,
            sandbox,
            clock,
            _folder: folder,
        }
    }

    fn store(&self) -> &dyn Store {
        self.settled.ports().store.as_ref()
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.browser.client.get(format!("{}{path}", self.sandbox.base_url()));
        request.bearer_auth(self.sandbox.secret_key()).send().await.unwrap().json().await.unwrap()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let request = self.browser.client.post(format!("{}{path}", self.sandbox.base_url())).form(form);
        let answer = request.bearer_auth(self.sandbox.secret_key()).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// Buys and pays with this card; nothing is delivered yet.
    async fn buy(&self, price: &str, card: &str) -> PaymentId {
        let order = Order { price_id: price.parse().unwrap(), quantity: Quantity::ONE };
        let checkout = self.settled.create_checkout_session(&self.alice, &order).await.unwrap();
        self.browser.pay(&json!({ "url": checkout.url }), card).await.unwrap();
        checkout.payment_id
    }

    /// What has happened at Stripe and was not delivered yet, oldest first.
    async fn news(&mut self) -> Vec<Value> {
        let mut events: Vec<Value> = Vec::new();
        loop {
            let after = events.last().map(|event| format!("&starting_after={}", event["id"].as_str().unwrap()));
            let page = self.get(&format!("/v1/events?limit=100{}", after.unwrap_or_default())).await;
            events.extend(page["data"].as_array().unwrap().iter().cloned());
            if page["has_more"] == false {
                break;
            }
        }
        events.reverse();
        let new = events.split_off(self.delivered);
        self.delivered += new.len();
        new
    }

    async fn deliver(&self, event: &Value) -> Outcome {
        let body = event.to_string();
        let signed = signature(body.as_bytes(), self.sandbox.webhook_secret(), self.clock.now());
        self.settled.handle_stripe_webhook(body.as_bytes(), &signed).await.unwrap()
    }

    async fn deliver_all(&mut self) {
        for event in self.news().await {
            self.deliver(&event).await;
        }
    }

    /// Does everything that is in the queue now and in the next hour, and tells what it was.
    async fn ask(&self) -> Vec<String> {
        let mut asked = Vec::new();
        loop {
            let due = OneTime(self.clock.clone()).now() + Duration::HOUR;
            let mut work = self.store().begin().await.unwrap();
            let claimed = work.refreshes().claim_due_refreshes(due, due + Duration::MINUTE, 100).await.unwrap();
            work.commit().await.unwrap();
            if claimed.is_empty() {
                return asked;
            }
            for claimed in claimed {
                // Here nothing lags behind, so the first answer is the last.
                let claimed = ClaimedRefresh { trusted_from: None, ..claimed };
                let done = refresh(self.settled.ports(), &claimed).await.unwrap();
                assert_eq!(done, Refreshed::Done, "{}", claimed.object);
                asked.push(claimed.object.to_string());
            }
        }
    }

    async fn advance(&self, seconds: i64) {
        self.sandbox.advance_to(self.clock.now() + seconds).await;
    }

    async fn subscription(&self) -> SubscriptionId {
        let held = self.store().list_user_subscriptions(&self.alice, None, 1).await.unwrap();
        held[0].id().clone()
    }

    async fn invoices(&self) -> Vec<Invoice> {
        self.store().list_invoices_of_subscription(&self.subscription().await, 10).await.unwrap()
    }

    async fn refunds(&self, payment: PaymentId) -> Vec<Refund> {
        self.store().list_refunds(&PurchaseId::Payment(payment), 10).await.unwrap()
    }

    /// The PaymentIntent of the newest charge.
    async fn paid_intent(&self) -> String {
        let charges = self.get("/v1/charges?limit=1").await;
        charges["data"][0]["payment_intent"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_renewal_is_an_invoice_and_costs_no_call() {
    let mut world = World::start().await;
    world.buy("price_basic_monthly", PAYS).await;
    world.deliver_all().await;
    assert_eq!(world.ask().await, Vec::<String>::new(), "a purchase asks nothing");
    world.advance(31 * DAY + 7_200).await;
    world.deliver_all().await;
    let invoices = world.invoices().await;
    assert_eq!(invoices.len(), 2);
    for invoice in &invoices {
        let row = invoice.record();
        assert_eq!(
            (row.status, row.amount_paid_minor, row.user_id.clone()),
            (InvoiceStatus::Paid, 1900, world.alice.clone())
        );
        assert!(row.paid_at.is_some());
    }
    assert!(invoices[0].record().created_at > invoices[1].record().created_at);
    assert_eq!(world.ask().await, Vec::<String>::new(), "nor does a renewal");
}

#[tokio::test]
async fn refunds_add_up_and_one_that_fails_later_does_not_count() {
    let mut world = World::start().await;
    let payment = world.buy("price_lifetime", REFUND_FAILS).await;
    world.deliver_all().await;
    let intent = world.paid_intent().await;
    world.post("/v1/refunds", &[("payment_intent", &intent), ("amount", "500")]).await;
    world.deliver_all().await;
    assert_eq!(refunded_minor(&world.refunds(payment).await), 500);
    world.advance(5).await;
    world.post("/v1/refunds", &[("payment_intent", &intent), ("amount", "300")]).await;
    world.deliver_all().await;
    assert_eq!(refunded_minor(&world.refunds(payment).await), 800);
    world.advance(7).await;
    world.deliver_all().await;
    let refunds = world.refunds(payment).await;
    assert_eq!((refunds.len(), refunded_minor(&refunds)), (2, 300), "the first one has failed");
    world.advance(DAY).await;
    world.deliver_all().await;
    let refunds = world.refunds(payment).await;
    assert!(refunds.iter().all(|refund| refund.status() == RefundStatus::Failed));
    assert_eq!(refunded_minor(&refunds), 0);
}

#[tokio::test]
async fn a_refund_that_comes_before_everything_else_finds_what_it_is_of_by_asking() {
    let mut world = World::start().await;
    let payment = world.buy("price_lifetime", PAYS).await;
    let intent = world.paid_intent().await;
    world.post("/v1/refunds", &[("payment_intent", &intent), ("amount", "500")]).await;
    let news = world.news().await;
    for event in news.iter().rev().filter(|event| event["type"] != "checkout.session.completed") {
        world.deliver(event).await;
    }
    assert!(world.refunds(payment).await.is_empty());
    assert!(!world.ask().await.is_empty());
    assert_eq!(refunded_minor(&world.refunds(payment).await), 500);
    let row = world.store().find_payment(payment).await.unwrap().unwrap();
    assert_eq!(row.status(), PaymentStatus::Succeeded, "asking has found the lost end of the session, too");
}

#[tokio::test]
async fn a_refund_of_a_renewal_belongs_to_its_invoice() {
    let mut world = World::start().await;
    world.buy("price_basic_monthly", PAYS).await;
    world.advance(31 * DAY + 7_200).await;
    world.deliver_all().await;
    world.ask().await;
    let intent = world.paid_intent().await;
    world.post("/v1/refunds", &[("payment_intent", &intent)]).await;
    world.deliver_all().await;
    world.ask().await;
    let invoice = world.invoices().await.remove(0);
    assert_eq!(invoice.record().payment_intent_id.as_ref().map(ToString::to_string), Some(intent));
    let refunds = world.store().list_refunds(&PurchaseId::Invoice(invoice.id().clone()), 10).await.unwrap();
    assert_eq!(refunded_minor(&refunds), 1900);
}

#[tokio::test]
async fn a_dispute_is_held_however_its_events_come() {
    for backwards in [false, true] {
        let mut world = World::start().await;
        let payment = world.buy("price_lifetime", DISPUTES).await;
        let disputes = world.get("/v1/disputes?limit=1").await;
        let dispute = disputes["data"][0]["id"].as_str().unwrap().to_owned();
        world.advance(60).await;
        world.post(&format!("/v1/disputes/{dispute}/close"), &[]).await;
        let mut news = world.news().await;
        if backwards {
            news.reverse();
        }
        for event in &news {
            world.deliver(event).await;
        }
        world.ask().await;
        let held = world.store().list_disputes(&PurchaseId::Payment(payment), 10).await.unwrap();
        assert_eq!(held.iter().map(Dispute::status).collect::<Vec<_>>(), [DisputeStatus::Lost], "{backwards}");
    }
}

#[tokio::test]
async fn a_deleted_customer_has_no_subscription_left_and_gets_another_customer() {
    for backwards in [false, true] {
        let mut world = World::start().await;
        let payment = world.buy("price_basic_monthly", PAYS).await;
        world.deliver_all().await;
        let first = world.store().find_payment(payment).await.unwrap().unwrap().record().customer_id.clone();
        world.advance(60).await;
        let request = world.browser.client.delete(format!("{}/v1/customers/{first}", world.sandbox.base_url()));
        assert!(request.bearer_auth(world.sandbox.secret_key()).send().await.unwrap().status().is_success());
        let mut news = world.news().await;
        if backwards {
            news.reverse();
        }
        for event in &news {
            world.deliver(event).await;
        }
        world.ask().await;
        let held = world.store().list_user_subscriptions(&world.alice, None, 10).await.unwrap();
        assert_eq!(held.iter().map(Subscription::status).collect::<Vec<_>>(), [SubscriptionStatus::Canceled]);
        let again = world.buy("price_basic_monthly", PAYS).await;
        let second = world.store().find_payment(again).await.unwrap().unwrap().record().customer_id.clone();
        assert_ne!(first, second);
    }
}
