//! Made-up rows. Each is made from a small number, which gives it its ids.

use std::collections::BTreeMap;

use settled_domain::catalogue::Slot;
use settled_domain::checkout::CheckoutParams;
use settled_domain::dispute::{Dispute, DisputeRecord, DisputeStatus};
use settled_domain::event::{EventContent, EventSource, Payload, WebhookEvent};
use settled_domain::ids::{
    AccountId, ChargeId, CustomerId, CustomerKey, DisputeId, EventId, InvoiceId, PaymentId, PaymentIntentId, PriceId,
    RefundId, SessionId, SubscriptionId, UserId,
};
use settled_domain::installation::{Installation, StripeMode};
use settled_domain::invoice::{Invoice, InvoiceRecord, InvoiceStatus};
use settled_domain::money::{Currency, Money, Quantity};
use settled_domain::payment::{CheckoutMode, OpenedSession, Payment, PaymentRecord, PaymentStatus};
use settled_domain::ports::ClaimedWebhook;
use settled_domain::purchase::PurchaseId;
use settled_domain::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use settled_domain::refund::{Refund, RefundRecord, RefundStatus};
use settled_domain::session::{CheckoutSession, SessionEvent, SessionPaymentStatus, SessionStatus};
use settled_domain::subscription::{News, Subscription, SubscriptionRecord, SubscriptionSnapshot, SubscriptionStatus};
use settled_domain::transition::{Cause, Transition};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// The present time of every case, down to the microsecond.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-24 10:00:00.123_456 UTC);
/// The second in which Stripe made the events.
pub(crate) const SECOND: OffsetDateTime = datetime!(2026-11-24 10:00:00 UTC);

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).expect("a user id")
}

pub(crate) fn slot(name: &str) -> Slot {
    Slot::named(Some(name))
}

pub(crate) fn payment_id(n: u128) -> PaymentId {
    PaymentId::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn session_id(n: u128) -> SessionId {
    SessionId::new(format!("cs_test_{n}")).expect("a session id")
}

pub(crate) fn subscription_id(n: u128) -> SubscriptionId {
    SubscriptionId::new(format!("sub_{n}")).expect("a subscription id")
}

pub(crate) fn customer_id(n: u128) -> CustomerId {
    CustomerId::new(format!("cus_{n}")).expect("a customer id")
}

pub(crate) fn customer_key(n: u128) -> CustomerKey {
    CustomerKey::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn price_id(name: &str) -> PriceId {
    PriceId::new(format!("price_{name}")).expect("a price id")
}

pub(crate) fn event_id(n: u128) -> EventId {
    EventId::new(format!("evt_{n:05}")).expect("an event id")
}

pub(crate) fn invoice_id(n: u128) -> InvoiceId {
    InvoiceId::new(format!("in_{n}")).expect("an invoice id")
}

pub(crate) fn intent_id(n: u128) -> PaymentIntentId {
    PaymentIntentId::new(format!("pi_{n}")).expect("a PaymentIntent id")
}

pub(crate) fn charge_id(n: u128) -> ChargeId {
    ChargeId::new(format!("ch_{n}")).expect("a charge id")
}

pub(crate) fn refund_id(n: u128) -> RefundId {
    RefundId::new(format!("re_{n}")).expect("a refund id")
}

pub(crate) fn dispute_id(n: u128) -> DisputeId {
    DisputeId::new(format!("du_{n}")).expect("a dispute id")
}

pub(crate) fn usd() -> Currency {
    Currency::new("usd").expect("a currency")
}

pub(crate) fn home() -> Installation {
    Installation { mode: StripeMode::Test, account_id: AccountId::new("acct_1").expect("an account id") }
}

/// Alice's payment in `creating`, in the slot `slot_{n}`.
pub(crate) fn payment_record(n: u128) -> PaymentRecord {
    PaymentRecord {
        id: payment_id(n),
        user_id: user("alice"),
        slot: slot(&format!("slot_{n}")),
        price_id: price_id("basic"),
        quantity: Quantity::ONE,
        mode: CheckoutMode::Subscription,
        params: CheckoutParams {
            mode: "subscription".into(),
            price_id: price_id("basic"),
            quantity: 1,
            customer_id: customer_id(1),
            client_reference_id: payment_id(n).to_string(),
            success_url: "https://shop.example/success?session_id={CHECKOUT_SESSION_ID}".into(),
            cancel_url: "https://shop.example/cancel".into(),
            metadata: BTreeMap::from([("payment_id".into(), payment_id(n).to_string())]),
            trial_period_days: None,
            allow_promotion_codes: false,
        },
        idempotency_key: payment_id(n).to_string(),
        session_id: None,
        checkout_url: None,
        expires_at: None,
        status: PaymentStatus::Creating,
        quoted: Money::new(1900, usd()),
        total_minor: None,
        customer_id: customer_id(1),
        payment_intent_id: None,
        subscription_id: None,
        invoice_id: None,
        settled_at: None,
        settled_by: None,
        as_of: SECOND,
        created_at: NOW,
        version: 1,
    }
}

pub(crate) fn restored(record: PaymentRecord) -> Payment {
    Payment::restore(record).expect("a payment that fits together")
}

pub(crate) fn creating(n: u128) -> Payment {
    restored(payment_record(n))
}

pub(crate) fn creating_for(n: u128, user_name: &str, slot_name: &str) -> Payment {
    restored(PaymentRecord { user_id: user(user_name), slot: slot(slot_name), ..payment_record(n) })
}

/// The payment one version later, in this status.
pub(crate) fn moved_to(payment: &Payment, status: PaymentStatus) -> Payment {
    let mut record = payment.record().clone();
    let n = record.id.as_uuid().as_u128();
    record.status = status;
    record.version += 1;
    record.settled_at = status.is_final().then_some(NOW);
    if status != PaymentStatus::Creating {
        record.session_id.get_or_insert_with(|| session_id(n));
    }
    restored(record)
}

pub(crate) fn opened(n: u128) -> OpenedSession {
    OpenedSession {
        session_id: session_id(n),
        url: Some(format!("https://checkout.example/c/pay/cs_test_{n}#\"fragment'")),
        expires_at: Some(SECOND + Duration::DAY),
    }
}

/// Alice's subscription, active, in the slot `default`.
pub(crate) fn subscription_record(n: u128) -> SubscriptionRecord {
    SubscriptionRecord {
        id: subscription_id(n),
        user_id: user("alice"),
        customer_id: customer_id(1),
        slot: slot("default"),
        price_id: price_id("basic"),
        quantity: 1,
        status: SubscriptionStatus::Active,
        status_since: SECOND,
        current_period_end: Some(SECOND + Duration::days(30)),
        cancel_at_period_end: false,
        cancel_at: None,
        trial_end: None,
        as_of: SECOND,
        from_created: false,
        checked_at: NOW,
        version: 1,
    }
}

pub(crate) fn held(record: SubscriptionRecord) -> Subscription {
    Subscription::restore(record).expect("a subscription that fits together")
}

pub(crate) fn subscription(n: u128) -> Subscription {
    held(subscription_record(n))
}

/// The invoice of a period of Alice's subscription `n`, paid.
pub(crate) fn invoice_record(n: u128) -> InvoiceRecord {
    InvoiceRecord {
        id: invoice_id(n),
        customer_id: customer_id(1),
        user_id: user("alice"),
        subscription_id: Some(subscription_id(n)),
        status: InvoiceStatus::Paid,
        amount_due_minor: 1900,
        amount_paid_minor: 1900,
        currency: usd(),
        payment_intent_id: Some(intent_id(n)),
        paid_at: Some(SECOND),
        created_at: SECOND - Duration::HOUR,
        as_of: SECOND,
        version: 1,
    }
}

pub(crate) fn invoice(record: InvoiceRecord) -> Invoice {
    Invoice::restore(record).expect("an invoice that fits together")
}

/// A refund of a part of Alice's payment `n`.
pub(crate) fn refund_record(n: u128) -> RefundRecord {
    RefundRecord {
        id: refund_id(n),
        purchase: PurchaseId::Payment(payment_id(n)),
        payment_intent_id: Some(intent_id(n)),
        charge_id: Some(charge_id(n)),
        amount_minor: 500,
        currency: usd(),
        status: RefundStatus::Succeeded,
        as_of: SECOND,
        version: 1,
    }
}

pub(crate) fn refund(record: RefundRecord) -> Refund {
    Refund::restore(record).expect("a refund that fits together")
}

/// A dispute of Alice's payment `n`.
pub(crate) fn dispute_record(n: u128) -> DisputeRecord {
    DisputeRecord {
        id: dispute_id(n),
        purchase: PurchaseId::Payment(payment_id(n)),
        payment_intent_id: Some(intent_id(n)),
        charge_id: Some(charge_id(n)),
        amount_minor: 1900,
        currency: usd(),
        status: DisputeStatus::NeedsResponse,
        as_of: SECOND,
        version: 1,
    }
}

pub(crate) fn dispute(record: DisputeRecord) -> Dispute {
    Dispute::restore(record).expect("a dispute that fits together")
}

pub(crate) fn webhook(n: u128) -> ClaimedWebhook {
    ClaimedWebhook {
        id: event_id(n),
        event_type: "checkout.session.completed".into(),
        object_id: Some(session_id(n).to_string()),
        api_version: Some("2026-09-30.endive".into()),
        livemode: false,
        created: SECOND,
        received_at: NOW,
        source: EventSource::Webhook,
    }
}

pub(crate) fn refresh_object(n: u128) -> RefreshObject {
    RefreshObject::Subscription(subscription_id(n))
}

pub(crate) fn doubt(n: u128, due_at: OffsetDateTime) -> RefreshRequest {
    RefreshRequest::new(refresh_object(n), RefreshReason::Doubt, due_at)
}

pub(crate) fn transition(object_id: &str, version: i64) -> Transition {
    Transition {
        object_id: object_id.into(),
        version,
        from: Some("pending"),
        to: "succeeded",
        cause: Cause::Webhook,
        event_id: Some(event_id(1)),
        at: NOW,
    }
}

/// The event that payment `n` was paid, in a session that made subscription `n`.
pub(crate) fn paid_event(n: u128) -> WebhookEvent {
    event(n, EventContent::CheckoutSession(SessionEvent::Completed, paid_session(n)))
}

/// The session of payment `n`, paid, which made subscription `n`.
pub(crate) fn paid_session(n: u128) -> CheckoutSession {
    CheckoutSession {
        id: session_id(n),
        payment_id: Some(payment_id(n)),
        status: Some(SessionStatus::Complete),
        payment_status: Some(SessionPaymentStatus::Paid),
        has_failed: false,
        currency: Some(usd()),
        amount_subtotal: Some(1900),
        amount_total: Some(2261),
        customer_id: Some(customer_id(1)),
        payment_intent_id: None,
        subscription_id: Some(subscription_id(n)),
        invoice_id: None,
        url: None,
        expires_at: Some(SECOND + Duration::DAY),
    }
}

/// The event that subscription `n` was created, active.
pub(crate) fn created_event(n: u128) -> WebhookEvent {
    event(10_000 + n, EventContent::Subscription(News::Created, snapshot(n, SubscriptionStatus::Active)))
}

/// Alice's subscription `n` as Stripe describes it.
pub(crate) fn snapshot(n: u128, status: SubscriptionStatus) -> SubscriptionSnapshot {
    SubscriptionSnapshot {
        id: subscription_id(n),
        customer_id: customer_id(1),
        status: Some(status),
        payment_id: Some(payment_id(n)),
        slot: Some(format!("slot_{n}")),
        price_id: price_id("basic"),
        quantity: 1,
        current_period_end: Some(SECOND + Duration::days(30)),
        cancel_at_period_end: false,
        cancel_at: None,
        trial_end: None,
    }
}

pub(crate) fn event(n: u128, content: EventContent) -> WebhookEvent {
    WebhookEvent {
        id: event_id(n),
        event_type: "made.up".into(),
        object_id: Some(format!("object_{n}")),
        api_version: Some("2026-09-30.endive".into()),
        livemode: Some(false),
        account: None,
        created: SECOND,
        received_at: NOW,
        source: EventSource::Webhook,
        content,
        payload: Payload::new(b"{}"),
    }
}
