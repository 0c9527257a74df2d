//! Example values for the unit tests of this crate.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::catalogue::{Quote, Recurrence, Slot};
use crate::checkout::{Assortment, CheckoutParams, Order, PromotionCodes, ReturnUrls};
use crate::customer::Customer;
use crate::dispute::{DisputeSnapshot, DisputeStatus};
use crate::event::{EventContent, EventSource, Payload, WebhookEvent};
use crate::ids::{AccountId, CustomerId, CustomerKey, EventId, PaymentId, PriceId, SessionId, SubscriptionId, UserId};
use crate::installation::{Installation, StripeMode};
use crate::invoice::{InvoiceSnapshot, InvoiceStatus};
use crate::mock::{MockClock, MockIdSource, MockIntake, MockStore, MockStripeGateway, MockUnitOfWork};
use crate::money::{Currency, Money, Quantity};
use crate::payment::{CheckoutMode, NewPayment, OpenedSession, Payment, PaymentRecord, PaymentStatus};
use crate::ports::{Store, StoreError, UnitOfWork};
use crate::purchase::{Purchase, PurchaseId};
use crate::refund::{RefundSnapshot, RefundStatus};
use crate::session::{CheckoutSession, SessionEvent, SessionPaymentStatus, SessionStatus};
use crate::settled::{Policy, Ports, Settled};
use crate::subscription::{News, Subscription, SubscriptionSnapshot, SubscriptionStatus};
use crate::transition::Cause;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-24 10:00:00.5 UTC);
/// The second in which Stripe made the first event.
pub(crate) const SECOND: OffsetDateTime = datetime!(2026-11-24 10:00:00 UTC);

pub(crate) fn user() -> UserId {
    UserId::new("alice").unwrap()
}

pub(crate) fn customer_id() -> CustomerId {
    CustomerId::new("cus_1").unwrap()
}

pub(crate) fn customer() -> Customer {
    Customer {
        key: CustomerKey::from_uuid(Uuid::from_u128(7)),
        user_id: user(),
        customer_id: Some(customer_id()),
        deleted_at: None,
    }
}

pub(crate) fn session_id() -> SessionId {
    SessionId::new("cs_test_1").unwrap()
}

pub(crate) fn subscription_id() -> SubscriptionId {
    SubscriptionId::new("sub_1").unwrap()
}

pub(crate) fn payment_id() -> PaymentId {
    PaymentId::from_uuid(Uuid::from_u128(1))
}

pub(crate) fn home() -> Installation {
    Installation { mode: StripeMode::Test, account_id: AccountId::new("acct_1").unwrap() }
}

pub(crate) fn usd(minor_units: i64) -> Money {
    Money::new(minor_units, Currency::new("usd").unwrap())
}

pub(crate) fn quote() -> Quote {
    Quote {
        price_id: PriceId::new("price_basic").unwrap(),
        unit: usd(1900),
        mode: CheckoutMode::Subscription,
        recurrence: Some(Recurrence { interval: "month".into(), interval_count: 1 }),
        trial: None,
        product_name: "Basic".into(),
        product_description: None,
        product_slot: None,
    }
}

pub(crate) fn one_time_quote() -> Quote {
    Quote {
        price_id: PriceId::new("price_lifetime").unwrap(),
        unit: usd(19_900),
        mode: CheckoutMode::Payment,
        recurrence: None,
        ..quote()
    }
}

pub(crate) fn order() -> Order {
    Order { price_id: quote().price_id, quantity: Quantity::ONE }
}

pub(crate) fn return_urls() -> ReturnUrls {
    ReturnUrls {
        success: "https://shop.example/success?session_id={CHECKOUT_SESSION_ID}".into(),
        cancel: "https://shop.example/cancel".into(),
    }
}

pub(crate) fn policy() -> Policy {
    Policy {
        return_urls: return_urls(),
        past_due_grace: Duration::ZERO,
        assortment: Assortment::Everything,
        promotion_codes: PromotionCodes::NotTaken,
    }
}

pub(crate) fn creating() -> Payment {
    creating_for(&quote(), Quantity::ONE)
}

pub(crate) fn creating_for(quote: &Quote, quantity: Quantity) -> Payment {
    let params = CheckoutParams::new(payment_id(), customer_id(), quote, quantity, &policy());
    let total = quote.unit.checked_times(quantity).unwrap();
    let new = NewPayment {
        id: payment_id(),
        user_id: user(),
        customer_id: customer_id(),
        quote: quote.clone(),
        quantity,
        total,
        params,
    };
    Payment::create(new, NOW)
}

pub(crate) fn opened() -> OpenedSession {
    OpenedSession {
        session_id: session_id(),
        url: Some("https://checkout.stripe.example/c/pay/cs_test_1".into()),
        expires_at: Some(SECOND + Duration::DAY),
    }
}

pub(crate) fn pending() -> Payment {
    let mut payment = creating();
    payment.open(&opened(), NOW).unwrap();
    payment
}

/// A one-time payment in `pending`, whose session `cs_test_2` is to be paid with `pi_1`.
pub(crate) fn one_time() -> Payment {
    let row = creating_for(&one_time_quote(), Quantity::ONE).record().clone();
    Payment::restore(PaymentRecord {
        id: PaymentId::from_uuid(Uuid::from_u128(2)),
        session_id: SessionId::new("cs_test_2").ok(),
        payment_intent_id: "pi_1".parse().ok(),
        slot: Slot::named(Some("lifetime")),
        status: PaymentStatus::Pending,
        ..row
    })
    .unwrap()
}

/// The session while the customer has not paid.
pub(crate) fn open_session() -> CheckoutSession {
    CheckoutSession {
        id: session_id(),
        payment_id: Some(payment_id()),
        status: Some(SessionStatus::Open),
        payment_status: Some(SessionPaymentStatus::Unpaid),
        has_failed: false,
        currency: Some(Currency::new("usd").unwrap()),
        amount_subtotal: Some(1900),
        amount_total: Some(1900),
        customer_id: Some(customer_id()),
        payment_intent_id: None,
        subscription_id: None,
        invoice_id: None,
        url: opened().url,
        expires_at: opened().expires_at,
    }
}

/// The session after the customer has paid.
pub(crate) fn paid_session() -> CheckoutSession {
    CheckoutSession {
        status: Some(SessionStatus::Complete),
        payment_status: Some(SessionPaymentStatus::Paid),
        has_failed: false,
        subscription_id: Some(subscription_id()),
        url: None,
        ..open_session()
    }
}

pub(crate) fn snapshot(status: SubscriptionStatus) -> SubscriptionSnapshot {
    SubscriptionSnapshot {
        id: subscription_id(),
        customer_id: customer_id(),
        status: Some(status),
        payment_id: Some(payment_id()),
        slot: Some("default".into()),
        price_id: quote().price_id,
        quantity: 1,
        current_period_end: Some(SECOND + Duration::days(30)),
        cancel_at_period_end: false,
        cancel_at: None,
        trial_end: None,
    }
}

pub(crate) fn invoice_snapshot(status: InvoiceStatus) -> InvoiceSnapshot {
    InvoiceSnapshot {
        id: "in_1".parse().unwrap(),
        customer_id: Some(customer_id()),
        subscription_id: Some(subscription_id()),
        status: Some(status),
        amount_due_minor: 1900,
        amount_paid_minor: if status == InvoiceStatus::Paid { 1900 } else { 0 },
        currency: Currency::new("usd").unwrap(),
        payment_intent_id: "pi_2".parse().ok(),
        paid_at: (status == InvoiceStatus::Paid).then_some(SECOND),
        created_at: SECOND,
        attempted: status > InvoiceStatus::Open,
    }
}

/// A payment of 19 dollars.
pub(crate) fn purchase() -> Purchase {
    let currency = Currency::new("usd").unwrap();
    Purchase { id: PurchaseId::Payment(payment_id()), currency, total_minor: Some(1900) }
}

/// A refund of 5 of the dollars.
pub(crate) fn refund_snapshot(status: RefundStatus) -> RefundSnapshot {
    RefundSnapshot {
        id: "re_1".parse().unwrap(),
        charge_id: "ch_1".parse().ok(),
        payment_intent_id: "pi_1".parse().ok(),
        amount_minor: 500,
        currency: Currency::new("usd").unwrap(),
        status: Some(status),
    }
}

pub(crate) fn dispute_snapshot(status: DisputeStatus) -> DisputeSnapshot {
    DisputeSnapshot {
        id: "du_1".parse().unwrap(),
        charge_id: "ch_1".parse().ok(),
        payment_intent_id: "pi_1".parse().ok(),
        amount_minor: 1900,
        currency: Currency::new("usd").unwrap(),
        status: Some(status),
    }
}

pub(crate) fn subscription(status: SubscriptionStatus) -> Subscription {
    Subscription::first(&snapshot(status), user(), News::Updated, SECOND, Cause::Webhook, NOW).0
}

pub(crate) fn stub() -> Subscription {
    Subscription::stub(subscription_id(), &pending(), Cause::Webhook, NOW).0
}

pub(crate) fn event(id: &str, content: EventContent) -> WebhookEvent {
    WebhookEvent {
        id: EventId::new(id).unwrap(),
        event_type: "a.type".into(),
        object_id: None,
        api_version: None,
        livemode: Some(false),
        account: None,
        created: SECOND,
        received_at: NOW,
        source: EventSource::Webhook,
        content,
        payload: Payload::new(b"{}"),
    }
}

pub(crate) fn session_event(id: &str, kind: SessionEvent, session: CheckoutSession) -> WebhookEvent {
    event(id, EventContent::CheckoutSession(kind, session))
}

pub(crate) fn paid_event(id: &str) -> WebhookEvent {
    session_event(id, SessionEvent::Completed, paid_session())
}

pub(crate) fn subscription_event(id: &str, news: News, status: SubscriptionStatus) -> WebhookEvent {
    event(id, EventContent::Subscription(news, snapshot(status)))
}

pub(crate) fn store_error() -> StoreError {
    StoreError::Unavailable("no connection".into())
}

/// A store that opens these transactions, one after the other, and then fails the test.
pub(crate) fn store_of(works: Vec<MockUnitOfWork>) -> MockStore {
    let works = Mutex::new(VecDeque::from(works));
    let mut store = MockStore::new();
    store.expect_begin().returning(move || {
        let work = works.lock().unwrap().pop_front().expect("a transaction more than expected");
        Ok(Box::new(work) as Box<dyn UnitOfWork>)
    });
    store
}

pub(crate) fn clock() -> MockClock {
    let mut clock = MockClock::new();
    clock.expect_now().returning(|| NOW);
    clock
}

pub(crate) fn ports(store: impl Store + 'static, gateway: MockStripeGateway) -> Ports {
    let mut ids = MockIdSource::new();
    ids.expect_new_uuid().returning(|| payment_id().as_uuid());
    Ports { store: Arc::new(store), gateway: Arc::new(gateway), clock: Arc::new(clock()), ids: Arc::new(ids) }
}

pub(crate) fn settled(store: impl Store + 'static, gateway: MockStripeGateway, intake: MockIntake) -> Settled {
    Settled::new(ports(store, gateway), Arc::new(intake), policy())
}
