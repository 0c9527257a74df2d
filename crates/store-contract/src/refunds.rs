//! Rows of `refunds`: what is kept, found, listed and written.

use settled_domain::ids::{ChargeId, RefundId};
use settled_domain::money::Currency;
use settled_domain::ports::{Store, StoreError};
use settled_domain::purchase::PurchaseId;
use settled_domain::refund::{Refund, RefundRecord, RefundStatus};
use time::macros::datetime;

use crate::fixtures::{charge_id, intent_id, invoice_id, payment_id, refund, refund_id, refund_record};

/// Every field differs from every other one of its kind, so that no two can be mixed up.
fn full() -> RefundRecord {
    RefundRecord {
        id: refund_id(1),
        purchase: PurchaseId::Invoice(invoice_id(2)),
        payment_intent_id: Some(intent_id(3)),
        charge_id: Some(charge_id(4)),
        amount_minor: i64::MAX,
        currency: Currency::new("jpy").expect("a currency"),
        status: RefundStatus::RequiresAction,
        as_of: datetime!(2026-11-02 00:00:00 UTC),
        version: i64::MAX - 1,
    }
}

async fn create(store: &dyn Store, refunds: &[Refund]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.refunds().create_refund_records(refunds).await?;
    work.commit().await
}

async fn update(store: &dyn Store, refunds: &[Refund]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.refunds().update_refund_statuses(refunds).await?;
    work.commit().await
}

async fn find(store: &dyn Store, ids: &[RefundId], charges: &[ChargeId]) -> Result<Vec<Refund>, StoreError> {
    let mut work = store.begin().await?;
    let found = work.refunds().find_refunds_for_update(ids, charges).await?;
    work.rollback().await?;
    Ok(found)
}

pub async fn every_field_of_a_refund_survives(store: &dyn Store) -> Result<(), StoreError> {
    create(store, &[refund(full()), refund(refund_record(2))]).await?;
    assert_eq!(store.find_refund(&refund_id(1)).await?, Some(refund(full())));
    assert_eq!(store.find_refund(&refund_id(2)).await?, Some(refund(refund_record(2))));
    Ok(())
}

pub async fn absent_fields_of_a_refund_stay_absent(store: &dyn Store) -> Result<(), StoreError> {
    let bare = RefundRecord { payment_intent_id: None, charge_id: None, ..refund_record(1) };
    create(store, &[refund(bare.clone())]).await?;
    assert_eq!(store.find_refund(&refund_id(1)).await?, Some(refund(bare)));
    Ok(())
}

pub async fn an_update_writes_every_field_that_may_change(store: &dyn Store) -> Result<(), StoreError> {
    let bare = RefundRecord { payment_intent_id: None, charge_id: None, ..refund_record(1) };
    create(store, &[refund(bare), refund(refund_record(2))]).await?;
    let RefundRecord { purchase, amount_minor, currency, .. } = refund_record(1);
    let changed = RefundRecord { purchase, amount_minor, currency, ..full() };
    update(store, &[refund(changed.clone())]).await?;
    assert_eq!(store.find_refund(&refund_id(1)).await?, Some(refund(changed)));
    assert_eq!(store.find_refund(&refund_id(2)).await?, Some(refund(refund_record(2))));
    Ok(())
}

pub async fn refunds_are_found_by_id_or_charge_once_each_and_in_order(store: &dyn Store) -> Result<(), StoreError> {
    let of_charge = |n, charge| refund(RefundRecord { charge_id: Some(charge_id(charge)), ..refund_record(n) });
    create(store, &[of_charge(3, 1), of_charge(1, 1), of_charge(2, 2), of_charge(4, 3)]).await?;
    let found = find(store, &[refund_id(2), refund_id(1)], &[charge_id(1), charge_id(9)]).await?;
    assert_eq!(found, [of_charge(1, 1), of_charge(2, 2), of_charge(3, 1)]);
    assert_eq!(find(store, &[], &[charge_id(3)]).await?, [of_charge(4, 3)]);
    Ok(())
}

pub async fn an_unknown_refund_is_none(store: &dyn Store) -> Result<(), StoreError> {
    assert_eq!(store.find_refund(&refund_id(1)).await?, None);
    assert_eq!(find(store, &[refund_id(1)], &[charge_id(1)]).await?, []);
    Ok(())
}

pub async fn a_refund_that_exists_is_not_created_again(store: &dyn Store) -> Result<(), StoreError> {
    create(store, &[refund(refund_record(1))]).await?;
    let again = RefundRecord { status: RefundStatus::Failed, ..refund_record(1) };
    let refused = create(store, &[refund(again), refund(refund_record(2))]).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(store.find_refund(&refund_id(1)).await?, Some(refund(refund_record(1))));
    assert_eq!(store.find_refund(&refund_id(2)).await?, None);
    Ok(())
}

pub async fn an_update_that_is_not_newer_is_a_conflict(store: &dyn Store) -> Result<(), StoreError> {
    let newest = RefundRecord { version: 3, ..refund_record(1) };
    create(store, &[refund(newest.clone())]).await?;
    for (n, version) in [(1, 2), (1, 3), (2, 2)] {
        let stale = RefundRecord { version, status: RefundStatus::Pending, ..refund_record(n) };
        let refused = update(store, &[refund(stale)]).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    assert_eq!(store.find_refund(&refund_id(1)).await?, Some(refund(newest)));
    Ok(())
}

pub async fn refunds_are_listed_by_what_was_paid(store: &dyn Store) -> Result<(), StoreError> {
    let payment = PurchaseId::Payment(payment_id(7));
    let invoice = PurchaseId::Invoice(invoice_id(7));
    let of = |n, purchase: &PurchaseId| refund(RefundRecord { purchase: purchase.clone(), ..refund_record(n) });
    create(store, &[of(2, &payment), of(1, &payment), of(3, &invoice), of(4, &payment)]).await?;
    assert_eq!(store.list_refunds(&payment, 2).await?, [of(1, &payment), of(2, &payment)]);
    assert_eq!(store.list_refunds(&invoice, 10).await?, [of(3, &invoice)]);
    assert_eq!(store.list_refunds(&PurchaseId::Invoice(invoice_id(8)), 10).await?, []);
    Ok(())
}
