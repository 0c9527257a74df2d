//! Rows as a store would hand them out.

use std::collections::BTreeMap;

use settled_domain::catalogue::{Quote, Recurrence, Slot};
use settled_domain::checkout::CheckoutParams;
use settled_domain::ids::{CustomerId, PaymentId, PriceId, SessionId, SubscriptionId, UserId};
use settled_domain::money::{Currency, Money, Quantity};
use settled_domain::payment::{CheckoutMode, Payment, PaymentRecord, PaymentStatus};
use settled_domain::ports::StoreError;
use settled_domain::subscription::{Subscription, SubscriptionRecord, SubscriptionStatus};
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

pub(crate) const CLICKED: OffsetDateTime = datetime!(2026-11-24 10:00:00.25 UTC);
pub(crate) const SETTLED: OffsetDateTime = datetime!(2026-11-24 10:01:02.5 UTC);
pub(crate) const AS_OF: OffsetDateTime = datetime!(2026-11-24 10:01:00 UTC);

pub(crate) fn usd(minor_units: i64) -> Money {
    Money::new(minor_units, Currency::new("usd").unwrap())
}

pub(crate) fn quote() -> Quote {
    Quote {
        price_id: PriceId::new("price_basic_monthly").unwrap(),
        unit: usd(1900),
        mode: CheckoutMode::Subscription,
        recurrence: Some(Recurrence { interval: "month".into(), interval_count: 1 }),
        trial: None,
        product_name: "Basic".into(),
        product_description: Some("All you need to begin.".into()),
        product_slot: None,
    }
}

/// Alice's pending payment for one month of Basic.
pub(crate) fn payment_row() -> PaymentRecord {
    let id = PaymentId::from_uuid(Uuid::from_u128(7));
    let customer_id = CustomerId::new("cus_alice").unwrap();
    PaymentRecord {
        id,
        user_id: UserId::new("alice").unwrap(),
        slot: Slot::named(None),
        price_id: quote().price_id,
        quantity: Quantity::ONE,
        mode: CheckoutMode::Subscription,
        params: CheckoutParams {
            mode: "subscription".into(),
            price_id: quote().price_id,
            quantity: 1,
            customer_id: customer_id.clone(),
            client_reference_id: id.to_string(),
            success_url: "http://shop.test/success".into(),
            cancel_url: "http://shop.test/".into(),
            metadata: BTreeMap::new(),
            trial_period_days: None,
            allow_promotion_codes: false,
        },
        idempotency_key: id.to_string(),
        session_id: Some(SessionId::new("cs_test_1").unwrap()),
        checkout_url: Some("https://checkout.stripe.test/pay/cs_test_1".into()),
        expires_at: Some(datetime!(2026-11-25 10:00 UTC)),
        status: PaymentStatus::Pending,
        quoted: usd(1900),
        total_minor: None,
        customer_id,
        payment_intent_id: None,
        subscription_id: None,
        invoice_id: None,
        settled_at: None,
        settled_by: None,
        as_of: AS_OF,
        created_at: CLICKED,
        version: 2,
    }
}

pub(crate) fn payment(change: impl FnOnce(&mut PaymentRecord)) -> Payment {
    let mut row = payment_row();
    change(&mut row);
    Payment::restore(row).unwrap()
}

/// Alice's subscription to Basic.
pub(crate) fn subscription(status: SubscriptionStatus) -> Subscription {
    Subscription::restore(SubscriptionRecord {
        id: SubscriptionId::new("sub_1").unwrap(),
        user_id: UserId::new("alice").unwrap(),
        customer_id: CustomerId::new("cus_alice").unwrap(),
        slot: Slot::named(None),
        price_id: quote().price_id,
        quantity: 1,
        status,
        status_since: AS_OF,
        current_period_end: Some(datetime!(2026-12-24 10:01 UTC)),
        cancel_at_period_end: false,
        cancel_at: None,
        trial_end: None,
        as_of: AS_OF,
        from_created: false,
        checked_at: SETTLED,
        version: 1,
    })
    .unwrap()
}

/// What a driver might say, and nobody must read.
pub(crate) const INSIDE: &str = "postgres://user:hunter2@db";

pub(crate) fn database_away() -> StoreError {
    StoreError::Unavailable(INSIDE.into())
}

pub(crate) fn damaged_row() -> StoreError {
    StoreError::Damaged(INSIDE.into())
}
