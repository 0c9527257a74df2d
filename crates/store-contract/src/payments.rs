//! Rows of `payments`: what is kept, found and written.

use std::collections::BTreeMap;

use settled_domain::catalogue::TrialDays;
use settled_domain::checkout::CheckoutParams;
use settled_domain::ids::{InvoiceId, PaymentIntentId};
use settled_domain::money::{Currency, Money, Quantity};
use settled_domain::payment::{CheckoutMode, OpenedSession, Payment, PaymentRecord, PaymentStatus};
use settled_domain::ports::{PendingPayment, SavedPayment, Store, StoreError};
use settled_domain::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use settled_domain::transition::SettledBy;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::fixtures::{
    NOW, SECOND, creating, creating_for, customer_id, intent_id, moved_to, opened, payment_id, payment_record,
    price_id, restored, session_id, slot, subscription_id, user,
};
use crate::steps::{pending, reserve, store_payment, update};

/// Every field differs from every other one of its kind, so that no two can be mixed up.
fn full() -> Payment {
    let odd = "\"quoted\" 'twice' \\ % _ ; -- \u{1F980} \u{10FFFF}\n\t\u{7f}";
    restored(PaymentRecord {
        id: payment_id(u128::MAX),
        user_id: user("auth0|алиса \u{1F980} '\"\\%"),
        slot: slot("план \"é\" \\"),
        price_id: price_id("odd"),
        quantity: Quantity::new(i64::from(Quantity::MAX)).expect("the largest quantity"),
        mode: CheckoutMode::Payment,
        params: CheckoutParams {
            mode: "payment".into(),
            price_id: price_id("sent"),
            quantity: u32::MAX,
            customer_id: customer_id(2),
            client_reference_id: odd.into(),
            success_url: "https://é.example/?a=1&b={CHECKOUT_SESSION_ID}".into(),
            cancel_url: String::new(),
            metadata: BTreeMap::from([(odd.into(), odd.into()), (String::new(), "null".into())]),
            trial_period_days: TrialDays::try_from(TrialDays::MAX).ok(),
            allow_promotion_codes: true,
        },
        idempotency_key: "key 'one'".into(),
        session_id: Some(session_id(77)),
        checkout_url: Some(format!("https://checkout.example/#{odd}")),
        expires_at: Some(datetime!(9999-12-31 23:59:59.999_999 UTC)),
        status: PaymentStatus::Succeeded,
        quoted: Money::new(i64::MAX, Currency::new("jpy").expect("a currency")),
        total_minor: Some(i64::MIN),
        customer_id: customer_id(3),
        payment_intent_id: PaymentIntentId::new("pi_1").ok(),
        subscription_id: Some(subscription_id(4)),
        invoice_id: InvoiceId::new("in_1").ok(),
        settled_at: Some(datetime!(2026-11-24 10:00:01.000_001 UTC)),
        settled_by: Some(SettledBy::Sweep),
        as_of: datetime!(2026-11-24 10:00:02 UTC),
        created_at: datetime!(1969-12-31 23:59:59.999_999 UTC),
        version: i64::MAX,
    })
}

pub async fn every_field_of_a_payment_survives(store: &dyn Store) -> Result<(), StoreError> {
    let payment = full();
    store_payment(store, &payment).await?;
    assert_eq!(store.find_payment(payment.id()).await?, Some(payment));
    Ok(())
}

pub async fn absent_fields_of_a_payment_stay_absent(store: &dyn Store) -> Result<(), StoreError> {
    let payment = creating(1);
    reserve(store, &payment).await?;
    assert_eq!(store.find_payment(payment.id()).await?, Some(payment));
    Ok(())
}

async fn save(store: &dyn Store, n: u128, opened: OpenedSession) -> Result<Option<SavedPayment>, StoreError> {
    let at = NOW + Duration::SECOND;
    let mut work = store.begin().await?;
    let saved = work.payments().save_pending_payment(&PendingPayment { payment_id: payment_id(n), opened, at }).await?;
    work.commit().await?;
    Ok(saved)
}

pub async fn saving_a_session_does_what_the_rules_of_a_payment_say(store: &dyn Store) -> Result<(), StoreError> {
    for (n, status) in (1..).zip(PaymentStatus::ALL.iter().copied()) {
        let before = moved_to(&creating(n), status);
        store_payment(store, &before).await?;
        let mut expected = before.clone();
        expected.open(&opened(n), NOW + Duration::SECOND);
        let saved = save(store, n, opened(n)).await?;
        assert_eq!(saved, Some(SavedPayment { payment: expected.clone(), was: status }));
        assert_eq!(store.find_payment(payment_id(n)).await?, Some(expected), "what is returned is stored");
    }
    Ok(())
}

pub async fn saving_a_session_again_changes_nothing(store: &dyn Store) -> Result<(), StoreError> {
    reserve(store, &creating(1)).await?;
    save(store, 1, opened(1)).await?;
    let first = store.find_payment(payment_id(1)).await?;
    let again = save(store, 1, opened(1)).await?.expect("the payment is there");
    assert_eq!(again.was, PaymentStatus::Pending);
    assert_eq!(store.find_payment(payment_id(1)).await?, first);
    let another = save(store, 1, opened(2)).await?.expect("the payment is there");
    assert_eq!(another.payment.record().session_id, Some(session_id(1)), "the first session stays");
    assert_eq!(store.find_payment(payment_id(1)).await?, first);
    Ok(())
}

pub async fn saving_a_session_of_an_unknown_payment_finds_none(store: &dyn Store) -> Result<(), StoreError> {
    assert_eq!(save(store, 1, opened(1)).await?, None);
    Ok(())
}

pub async fn a_session_belongs_to_one_payment(store: &dyn Store) -> Result<(), StoreError> {
    pending(store, 1).await?;
    reserve(store, &creating(2)).await?;
    let refused = save(store, 2, opened(1)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(store.find_payment(payment_id(2)).await?, Some(creating(2)));
    Ok(())
}

pub async fn payments_are_found_by_session_or_id_once_each_and_in_order(store: &dyn Store) -> Result<(), StoreError> {
    // The sessions sort the other way round than the ids.
    for n in [3, 1, 2, 4] {
        let mut record = moved_to(&creating(n), PaymentStatus::Pending).record().clone();
        record.session_id = Some(session_id(9 - n));
        store_payment(store, &restored(record)).await?;
    }
    let sessions = [session_id(7), session_id(8), session_id(99)];
    let ids = [payment_id(3), payment_id(2), payment_id(99)];
    let mut work = store.begin().await?;
    let both = work.payments().find_payments_for_update(&sessions, &ids).await?;
    let by_session = work.payments().find_payments_for_update(&sessions, &[]).await?;
    let by_id = work.payments().find_payments_for_update(&[], &ids).await?;
    work.rollback().await?;
    let found = |payments: Vec<Payment>| payments.iter().map(Payment::id).collect::<Vec<_>>();
    assert_eq!(found(both), [payment_id(1), payment_id(2), payment_id(3)]);
    assert_eq!(found(by_session), [payment_id(1), payment_id(2)]);
    assert_eq!(found(by_id), [payment_id(2), payment_id(3)]);
    Ok(())
}

pub async fn an_unknown_payment_is_none(store: &dyn Store) -> Result<(), StoreError> {
    pending(store, 1).await?;
    assert_eq!(store.find_payment(payment_id(2)).await?, None);
    assert_eq!(store.get_payment_status_by_session_id(&user("alice"), &session_id(2)).await?, None);
    Ok(())
}

pub async fn payments_are_found_by_their_payment_intents(store: &dyn Store) -> Result<(), StoreError> {
    for n in [3, 1, 2] {
        let mut record = moved_to(&creating(n), PaymentStatus::Succeeded).record().clone();
        record.payment_intent_id = (n != 2).then(|| intent_id(n));
        store_payment(store, &restored(record)).await?;
    }
    let mut work = store.begin().await?;
    let found = work.payments().find_payments_of_intents(&[intent_id(3), intent_id(2), intent_id(1)]).await?;
    work.rollback().await?;
    assert_eq!(found.iter().map(Payment::id).collect::<Vec<_>>(), [payment_id(1), payment_id(3)]);
    Ok(())
}

pub async fn a_payment_is_found_by_its_session_whoever_asks(store: &dyn Store) -> Result<(), StoreError> {
    let payment = pending(store, 1).await?;
    pending(store, 2).await?;
    assert_eq!(store.find_payment_by_session(&session_id(1)).await?, Some(payment));
    assert_eq!(store.find_payment_by_session(&session_id(3)).await?, None);
    Ok(())
}

pub async fn a_payment_is_shown_to_its_owner_only(store: &dyn Store) -> Result<(), StoreError> {
    let payment = pending(store, 1).await?;
    assert_eq!(store.get_payment_status_by_session_id(&user("mallory"), &session_id(1)).await?, None);
    assert_eq!(store.get_payment_status_by_session_id(&user("ALICE"), &session_id(1)).await?, None);
    assert_eq!(store.get_payment_status_by_session_id(&user("alice"), &session_id(1)).await?, Some(payment));
    Ok(())
}

pub async fn those_who_wait_learn_how_their_payments_stand(store: &dyn Store) -> Result<(), StoreError> {
    let pending = [pending(store, 1).await?, pending(store, 2).await?, pending(store, 3).await?];
    let paid = moved_to(&pending[1], PaymentStatus::Succeeded);
    update(store, std::slice::from_ref(&paid)).await?;
    reserve(store, &creating(4)).await?;
    let asked: Vec<_> = [2, 99, 1].map(session_id).into_iter().chain((1_000..3_000).map(session_id)).collect();
    let mut waiting = store.list_awaited_payments(&asked).await?;
    waiting.sort_by_key(|payment| payment.id);
    let expected = [pending[0].waiting(), paid.waiting()].map(|waiting| waiting.expect("it has a session"));
    assert_eq!(waiting, expected);
    assert_eq!(store.list_awaited_payments(&[]).await?, []);
    Ok(())
}

pub async fn an_update_writes_every_payment_of_the_slice(store: &dyn Store) -> Result<(), StoreError> {
    let mut after = Vec::new();
    for n in 1..=3 {
        let paid = moved_to(&pending(store, n).await?, PaymentStatus::Succeeded).record().clone();
        let expires_at = Some(SECOND + Duration::seconds(i64::try_from(n).unwrap_or_default()));
        after.push(restored(PaymentRecord { idempotency_key: format!("key {n}"), expires_at, ..paid }));
    }
    let bystander = pending(store, 4).await?;
    update(store, &after).await?;
    for payment in after {
        assert_eq!(store.find_payment(payment.id()).await?, Some(payment));
    }
    assert_eq!(store.find_payment(bystander.id()).await?, Some(bystander));
    Ok(())
}

pub async fn an_update_that_is_not_newer_is_a_conflict(store: &dyn Store) -> Result<(), StoreError> {
    let first = pending(store, 1).await?;
    let second = pending(store, 2).await?;
    let newest = moved_to(&moved_to(&second, PaymentStatus::Processing), PaymentStatus::Succeeded);
    update(store, std::slice::from_ref(&newest)).await?;
    for stale in [&newest, &moved_to(&second, PaymentStatus::Failed)] {
        let refused = update(store, &[moved_to(&first, PaymentStatus::Succeeded), stale.clone()]).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    assert_eq!(store.find_payment(second.id()).await?, Some(newest));
    assert_eq!(store.find_payment(first.id()).await?, Some(first), "the rest of the slice is undone with it");
    Ok(())
}

pub async fn an_update_of_an_unknown_payment_is_a_conflict(store: &dyn Store) -> Result<(), StoreError> {
    let refused = update(store, &[moved_to(&creating(1), PaymentStatus::Pending)]).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    Ok(())
}

pub async fn the_oldest_payments_left_creating_are_listed(store: &dyn Store) -> Result<(), StoreError> {
    let at = |n: u128, created_at: OffsetDateTime| restored(PaymentRecord { created_at, ..payment_record(n) });
    let microsecond = Duration::microseconds(1);
    reserve(store, &at(1, NOW - microsecond)).await?;
    reserve(store, &at(2, NOW)).await?;
    reserve(store, &at(3, NOW - Duration::HOUR)).await?;
    reserve(store, &at(4, NOW - Duration::MINUTE)).await?;
    for (n, status) in (10..).zip(PaymentStatus::ALL.iter().filter(|status| **status != PaymentStatus::Creating)) {
        store_payment(store, &moved_to(&creating_for(n, "bob", &format!("slot_{n}")), *status)).await?;
    }
    let before = |limit| store.list_payments_left_creating(NOW, limit);
    assert_eq!(before(100).await?, [payment_id(3), payment_id(4), payment_id(1)]);
    assert_eq!(before(2).await?, [payment_id(3), payment_id(4)]);

    let cared_for = RefreshRequest::new(RefreshObject::Payment(payment_id(3)), RefreshReason::Creating, NOW);
    let mut work = store.begin().await?;
    work.refreshes().request_refreshes(&[cared_for]).await?;
    work.commit().await?;
    assert_eq!(before(2).await?, [payment_id(4), payment_id(1)]);
    Ok(())
}
