//! Rows of `invoices`: what is kept, found, listed and written.

use settled_domain::ids::{InvoiceId, PaymentIntentId};
use settled_domain::invoice::{Invoice, InvoiceRecord, InvoiceStatus};
use settled_domain::money::Currency;
use settled_domain::ports::{Store, StoreError};
use time::Duration;
use time::macros::datetime;

use crate::fixtures::{
    NOW, SECOND, customer_id, intent_id, invoice, invoice_id, invoice_record, subscription_id, user,
};

/// Every field differs from every other one of its kind, so that no two can be mixed up.
fn full() -> InvoiceRecord {
    InvoiceRecord {
        id: invoice_id(1),
        customer_id: customer_id(2),
        user_id: user("auth0|алиса '\"\\%"),
        subscription_id: Some(subscription_id(3)),
        status: InvoiceStatus::Uncollectible,
        amount_due_minor: i64::MAX,
        amount_paid_minor: -1,
        currency: Currency::new("jpy").expect("a currency"),
        payment_intent_id: Some(intent_id(4)),
        paid_at: Some(datetime!(2026-11-01 00:00:00.000_001 UTC)),
        created_at: datetime!(1969-12-31 23:59:59 UTC),
        as_of: datetime!(2026-11-02 00:00:00 UTC),
        version: i64::MAX - 1,
    }
}

async fn create(store: &dyn Store, invoices: &[Invoice]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.invoices().create_invoice_records(invoices).await?;
    work.commit().await
}

async fn update(store: &dyn Store, invoices: &[Invoice]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.invoices().update_invoice_statuses(invoices).await?;
    work.commit().await
}

async fn find(store: &dyn Store, ids: &[InvoiceId], intents: &[PaymentIntentId]) -> Result<Vec<Invoice>, StoreError> {
    let mut work = store.begin().await?;
    let found = work.invoices().find_invoices_for_update(ids, intents).await?;
    work.rollback().await?;
    Ok(found)
}

pub async fn every_field_of_an_invoice_survives(store: &dyn Store) -> Result<(), StoreError> {
    create(store, &[invoice(full())]).await?;
    assert_eq!(store.find_invoice(&invoice_id(1)).await?, Some(invoice(full())));
    Ok(())
}

pub async fn absent_fields_of_an_invoice_stay_absent(store: &dyn Store) -> Result<(), StoreError> {
    let bare = InvoiceRecord { subscription_id: None, payment_intent_id: None, paid_at: None, ..invoice_record(1) };
    create(store, &[invoice(bare.clone())]).await?;
    assert_eq!(store.find_invoice(&invoice_id(1)).await?, Some(invoice(bare)));
    Ok(())
}

pub async fn an_update_writes_every_field_that_may_change(store: &dyn Store) -> Result<(), StoreError> {
    let bare = InvoiceRecord { subscription_id: None, payment_intent_id: None, paid_at: None, ..invoice_record(1) };
    create(store, &[invoice(bare), invoice(invoice_record(2))]).await?;
    let InvoiceRecord { customer_id, user_id, currency, created_at, .. } = invoice_record(1);
    let changed = InvoiceRecord { customer_id, user_id, currency, created_at, ..full() };
    update(store, &[invoice(changed.clone())]).await?;
    assert_eq!(store.find_invoice(&invoice_id(1)).await?, Some(invoice(changed)));
    assert_eq!(store.find_invoice(&invoice_id(2)).await?, Some(invoice(invoice_record(2))));
    Ok(())
}

pub async fn invoices_are_found_by_id_or_payment_intent_once_each_and_in_order(
    store: &dyn Store,
) -> Result<(), StoreError> {
    let rows: Vec<Invoice> = [3, 1, 2, 4].into_iter().map(|n| invoice(invoice_record(n))).collect();
    create(store, &rows).await?;
    let found = find(store, &[invoice_id(2), invoice_id(1)], &[intent_id(4), intent_id(2), intent_id(9)]).await?;
    assert_eq!(found.iter().map(|row| row.id().as_str()).collect::<Vec<_>>(), ["in_1", "in_2", "in_4"]);
    assert_eq!(find(store, &[], &[intent_id(3)]).await?, [invoice(invoice_record(3))]);
    Ok(())
}

pub async fn an_unknown_invoice_is_none(store: &dyn Store) -> Result<(), StoreError> {
    assert_eq!(store.find_invoice(&invoice_id(1)).await?, None);
    assert_eq!(find(store, &[invoice_id(1)], &[intent_id(1)]).await?, []);
    Ok(())
}

pub async fn an_invoice_that_exists_is_not_created_again(store: &dyn Store) -> Result<(), StoreError> {
    create(store, &[invoice(invoice_record(1))]).await?;
    let again = InvoiceRecord { status: InvoiceStatus::Void, ..invoice_record(1) };
    let refused = create(store, &[invoice(again), invoice(invoice_record(2))]).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(store.find_invoice(&invoice_id(1)).await?, Some(invoice(invoice_record(1))));
    assert_eq!(store.find_invoice(&invoice_id(2)).await?, None);
    Ok(())
}

pub async fn an_update_that_is_not_newer_is_a_conflict(store: &dyn Store) -> Result<(), StoreError> {
    let newest = InvoiceRecord { version: 3, ..invoice_record(1) };
    create(store, &[invoice(newest.clone())]).await?;
    for (n, version) in [(1, 2), (1, 3), (2, 2)] {
        let stale = InvoiceRecord { version, status: InvoiceStatus::Open, ..invoice_record(n) };
        let refused = update(store, &[invoice(stale)]).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    assert_eq!(store.find_invoice(&invoice_id(1)).await?, Some(invoice(newest)));
    Ok(())
}

pub async fn the_newest_invoices_of_a_subscription_are_listed_first(store: &dyn Store) -> Result<(), StoreError> {
    let made = |n, subscription, months: i64| {
        let created_at = SECOND - Duration::days(30 * months);
        let subscription_id = Some(subscription_id(subscription));
        invoice(InvoiceRecord { subscription_id, created_at, as_of: NOW, ..invoice_record(n) })
    };
    create(store, &[made(1, 1, 2), made(2, 1, 0), made(3, 2, 0), made(4, 1, 1)]).await?;
    let listed = store.list_invoices_of_subscription(&subscription_id(1), 2).await?;
    assert_eq!(listed, [made(2, 1, 0), made(4, 1, 1)]);
    assert_eq!(store.list_invoices_of_subscription(&subscription_id(1), 10).await?.len(), 3);
    assert_eq!(store.list_invoices_of_subscription(&subscription_id(9), 10).await?, []);
    Ok(())
}
