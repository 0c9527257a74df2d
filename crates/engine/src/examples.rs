//! Example values for the unit tests of this crate, and transactions that a test can watch and hold.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use settled_domain::catalogue::Quote;
use settled_domain::checkout::{Assortment, CheckoutParams, PromotionCodes, ReturnUrls};
use settled_domain::event::{EventContent, EventSource, Payload, WebhookEvent};
use settled_domain::ids::{AccountId, CustomerId, EventId, PaymentId, PriceId, SessionId, SubscriptionId, UserId};
use settled_domain::installation::{Installation, StripeMode};
use settled_domain::mock::{MockClock, MockIdSource, MockStore, MockStripeGateway, MockUnitOfWork};
use settled_domain::money::{Currency, Money, Quantity};
use settled_domain::payment::{CheckoutMode, NewPayment, OpenedSession, Payment};
use settled_domain::ports::{
    CustomerRepo, DisputeRepo, InvoiceRepo, PaymentRepo, RefreshQueue, RefundRepo, StoreError, SubscriptionRepo,
    TransitionLog, UnitOfWork, WebhookLedger,
};
use settled_domain::refresh_request::{ClaimedRefresh, RefreshRequest};
use settled_domain::subscription::{SubscriptionSnapshot, SubscriptionStatus};
use settled_domain::waiting::AwaitedPayment;
use settled_domain::{Policy, Ports};
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::sync::Semaphore;
use uuid::Uuid;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-24 10:00:00.5 UTC);

pub(crate) fn home() -> Installation {
    Installation { mode: StripeMode::Test, account_id: AccountId::new("acct_1").unwrap() }
}

/// An event that will be ignored, unless it says something.
pub(crate) fn event(id: &str, content: EventContent) -> WebhookEvent {
    WebhookEvent {
        id: EventId::new(id).unwrap(),
        event_type: "a.type".into(),
        object_id: None,
        api_version: None,
        livemode: Some(false),
        account: None,
        created: NOW,
        received_at: NOW,
        source: EventSource::Webhook,
        content,
        payload: Payload::new(b"{}"),
    }
}

/// Alice's payment whose session is `cs_n`, and open.
pub(crate) fn pending_payment(n: u32) -> Payment {
    let id = PaymentId::from_uuid(Uuid::from_u128(n.into()));
    let quote = Quote {
        price_id: PriceId::new("price_basic").unwrap(),
        unit: Money::new(1900, Currency::new("usd").unwrap()),
        mode: CheckoutMode::Payment,
        recurrence: None,
        trial: None,
        product_name: "Basic".into(),
        product_description: None,
        product_slot: None,
    };
    let policy = Policy {
        return_urls: ReturnUrls { success: "https://shop.example/ok".into(), cancel: "https://shop.example/".into() },
        past_due_grace: time::Duration::ZERO,
        assortment: Assortment::Everything,
        promotion_codes: PromotionCodes::Taken,
    };
    let customer_id = CustomerId::new("cus_1").unwrap();
    let params = CheckoutParams::new(id, customer_id.clone(), &quote, Quantity::ONE, &policy);
    let user_id = UserId::new("alice").unwrap();
    let total = quote.unit;
    let new = NewPayment { id, user_id, customer_id, quote, quantity: Quantity::ONE, total, params };
    let mut payment = Payment::create(new, NOW);
    payment.open(&OpenedSession { session_id: session(n), url: None, expires_at: None }, NOW).unwrap();
    payment
}

pub(crate) fn session(n: u32) -> SessionId {
    SessionId::new(format!("cs_{n}")).unwrap()
}

/// That payment, when it has version 2.
pub(crate) fn changed(n: u32) -> AwaitedPayment {
    AwaitedPayment { version: 2, ..pending_payment(n).waiting().unwrap() }
}

/// What Stripe says of a subscription that is in order.
pub(crate) fn active_snapshot() -> SubscriptionSnapshot {
    SubscriptionSnapshot {
        id: SubscriptionId::new("sub_1").unwrap(),
        customer_id: CustomerId::new("cus_1").unwrap(),
        status: Some(SubscriptionStatus::Active),
        payment_id: None,
        slot: None,
        price_id: PriceId::new("price_basic").unwrap(),
        quantity: 1,
        current_period_end: None,
        cancel_at_period_end: false,
        cancel_at: None,
        trial_end: None,
    }
}

pub(crate) fn away() -> StoreError {
    StoreError::Unavailable("no connection".into())
}

pub(crate) fn conflict() -> StoreError {
    StoreError::Conflict("deadlock".into())
}

pub(crate) fn refused() -> StoreError {
    StoreError::Refused("out of range".into())
}

/// A clock that stands still.
pub(crate) fn clock() -> MockClock {
    let mut clock = MockClock::new();
    clock.expect_now().returning(|| NOW);
    clock
}

pub(crate) fn ports(store: MockStore, gateway: MockStripeGateway) -> Ports {
    Ports {
        store: Arc::new(store),
        gateway: Arc::new(gateway),
        clock: Arc::new(clock()),
        ids: Arc::new(MockIdSource::new()),
    }
}

/// A store that opens these transactions, one after the other, and then idle ones in which nothing is due.
pub(crate) fn store_of(works: Vec<Box<dyn UnitOfWork>>) -> MockStore {
    let works = Mutex::new(VecDeque::from(works));
    let mut store = MockStore::new();
    store.expect_begin().returning(move || Ok(works.lock().unwrap().pop_front().unwrap_or_else(|| Box::new(idle()))));
    store
}

/// A transaction in which nothing is due.
pub(crate) fn idle() -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.refreshes.expect_claim_due_refreshes().returning(|_, _, _| Ok(Vec::new()));
    work
}

/// Lets every task run until all of them wait for something. Time is paused in these tests: it moves on only when nothing
/// else can.
pub(crate) async fn until_idle() {
    tokio::time::sleep(Duration::from_nanos(1)).await;
}

/// A transaction whose commit waits for the test's permission.
pub(crate) struct HeldWork {
    work: MockUnitOfWork,
    commits: Arc<Semaphore>,
}

impl HeldWork {
    /// Each permit in `commits` lets one transaction commit.
    pub(crate) fn new(work: MockUnitOfWork, commits: &Arc<Semaphore>) -> Self {
        Self { work, commits: Arc::clone(commits) }
    }
}

#[async_trait]
impl UnitOfWork for HeldWork {
    fn webhooks(&mut self) -> &mut dyn WebhookLedger {
        self.work.webhooks()
    }

    fn customers(&mut self) -> &mut dyn CustomerRepo {
        self.work.customers()
    }

    fn subscriptions(&mut self) -> &mut dyn SubscriptionRepo {
        self.work.subscriptions()
    }

    fn payments(&mut self) -> &mut dyn PaymentRepo {
        self.work.payments()
    }

    fn invoices(&mut self) -> &mut dyn InvoiceRepo {
        self.work.invoices()
    }

    fn refunds(&mut self) -> &mut dyn RefundRepo {
        self.work.refunds()
    }

    fn disputes(&mut self) -> &mut dyn DisputeRepo {
        self.work.disputes()
    }

    fn refreshes(&mut self) -> &mut dyn RefreshQueue {
        self.work.refreshes()
    }

    fn transitions(&mut self) -> &mut dyn TransitionLog {
        self.work.transitions()
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.commits.acquire().await.unwrap().forget();
        Box::new(self.work).commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        Box::new(self.work).rollback().await
    }
}

/// A wish as the queue hands it out for the first time.
pub(crate) fn claimed(request: RefreshRequest) -> ClaimedRefresh {
    let RefreshRequest { object, reason, due_at: _, answered_from, trusted_from } = request;
    ClaimedRefresh { object, reason, generation: 1, attempts: 0, answered_from, trusted_from }
}
