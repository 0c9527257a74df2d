//! `reserve_payment` and the one open payment of a slot.

use futures_util::future::join_all;
use settled_domain::payment::{PaymentRecord, PaymentStatus};
use settled_domain::ports::{Reservation, Store, StoreError};

use crate::fixtures::{creating, creating_for, moved_to, payment_record, restored, slot, user};
use crate::steps::{reserve, store_payment, update};

pub async fn a_free_slot_is_taken(store: &dyn Store) -> Result<(), StoreError> {
    let payment = creating(1);
    assert_eq!(reserve(store, &payment).await?, Reservation::Taken);
    assert_eq!(store.find_payment(payment.id()).await?, Some(payment));
    Ok(())
}

pub async fn a_slot_is_occupied_while_its_payment_is_open(store: &dyn Store) -> Result<(), StoreError> {
    for (n, status) in (1..).zip([PaymentStatus::Creating, PaymentStatus::Pending, PaymentStatus::Processing]) {
        let name = format!("slot_{n}");
        store_payment(store, &moved_to(&creating_for(n, "alice", &name), status)).await?;
        let second = creating_for(n + 100, "alice", &name);
        assert_eq!(reserve(store, &second).await?, Reservation::Occupied, "{status}");
    }
    Ok(())
}

pub async fn an_occupied_slot_stores_nothing(store: &dyn Store) -> Result<(), StoreError> {
    let first = creating_for(1, "alice", "default");
    let second = creating_for(2, "alice", "default");
    reserve(store, &first).await?;
    reserve(store, &second).await?;
    assert_eq!(store.find_payment(second.id()).await?, None);
    assert_eq!(store.find_payment(first.id()).await?, Some(first));
    Ok(())
}

pub async fn a_slot_is_free_again_when_its_payment_has_ended(store: &dyn Store) -> Result<(), StoreError> {
    for (n, status) in (1..).zip([PaymentStatus::Expired, PaymentStatus::Failed, PaymentStatus::Succeeded]) {
        let name = format!("slot_{n}");
        store_payment(store, &moved_to(&creating_for(n, "alice", &name), status)).await?;
        let second = creating_for(n + 100, "alice", &name);
        assert_eq!(reserve(store, &second).await?, Reservation::Taken, "{status}");
    }
    Ok(())
}

pub async fn other_users_and_other_slots_are_independent(store: &dyn Store) -> Result<(), StoreError> {
    assert_eq!(reserve(store, &creating_for(1, "alice", "default")).await?, Reservation::Taken);
    assert_eq!(reserve(store, &creating_for(2, "bob", "default")).await?, Reservation::Taken);
    assert_eq!(reserve(store, &creating_for(3, "alice", "storage")).await?, Reservation::Taken);
    assert_eq!(reserve(store, &creating_for(4, "Alice", "default")).await?, Reservation::Taken);
    Ok(())
}

pub async fn the_open_payment_of_a_slot_is_found_until_it_ends(store: &dyn Store) -> Result<(), StoreError> {
    reserve(store, &creating_for(8, "bob", "default")).await?;
    reserve(store, &creating_for(9, "alice", "storage")).await?;
    let mut payment = creating_for(1, "alice", "default");
    reserve(store, &payment).await?;
    for status in [PaymentStatus::Creating, PaymentStatus::Pending, PaymentStatus::Processing] {
        payment = moved_to(&payment, status);
        update(store, std::slice::from_ref(&payment)).await?;
        let mut work = store.begin().await?;
        let open = work.payments().find_open_payment_for_update(&user("alice"), &slot("default")).await?;
        work.rollback().await?;
        assert_eq!(open.as_ref(), Some(&payment), "{status}");
    }
    update(store, &[moved_to(&payment, PaymentStatus::Succeeded)]).await?;
    let mut work = store.begin().await?;
    let open = work.payments().find_open_payment_for_update(&user("alice"), &slot("default")).await?;
    work.rollback().await?;
    assert_eq!(open, None);
    Ok(())
}

/// Stripe may contradict itself and let an expired payment be paid after all, while a second one is open already.
pub async fn not_even_an_update_makes_two_open_payments_in_one_slot(store: &dyn Store) -> Result<(), StoreError> {
    let expired = moved_to(&creating_for(1, "alice", "default"), PaymentStatus::Expired);
    store_payment(store, &expired).await?;
    reserve(store, &creating_for(2, "alice", "default")).await?;
    let revived = PaymentRecord {
        status: PaymentStatus::Processing,
        settled_at: None,
        version: expired.version() + 1,
        ..expired.record().clone()
    };
    let mut work = store.begin().await?;
    let refused = work.payments().update_payment_statuses(&[restored(revived)]).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    Ok(())
}

pub async fn of_two_openings_at_once_one_takes_the_slot(store: &dyn Store) -> Result<(), StoreError> {
    for round in 0..10 {
        let name = format!("slot_{round}");
        let attempts: Vec<_> =
            (1..=5).map(|n| restored(PaymentRecord { slot: slot(&name), ..payment_record(round * 100 + n) })).collect();
        let answers = join_all(attempts.iter().map(|payment| reserve(store, payment))).await;
        let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
        let taken = answers.iter().filter(|answer| **answer == Reservation::Taken).count();
        assert_eq!(taken, 1, "{answers:?}");
    }
    Ok(())
}
