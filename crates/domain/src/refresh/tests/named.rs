//! What an event has only named: it is asked for, and once more when the answer can no longer lag behind that event.

use super::money::{answering_invoice, invoice, knowing, later, store_with_invoice};
use super::*;
use crate::examples::{customer, open_session, session_id, user};
use crate::invoice::InvoiceStatus;
use crate::transition::Cause;

fn named(object: RefreshObject) -> ClaimedRefresh {
    claimed(object, RefreshReason::Named)
}

fn named_invoice() -> ClaimedRefresh {
    named(RefreshObject::Invoice("in_1".parse().unwrap()))
}

/// As an event of this moment wishes it.
fn just_named(object: RefreshObject) -> ClaimedRefresh {
    let trusted_from = Some(NOW + Duration::MINUTE);
    ClaimedRefresh { trusted_from, ..named(object) }
}

/// A transaction that must end the entry and wish for another answer, without counting a failure.
fn asking_again(endings: &Endings, at: OffsetDateTime) -> MockUnitOfWork {
    let mut work = finishing(endings);
    work.refreshes
        .expect_request_refreshes()
        .withf(move |wishes| wishes.len() == 1 && wishes[0].due_at == at && wishes[0].trusted_from == Some(at))
        .once()
        .returning(|_| Ok(()));
    work.refreshes.expect_postpone_refresh().never();
    work
}

#[pollster::test]
async fn an_invoice_that_was_only_named_is_stored_if_its_customer_is_ours() {
    let mut work = knowing(customer());
    work.invoices
        .expect_create_invoice_records()
        .withf(|rows| rows.len() == 1 && rows[0].record().user_id == user() && rows[0].status() == InvoiceStatus::Paid)
        .once()
        .returning(|_| Ok(()));
    work.transitions
        .expect_record_transitions()
        .withf(|rows| rows[0].cause == Cause::Webhook)
        .once()
        .returning(|_| Ok(()));
    let store = store_with_invoice(None, vec![work.accepting_the_rest()]);
    let done = refresh(&ports(store, answering_invoice(InvoiceStatus::Paid)), &named_invoice()).await.unwrap();
    assert_eq!(done, Refreshed::Done);

    let mut foreign = MockUnitOfWork::default();
    foreign.invoices.expect_create_invoice_records().never();
    let store = store_with_invoice(None, vec![foreign.accepting_the_rest()]);
    let done = refresh(&ports(store, answering_invoice(InvoiceStatus::Paid)), &named_invoice()).await.unwrap();
    assert_eq!(done, Refreshed::Done);
}

#[pollster::test]
async fn a_session_that_was_only_named_settles_the_payment_that_it_belongs_to() {
    let of_session = named(RefreshObject::Session(session_id()));
    for is_known in [true, false] {
        let held = if is_known { pending() } else { creating() };
        let mut work = MockUnitOfWork::default();
        let locked = held.clone();
        work.payments.expect_find_payments_for_update().returning(move |_, _| Ok(vec![locked.clone()]));
        work.payments
            .expect_update_payment_statuses()
            .withf(|rows| {
                let row = rows[0].record();
                row.status == PaymentStatus::Succeeded && row.settled_by == Some(SettledBy::Webhook)
            })
            .once()
            .returning(|_| Ok(()));
        let mut store = store_of(vec![work.accepting_the_rest()]);
        let by_session = is_known.then(|| held.clone());
        store.expect_find_payment_by_session().returning(move |_| Ok(by_session.clone()));
        store.expect_find_payment().returning(move |_| Ok(Some(held.clone())));
        let mut gateway = MockStripeGateway::new();
        gateway.expect_fetch_checkout_session().returning(|_| Ok(Some(later(paid_session()))));
        assert_eq!(refresh(&ports(store, gateway), &of_session).await.unwrap(), Refreshed::Done);
    }
}

#[pollster::test]
async fn a_session_that_is_nobodys_we_know_ends_the_question() {
    let mut store = store_of(vec![finishing(&Endings::default())]);
    store.expect_find_payment_by_session().returning(|_| Ok(None));
    let mut gateway = MockStripeGateway::new();
    let stranger = CheckoutSession { payment_id: None, ..open_session() };
    gateway.expect_fetch_checkout_session().once().return_once(|_| Ok(Some(later(stranger))));
    let of_session = named(RefreshObject::Session(session_id()));
    assert_eq!(refresh(&ports(store, gateway), &of_session).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn an_answer_that_may_lag_behind_the_event_is_taken_and_asked_for_once_more() {
    let endings = Endings::default();
    let mut work = asking_again(&endings, NOW + Duration::MINUTE);
    work.customers.expect_find_customers().returning(|_| Ok(vec![customer()]));
    work.invoices
        .expect_create_invoice_records()
        .withf(|rows| rows[0].status() == InvoiceStatus::Open)
        .once()
        .returning(|_| Ok(()));
    let store = store_with_invoice(None, vec![work.accepting_the_rest()]);
    let of_invoice = just_named(named_invoice().object);
    let done = refresh(&ports(store, answering_invoice(InvoiceStatus::Open)), &of_invoice).await.unwrap();
    assert_eq!(done, Refreshed::Done);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn what_stripe_does_not_know_yet_is_asked_for_once_more() {
    let endings = Endings::default();
    let store = store_with_subscription(None, vec![asking_again(&endings, NOW + Duration::MINUTE)]);
    let mut gateway = MockStripeGateway::new();
    gateway.expect_fetch_subscription().once().returning(|_| Ok(None));
    let of_subscription = just_named(RefreshObject::Subscription(subscription_id()));
    assert_eq!(refresh(&ports(store, gateway), &of_subscription).await.unwrap(), Refreshed::Done);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn an_answer_that_can_no_longer_lag_behind_is_the_last() {
    let endings = Endings::default();
    let mut work = finishing(&endings);
    work.customers.expect_find_customers().returning(|_| Ok(vec![customer()]));
    work.invoices.expect_find_invoices_for_update().returning(|_, _| Ok(vec![invoice(InvoiceStatus::Open)]));
    let store = store_with_invoice(Some(invoice(InvoiceStatus::Open)), vec![work.accepting_the_rest()]);
    let of_invoice = ClaimedRefresh { trusted_from: Some(NOW), ..named_invoice() };
    let done = refresh(&ports(store, answering_invoice(InvoiceStatus::Open)), &of_invoice).await.unwrap();
    assert_eq!(done, Refreshed::Done);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn nothing_is_asked_about_what_has_come_to_its_end() {
    for status in [InvoiceStatus::Paid, InvoiceStatus::Void] {
        let endings = Endings::default();
        let store = store_with_invoice(Some(invoice(status)), vec![finishing(&endings)]);
        let of_invoice = just_named(named_invoice().object);
        assert_eq!(refresh(&ports(store, MockStripeGateway::new()), &of_invoice).await.unwrap(), Refreshed::Done);
        assert_eq!(endings.all(), [Ending::Committed]);
    }
    let ended = subscription(SubscriptionStatus::Canceled);
    let store = store_with_subscription(Some(ended), vec![finishing(&Endings::default())]);
    let of_subscription = just_named(RefreshObject::Subscription(subscription_id()));
    assert_eq!(refresh(&ports(store, MockStripeGateway::new()), &of_subscription).await.unwrap(), Refreshed::Done);
}
