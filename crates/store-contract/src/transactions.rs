//! Units of work: all of it or nothing of it.

use settled_domain::payment::{Payment, PaymentStatus};
use settled_domain::ports::{Claim, Store, StoreError, UnitOfWork};
use settled_domain::refresh_request::RefreshReason;

use crate::fixtures::{
    NOW, creating, customer_key, dispute, dispute_id, dispute_record, doubt, invoice, invoice_id, invoice_record,
    moved_to, payment_id, refund, refund_id, refund_record, subscription, subscription_id, transition, user, webhook,
};
use crate::steps::{alice, claim, claim_due, give_up_after, has_transition, is_processed, pending, reserve};

/// Writes something into every table.
async fn write_everywhere(work: &mut dyn UnitOfWork) -> Result<(), StoreError> {
    let claims = work.webhooks().mark_webhooks_processed(&[webhook(1)]).await?;
    assert_eq!(claims, [Claim::Fresh]);
    work.customers().find_or_insert_customer(&user("bob"), customer_key(2)).await?;
    work.subscriptions().create_subscription_records(&[subscription(1)]).await?;
    work.payments().reserve_payment(&creating(1)).await?;
    work.invoices().create_invoice_records(&[invoice(invoice_record(1))]).await?;
    work.refunds().create_refund_records(&[refund(refund_record(1))]).await?;
    work.disputes().create_dispute_records(&[dispute(dispute_record(1))]).await?;
    work.refreshes().request_refreshes(&[doubt(1, NOW)]).await?;
    work.transitions().record_transitions(&[transition("sub_1", 1)]).await
}

async fn assert_nothing_is_written(store: &dyn Store) -> Result<(), StoreError> {
    assert!(!is_processed(store, &webhook(1)).await?);
    assert_eq!(store.find_subscription(&subscription_id(1)).await?, None);
    assert_eq!(store.find_payment(payment_id(1)).await?, None);
    assert_eq!(store.find_invoice(&invoice_id(1)).await?, None);
    assert_eq!(store.find_refund(&refund_id(1)).await?, None);
    assert_eq!(store.find_dispute(&dispute_id(1)).await?, None);
    assert!(!has_transition(store, "sub_1", 1).await?);
    assert_eq!(claim_due(store, NOW).await?, []);
    let mut work = store.begin().await?;
    let bob = work.customers().find_or_insert_customer(&user("bob"), customer_key(3)).await?;
    work.rollback().await?;
    assert_eq!(bob.key, customer_key(3), "the user has no customer yet");
    Ok(())
}

pub async fn nothing_is_seen_before_the_commit(store: &dyn Store) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    write_everywhere(work.as_mut()).await?;
    assert_eq!(store.find_payment(payment_id(1)).await?, None);
    assert_eq!(store.find_subscription(&subscription_id(1)).await?, None);
    work.commit().await?;
    assert_eq!(store.find_payment(payment_id(1)).await?, Some(creating(1)));
    assert_eq!(store.find_subscription(&subscription_id(1)).await?, Some(subscription(1)));
    Ok(())
}

/// Row 59 of the faults: the customer asks while what Stripe said is on its way into the database.
pub async fn a_status_that_is_behind_is_pending_and_never_failed(store: &dyn Store) -> Result<(), StoreError> {
    let payment = pending(store, 1).await?;
    let succeeded = moved_to(&payment, PaymentStatus::Succeeded);
    let (owner, session) = (user("alice"), payment.record().session_id.clone().expect("a pending payment has one"));
    let status = async || {
        let payment = store.get_payment_status_by_session_id(&owner, &session).await?;
        Ok::<_, StoreError>(payment.as_ref().map(Payment::status))
    };
    let mut work = store.begin().await?;
    work.payments().update_payment_statuses(&[succeeded]).await?;
    assert_eq!(status().await?, Some(PaymentStatus::Pending));
    work.commit().await?;
    assert_eq!(status().await?, Some(PaymentStatus::Succeeded));
    Ok(())
}

pub async fn a_rollback_undoes_every_table(store: &dyn Store) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    write_everywhere(work.as_mut()).await?;
    work.rollback().await?;
    assert_nothing_is_written(store).await
}

pub async fn a_dropped_transaction_undoes_every_table(store: &dyn Store) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    write_everywhere(work.as_mut()).await?;
    drop(work);
    assert_nothing_is_written(store).await
}

pub async fn a_transaction_sees_its_own_writes(store: &dyn Store) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    write_everywhere(work.as_mut()).await?;
    assert!(work.webhooks().is_webhook_processed(&webhook(1).id).await?);
    let held = work.subscriptions().find_subscriptions_for_update(&[subscription_id(1)]).await?;
    assert_eq!(held, [subscription(1)]);
    assert_eq!(work.payments().find_payments_for_update(&[], &[payment_id(1)]).await?, [creating(1)]);
    work.rollback().await
}

pub async fn the_store_works_after_a_transaction_was_dropped(store: &dyn Store) -> Result<(), StoreError> {
    for n in 1..=20 {
        let mut work = store.begin().await?;
        work.payments().reserve_payment(&creating(n)).await?;
        drop(work);
    }
    reserve(store, &creating(1)).await?;
    assert_eq!(store.find_payment(payment_id(1)).await?, Some(creating(1)));
    assert_eq!(store.find_payment(payment_id(2)).await?, None);
    Ok(())
}

pub async fn the_store_works_after_the_wait_for_a_transaction_was_given_up(
    store: &dyn Store,
) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.payments().reserve_payment(&creating(1)).await?;
    for _ in 0..3 {
        assert!(give_up_after(1, store.begin()).await.is_none(), "nobody can write yet");
    }
    work.commit().await?;
    reserve(store, &creating(2)).await?;
    assert_eq!(store.find_payment(payment_id(2)).await?, Some(creating(2)));
    Ok(())
}

pub async fn empty_slices_do_nothing(store: &dyn Store) -> Result<(), StoreError> {
    alice(store).await?;
    let payment = pending(store, 1).await?;
    claim(store, &[webhook(1)]).await?;
    let mut work = store.begin().await?;
    assert_eq!(work.webhooks().mark_webhooks_processed(&[]).await?, []);
    work.webhooks().record_webhook_outcomes(&[]).await?;
    assert_eq!(work.customers().find_customers(&[]).await?, []);
    work.customers().mark_customers_deleted(&[]).await?;
    assert_eq!(work.subscriptions().find_live_subscriptions_of_customers_for_update(&[]).await?, []);
    assert_eq!(work.subscriptions().find_subscriptions_for_update(&[]).await?, []);
    work.subscriptions().create_subscription_records(&[]).await?;
    work.subscriptions().update_subscription_statuses(&[]).await?;
    assert_eq!(work.payments().find_payments_for_update(&[], &[]).await?, []);
    assert_eq!(work.payments().find_payments_of_intents(&[]).await?, []);
    work.payments().update_payment_statuses(&[]).await?;
    assert_eq!(work.invoices().find_invoices_for_update(&[], &[]).await?, []);
    work.invoices().create_invoice_records(&[]).await?;
    work.invoices().update_invoice_statuses(&[]).await?;
    assert_eq!(work.refunds().find_refunds_for_update(&[], &[]).await?, []);
    work.refunds().create_refund_records(&[]).await?;
    work.refunds().update_refund_statuses(&[]).await?;
    assert_eq!(work.disputes().find_disputes_for_update(&[]).await?, []);
    work.disputes().create_dispute_records(&[]).await?;
    work.disputes().update_dispute_statuses(&[]).await?;
    work.refreshes().request_refreshes(&[]).await?;
    work.refreshes().cancel_refreshes(&[], RefreshReason::Stub).await?;
    work.transitions().record_transitions(&[]).await?;
    work.commit().await?;
    assert_eq!(payment.status(), PaymentStatus::Pending);
    assert_eq!(store.find_payment(payment.id()).await?, Some(payment));
    Ok(())
}
