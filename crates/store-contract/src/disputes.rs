//! Rows of `disputes`: what is kept, found, listed and written.

use settled_domain::dispute::{Dispute, DisputeRecord, DisputeStatus};
use settled_domain::ids::DisputeId;
use settled_domain::money::Currency;
use settled_domain::ports::{Store, StoreError};
use settled_domain::purchase::PurchaseId;
use time::macros::datetime;

use crate::fixtures::{charge_id, dispute, dispute_id, dispute_record, intent_id, invoice_id, payment_id};

/// Every field differs from every other one of its kind, so that no two can be mixed up.
fn full() -> DisputeRecord {
    DisputeRecord {
        id: dispute_id(1),
        purchase: PurchaseId::Invoice(invoice_id(2)),
        payment_intent_id: Some(intent_id(3)),
        charge_id: Some(charge_id(4)),
        amount_minor: i64::MAX,
        currency: Currency::new("jpy").expect("a currency"),
        status: DisputeStatus::AppealUnderReview,
        as_of: datetime!(2026-11-02 00:00:00 UTC),
        version: i64::MAX - 1,
    }
}

async fn create(store: &dyn Store, disputes: &[Dispute]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.disputes().create_dispute_records(disputes).await?;
    work.commit().await
}

async fn update(store: &dyn Store, disputes: &[Dispute]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.disputes().update_dispute_statuses(disputes).await?;
    work.commit().await
}

async fn find(store: &dyn Store, ids: &[DisputeId]) -> Result<Vec<Dispute>, StoreError> {
    let mut work = store.begin().await?;
    let found = work.disputes().find_disputes_for_update(ids).await?;
    work.rollback().await?;
    Ok(found)
}

pub async fn every_field_of_a_dispute_survives(store: &dyn Store) -> Result<(), StoreError> {
    create(store, &[dispute(full())]).await?;
    assert_eq!(store.find_dispute(&dispute_id(1)).await?, Some(dispute(full())));
    for (n, status) in (2..).zip(DisputeStatus::ALL.iter().copied()) {
        let row = dispute(DisputeRecord { status, ..dispute_record(n) });
        create(store, std::slice::from_ref(&row)).await?;
        assert_eq!(store.find_dispute(&dispute_id(n)).await?, Some(row));
    }
    Ok(())
}

pub async fn absent_fields_of_a_dispute_stay_absent(store: &dyn Store) -> Result<(), StoreError> {
    let bare = DisputeRecord { payment_intent_id: None, charge_id: None, ..dispute_record(1) };
    create(store, &[dispute(bare.clone())]).await?;
    assert_eq!(store.find_dispute(&dispute_id(1)).await?, Some(dispute(bare)));
    Ok(())
}

pub async fn an_update_writes_every_field_that_may_change(store: &dyn Store) -> Result<(), StoreError> {
    let bare = DisputeRecord { payment_intent_id: None, charge_id: None, ..dispute_record(1) };
    create(store, &[dispute(bare), dispute(dispute_record(2))]).await?;
    let changed = DisputeRecord { purchase: dispute_record(1).purchase, ..full() };
    update(store, &[dispute(changed.clone())]).await?;
    assert_eq!(store.find_dispute(&dispute_id(1)).await?, Some(dispute(changed)));
    assert_eq!(store.find_dispute(&dispute_id(2)).await?, Some(dispute(dispute_record(2))));
    Ok(())
}

pub async fn disputes_are_found_in_the_order_of_their_ids(store: &dyn Store) -> Result<(), StoreError> {
    let rows: Vec<Dispute> = [3, 1, 2].into_iter().map(|n| dispute(dispute_record(n))).collect();
    create(store, &rows).await?;
    let found = find(store, &[dispute_id(3), dispute_id(9), dispute_id(1)]).await?;
    assert_eq!(found, [dispute(dispute_record(1)), dispute(dispute_record(3))]);
    Ok(())
}

pub async fn an_unknown_dispute_is_none(store: &dyn Store) -> Result<(), StoreError> {
    assert_eq!(store.find_dispute(&dispute_id(1)).await?, None);
    assert_eq!(find(store, &[dispute_id(1)]).await?, []);
    Ok(())
}

pub async fn a_dispute_that_exists_is_not_created_again(store: &dyn Store) -> Result<(), StoreError> {
    create(store, &[dispute(dispute_record(1))]).await?;
    let again = DisputeRecord { status: DisputeStatus::Lost, ..dispute_record(1) };
    let refused = create(store, &[dispute(again), dispute(dispute_record(2))]).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(store.find_dispute(&dispute_id(1)).await?, Some(dispute(dispute_record(1))));
    assert_eq!(store.find_dispute(&dispute_id(2)).await?, None);
    Ok(())
}

pub async fn an_update_that_is_not_newer_is_a_conflict(store: &dyn Store) -> Result<(), StoreError> {
    let newest = DisputeRecord { version: 3, ..dispute_record(1) };
    create(store, &[dispute(newest.clone())]).await?;
    for (n, version) in [(1, 2), (1, 3), (2, 2)] {
        let stale = DisputeRecord { version, status: DisputeStatus::Won, ..dispute_record(n) };
        let refused = update(store, &[dispute(stale)]).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    assert_eq!(store.find_dispute(&dispute_id(1)).await?, Some(dispute(newest)));
    Ok(())
}

pub async fn disputes_are_listed_by_what_was_paid(store: &dyn Store) -> Result<(), StoreError> {
    let payment = PurchaseId::Payment(payment_id(7));
    let invoice = PurchaseId::Invoice(invoice_id(7));
    let of = |n, purchase: &PurchaseId| dispute(DisputeRecord { purchase: purchase.clone(), ..dispute_record(n) });
    create(store, &[of(2, &payment), of(1, &payment), of(3, &invoice), of(4, &payment)]).await?;
    assert_eq!(store.list_disputes(&payment, 2).await?, [of(1, &payment), of(2, &payment)]);
    assert_eq!(store.list_disputes(&invoice, 10).await?, [of(3, &invoice)]);
    assert_eq!(store.list_disputes(&PurchaseId::Payment(payment_id(8)), 10).await?, []);
    Ok(())
}
