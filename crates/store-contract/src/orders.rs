//! Events in every order, through [`settle_batch`](settled_domain::settlement::settle_batch): the rows end the same.

use settled_domain::dispute::DisputeStatus;
use settled_domain::event::{EventContent, WebhookEvent};
use settled_domain::invoice::InvoiceStatus;
use settled_domain::payment::{PaymentRecord, PaymentStatus};
use settled_domain::ports::{Store, StoreError};
use settled_domain::purchase::PurchaseId;
use settled_domain::refund::{RefundStatus, refunded_minor};
use settled_domain::session::SessionEvent::{self, AsyncPaymentFailed, AsyncPaymentSucceeded, Completed, Expired};
use settled_domain::session::SessionPaymentStatus::{Paid, Unpaid};
use settled_domain::settlement::{Outcome, ParkReason};
use settled_domain::subscription::{News, SubscriptionRecord, SubscriptionStatus};
use time::Duration;

use crate::fixtures::{
    NOW, SECOND, customer_id, customer_key, dispute_id, intent_id, invoice_id, paid_session, payment_id, refund_id,
    snapshot, subscription, subscription_id, user,
};
use crate::steps::{alice, claim_due, create, pending, settle};
use crate::told::{dispute_snapshot, event_at, invoice_snapshot, refund_snapshot};

/// All orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for next in 0..count {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=order.len()).map(move |place| {
                    let mut longer = order.clone();
                    longer.insert(place, next);
                    longer
                })
            })
            .collect();
    }
    orders
}

/// Delivers one event after the other, each in a transaction of its own.
async fn deliver(store: &dyn Store, events: &[WebhookEvent], order: &[usize]) -> Result<(), StoreError> {
    for n in order {
        let outcome = settle(store, std::slice::from_ref(&events[*n])).await?;
        assert_eq!(outcome, [Outcome::Processed], "{:?}", events[*n].content);
    }
    Ok(())
}

/// A subscription is bought, becomes active in the second of its creation, is billed, and ends.
fn life(n: u128) -> [WebhookEvent; 5] {
    let about = |status| snapshot(n, status);
    let contents = [
        (0, EventContent::Subscription(News::Created, about(SubscriptionStatus::Incomplete))),
        (0, EventContent::Subscription(News::Updated, about(SubscriptionStatus::Active))),
        (9, EventContent::Subscription(News::Updated, about(SubscriptionStatus::Canceled))),
        (1, EventContent::Invoice(invoice_snapshot(n, InvoiceStatus::Paid))),
        (1, EventContent::CheckoutSession(Completed, paid_session(n))),
    ];
    let mut id = 10 * n;
    contents.map(|(seconds, content)| {
        id += 1;
        event_at(id, SECOND + Duration::seconds(seconds), content)
    })
}

pub async fn all_120_orders_of_a_subscriptions_life_end_in_the_same_rows(store: &dyn Store) -> Result<(), StoreError> {
    alice(store).await?;
    for (n, order) in (1..).zip(orders(5)) {
        pending(store, n).await?;
        deliver(store, &life(n), &order).await?;
        let row = store.find_subscription(&subscription_id(n)).await?.expect("a subscription").record().clone();
        let expected = SubscriptionRecord {
            id: subscription_id(n),
            status: SubscriptionStatus::Canceled,
            status_since: SECOND + Duration::seconds(9),
            as_of: SECOND + Duration::seconds(9),
            // What depends on how the row came to be.
            slot: row.slot.clone(),
            from_created: false,
            version: row.version,
            checked_at: NOW,
            ..subscription(n).record().clone()
        };
        assert_eq!(row, expected, "{order:?}");
        let invoice = store.find_invoice(&invoice_id(n)).await?.expect("an invoice");
        assert_eq!((invoice.status(), invoice.record().amount_paid_minor), (InvoiceStatus::Paid, 1900), "{order:?}");
        let payment = store.find_payment(payment_id(n)).await?.expect("the payment").record().clone();
        assert_eq!(payment.status, PaymentStatus::Succeeded, "{order:?}");
        assert_eq!(payment.subscription_id, Some(subscription_id(n)), "{order:?}");
    }
    Ok(())
}

pub async fn every_order_of_a_sessions_facts_ends_in_the_same_payment(store: &dyn Store) -> Result<(), StoreError> {
    let facts = |kinds: &[(SessionEvent, settled_domain::session::SessionPaymentStatus)], n: u128| {
        let told = (0_u32..).zip(kinds).map(|(place, (kind, payment_status))| {
            let mut session = paid_session(n);
            session.payment_status = Some(*payment_status);
            session.subscription_id = None;
            let id = 10 * n + u128::from(place);
            event_at(id, SECOND + Duration::seconds(i64::from(place)), EventContent::CheckoutSession(*kind, session))
        });
        told.collect::<Vec<_>>()
    };
    let stories = [
        (vec![(Completed, Unpaid), (AsyncPaymentSucceeded, Paid)], PaymentStatus::Succeeded),
        (vec![(Completed, Unpaid), (AsyncPaymentFailed, Unpaid)], PaymentStatus::Failed),
        (vec![(Completed, Paid), (Expired, Unpaid)], PaymentStatus::Succeeded),
        (
            vec![(Completed, Unpaid), (AsyncPaymentFailed, Unpaid), (AsyncPaymentSucceeded, Paid), (Expired, Unpaid)],
            PaymentStatus::Succeeded,
        ),
    ];
    let mut n = 0;
    for (kinds, status) in stories {
        let mut first: Option<PaymentRecord> = None;
        for order in orders(kinds.len()) {
            n += 1;
            let before = pending(store, n).await?.record().clone();
            deliver(store, &facts(&kinds, n), &order).await?;
            let row = store.find_payment(payment_id(n)).await?.expect("the payment").record().clone();
            assert_eq!((row.status, row.total_minor), (status, Some(2261)), "{order:?}");
            // The rows of two orders differ in their ids, and in how many steps they took.
            let same = PaymentRecord { status, version: row.version, ..row };
            let same = PaymentRecord { id: before.id, session_id: before.session_id, version: 1, ..same };
            let as_of = first.get_or_insert_with(|| same.clone()).as_of;
            assert_eq!(same.as_of, as_of, "{order:?}");
        }
    }
    Ok(())
}

pub async fn two_events_for_one_fact_have_one_effect(store: &dyn Store) -> Result<(), StoreError> {
    alice(store).await?;
    let before = pending(store, 1).await?;
    let paid = |id| event_at(id, SECOND, EventContent::CheckoutSession(Completed, paid_session(1)));
    let billed = |id| event_at(id, SECOND, EventContent::Invoice(invoice_snapshot(1, InvoiceStatus::Paid)));
    deliver(store, &[paid(1), billed(2), paid(3), billed(4)], &[0, 1, 2, 3]).await?;
    assert_eq!(store.find_payment(before.id()).await?.map(|row| row.version()), Some(before.version() + 1));
    assert_eq!(store.find_invoice(&invoice_id(1)).await?.map(|row| row.version()), Some(1));
    Ok(())
}

pub async fn refunds_in_every_order_end_in_the_same_sum(store: &dyn Store) -> Result<(), StoreError> {
    alice(store).await?;
    for (n, order) in (1..).zip(orders(4)) {
        let invoice = event_at(10 * n, SECOND, EventContent::Invoice(invoice_snapshot(n, InvoiceStatus::Paid)));
        settle(store, &[invoice]).await?;
        let told = [(2 * n, RefundStatus::Pending), (2 * n, RefundStatus::Succeeded), (2 * n, RefundStatus::Failed)];
        let mut events: Vec<WebhookEvent> = (1_u32..)
            .zip(told)
            .map(|(place, (refund, status))| {
                let content = EventContent::Refund(refund_snapshot(refund, n, status));
                event_at(10 * n + u128::from(place), SECOND + Duration::seconds(place.into()), content)
            })
            .collect();
        let other = EventContent::Refund(refund_snapshot(2 * n + 1, n, RefundStatus::Succeeded));
        events.push(event_at(10 * n + 9, SECOND, other));
        deliver(store, &events, &order).await?;
        let refunds = store.list_refunds(&PurchaseId::Invoice(invoice_id(n)), 10).await?;
        assert_eq!((refunds.len(), refunded_minor(&refunds)), (2, 500), "{order:?}");
        let failed = store.find_refund(&refund_id(2 * n)).await?.expect("the refund");
        assert_eq!(failed.record().as_of, SECOND + Duration::seconds(3), "{order:?}");
    }
    Ok(())
}

pub async fn a_refund_that_contradicts_our_rows_is_parked_and_not_stored(store: &dyn Store) -> Result<(), StoreError> {
    alice(store).await?;
    let mut euros = refund_snapshot(1, 1, RefundStatus::Succeeded);
    euros.currency = settled_domain::money::Currency::new("eur").expect("a currency");
    let batch = [
        event_at(1, SECOND, EventContent::Invoice(invoice_snapshot(1, InvoiceStatus::Paid))),
        event_at(2, SECOND, EventContent::Refund(euros)),
    ];
    let outcomes = settle(store, &batch).await?;
    assert_eq!(outcomes, [Outcome::Processed, Outcome::Parked(ParkReason::CurrencyMismatch)]);
    assert_eq!(store.find_refund(&refund_id(1)).await?, None);
    Ok(())
}

pub async fn a_dispute_closed_before_it_was_created_stays_lost(store: &dyn Store) -> Result<(), StoreError> {
    alice(store).await?;
    settle(store, &[event_at(1, SECOND, EventContent::Invoice(invoice_snapshot(1, InvoiceStatus::Paid)))]).await?;
    let told = |id, seconds, news, status| {
        let content = EventContent::Dispute(news, dispute_snapshot(1, 1, status));
        event_at(id, SECOND + Duration::seconds(seconds), content)
    };
    let events =
        [told(2, 0, News::Created, DisputeStatus::NeedsResponse), told(3, 5, News::Updated, DisputeStatus::Lost)];
    deliver(store, &events, &[1, 0]).await?;
    let dispute = store.find_dispute(&dispute_id(1)).await?.expect("the dispute");
    assert_eq!((dispute.status(), dispute.version()), (DisputeStatus::Lost, 1));
    assert_eq!(dispute.record().payment_intent_id, Some(intent_id(1)));
    Ok(())
}

pub async fn a_deleted_customer_ends_its_subscriptions_in_the_store(store: &dyn Store) -> Result<(), StoreError> {
    alice(store).await?;
    create(store, &[subscription(1), subscription(2)]).await?;
    let late = EventContent::Subscription(News::Updated, snapshot(1, SubscriptionStatus::Active));
    let events = [
        event_at(1, SECOND + Duration::seconds(5), EventContent::CustomerDeleted(customer_id(1))),
        event_at(2, SECOND + Duration::seconds(9), late),
    ];
    deliver(store, &events, &[0, 1]).await?;
    for n in 1..=2 {
        let row = store.find_subscription(&subscription_id(n)).await?.expect("the subscription");
        assert_eq!(row.status(), SubscriptionStatus::Canceled);
    }
    assert_eq!(
        claim_due(store, NOW + Duration::HOUR).await?.len(),
        3,
        "both subscriptions, and the customer once more"
    );
    let mut work = store.begin().await?;
    let next = work.customers().find_or_insert_customer(&user("alice"), customer_key(2)).await?;
    work.rollback().await?;
    assert_eq!(next.key, customer_key(2), "the user gets another customer");
    Ok(())
}
