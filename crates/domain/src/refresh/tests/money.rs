//! Invoices, customers and their subscriptions: what is written of Stripe's answers, and whose they are.

use super::*;
use crate::customer::{Customer, CustomerState};
use crate::examples::{customer, customer_id, invoice_snapshot, user};
use crate::invoice::{Invoice, InvoiceSnapshot, InvoiceStatus};
use crate::mirror::ANSWER_LAG;
use crate::subscription::News;
use crate::transition::Cause;

pub(super) fn invoice(status: InvoiceStatus) -> Invoice {
    Invoice::first(&invoice_snapshot(status), (customer_id(), user()), SECOND, Cause::Webhook, NOW).unwrap().0
}

fn of_invoice() -> ClaimedRefresh {
    claimed(RefreshObject::Invoice("in_1".parse().unwrap()), RefreshReason::Doubt)
}

fn of_customer() -> ClaimedRefresh {
    claimed(RefreshObject::Customer(customer_id()), RefreshReason::CustomerDeleted)
}

pub(super) fn later<T>(object: T) -> Answer<T> {
    Answer { object, as_of: SECOND + Duration::MINUTE }
}

pub(super) fn knowing(customer: Customer) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.customers.expect_find_customers().returning(move |_| Ok(vec![customer.clone()]));
    work
}

pub(super) fn store_with_invoice(held: Option<Invoice>, works: Vec<MockUnitOfWork>) -> MockStore {
    let mut store = store_of(works);
    store.expect_find_invoice().returning(move |_| Ok(held.clone()));
    store
}

pub(super) fn answering_invoice(status: InvoiceStatus) -> MockStripeGateway {
    let mut gateway = MockStripeGateway::new();
    gateway.expect_fetch_invoice().once().returning(move |_| Ok(Some(later(invoice_snapshot(status)))));
    gateway
}

#[pollster::test]
async fn an_older_state_of_an_invoice_is_not_taken() {
    let mut work = knowing(customer());
    work.invoices.expect_find_invoices_for_update().returning(|_, _| Ok(vec![invoice(InvoiceStatus::Paid)]));
    work.invoices
        .expect_update_invoice_statuses()
        .withf(|rows| rows[0].status() == InvoiceStatus::Paid && rows[0].version() == 2)
        .once()
        .returning(|_| Ok(()));
    let store = store_with_invoice(Some(invoice(InvoiceStatus::Paid)), vec![work.accepting_the_rest()]);
    let done = refresh(&ports(store, answering_invoice(InvoiceStatus::Open)), &of_invoice()).await.unwrap();
    assert_eq!(done, Refreshed::Done);
}

#[pollster::test]
async fn an_invoice_that_changed_while_stripe_was_asked_is_left_alone() {
    let mut work = knowing(customer());
    work.invoices.expect_find_invoices_for_update().returning(|_, _| Ok(vec![invoice(InvoiceStatus::Paid)]));
    work.invoices.expect_update_invoice_statuses().never();
    let store = store_with_invoice(None, vec![work.accepting_the_rest()]);
    let done = refresh(&ports(store, answering_invoice(InvoiceStatus::Open)), &of_invoice()).await.unwrap();
    assert_eq!(done, Refreshed::Overtaken);
}

#[pollster::test]
async fn a_draft_that_stripe_no_longer_knows_becomes_void() {
    let mut work = MockUnitOfWork::default();
    work.invoices.expect_find_invoices_for_update().returning(|_, _| Ok(vec![invoice(InvoiceStatus::Draft)]));
    work.invoices
        .expect_update_invoice_statuses()
        .withf(|rows| rows[0].status() == InvoiceStatus::Void)
        .once()
        .returning(|_| Ok(()));
    let store = store_with_invoice(Some(invoice(InvoiceStatus::Draft)), vec![work.accepting_the_rest()]);
    let mut gateway = MockStripeGateway::new();
    gateway.expect_fetch_invoice().returning(|_| Ok(None));
    assert_eq!(refresh(&ports(store, gateway), &of_invoice()).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn a_customer_known_to_be_deleted_has_what_is_left_ended_without_a_call() {
    let deleted = Customer { deleted_at: Some(SECOND), ..customer() };
    let mut work = MockUnitOfWork::default();
    work.customers.expect_mark_customers_deleted().once().returning(|_| Ok(()));
    work.subscriptions
        .expect_find_live_subscriptions_of_customers_for_update()
        .returning(|_| Ok(vec![subscription(SubscriptionStatus::Active)]));
    work.subscriptions
        .expect_update_subscription_statuses()
        .withf(|rows| rows[0].status() == SubscriptionStatus::Canceled)
        .once()
        .returning(|_| Ok(()));
    work.refreshes
        .expect_request_refreshes()
        .withf(|wishes| wishes[0].object == RefreshObject::Subscription(subscription_id()))
        .once()
        .returning(|_| Ok(()));
    let store = store_of(vec![knowing(deleted), work.accepting_the_rest()]);
    assert_eq!(refresh(&ports(store, MockStripeGateway::new()), &of_customer()).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn a_customer_that_was_only_named_is_asked_for() {
    for (state, deletions) in [(CustomerState::Living, 0), (CustomerState::Deleted, 1)] {
        let mut work = MockUnitOfWork::default();
        work.customers
            .expect_mark_customers_deleted()
            .withf(|rows| rows[0].deleted_at == Some(SECOND + Duration::MINUTE))
            .times(deletions)
            .returning(|_| Ok(()));
        let store = store_of(vec![knowing(customer()), work.accepting_the_rest()]);
        let mut gateway = MockStripeGateway::new();
        gateway.expect_fetch_customer().once().return_once(move |_| Ok(Some(later(state))));
        assert_eq!(refresh(&ports(store, gateway), &of_customer()).await.unwrap(), Refreshed::Done);
    }
}

#[pollster::test]
async fn a_subscription_that_we_do_not_hold_is_stored_if_its_customer_is_ours_and_ends_with_them() {
    let deletions = [
        (None, SubscriptionStatus::Active),
        (Some(SECOND), SubscriptionStatus::Active),
        (Some(SECOND + Duration::HOUR), SubscriptionStatus::Canceled),
    ];
    for (deleted_at, status) in deletions {
        let mut work = knowing(Customer { deleted_at, ..customer() });
        work.subscriptions
            .expect_create_subscription_records()
            .withf(move |rows| rows.len() == 1 && rows[0].status() == status && rows[0].record().user_id == user())
            .once()
            .returning(|_| Ok(()));
        let store = store_with_subscription(None, vec![work.accepting_the_rest()]);
        let gateway = answering_subscription(snapshot(SubscriptionStatus::Active));
        assert_eq!(refresh(&ports(store, gateway), &of_subscription()).await.unwrap(), Refreshed::Done);
    }
    let mut foreign = MockUnitOfWork::default();
    foreign.subscriptions.expect_create_subscription_records().never();
    let store = store_with_subscription(None, vec![foreign.accepting_the_rest()]);
    let gateway = answering_subscription(snapshot(SubscriptionStatus::Active));
    assert_eq!(refresh(&ports(store, gateway), &of_subscription()).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn a_question_that_a_snapshot_has_answered_meanwhile_is_not_asked() {
    let of_invoice = |second| ClaimedRefresh {
        answered_from: Some(second),
        ..claimed(RefreshObject::Subscription(subscription_id()), RefreshReason::Invoice)
    };
    let held = Some(subscription(SubscriptionStatus::Active));
    let store = store_with_subscription(held.clone(), vec![finishing(&Endings::default())]);
    let done = refresh(&ports(store, MockStripeGateway::new()), &of_invoice(SECOND)).await.unwrap();
    assert_eq!(done, Refreshed::Done);

    let waiting = [(held, SECOND + Duration::SECOND), (Some(stub()), OffsetDateTime::UNIX_EPOCH)];
    for (held, second) in waiting {
        let mut work = MockUnitOfWork::default();
        let locked: Vec<_> = held.clone().into_iter().collect();
        work.subscriptions.expect_find_subscriptions_for_update().returning(move |_| Ok(locked.clone()));
        work.subscriptions.expect_update_subscription_statuses().once().returning(|_| Ok(()));
        let store = store_with_subscription(held, vec![work.accepting_the_rest()]);
        let gateway = answering_subscription(snapshot(SubscriptionStatus::PastDue));
        assert_eq!(refresh(&ports(store, gateway), &of_invoice(second)).await.unwrap(), Refreshed::Done);
    }
}

#[pollster::test]
async fn an_answer_that_may_not_have_heard_of_fresh_news_regresses_nothing() {
    // The answer is of a minute later.
    let as_of = SECOND + Duration::MINUTE - Duration::seconds(3);
    let active = snapshot(SubscriptionStatus::Active);
    let fresh = Subscription::first(&active, user(), News::Updated, as_of, Cause::Webhook, NOW).0;
    let store = store_with_subscription(Some(fresh), Vec::new());
    let gateway = answering_subscription(snapshot(SubscriptionStatus::PastDue));
    let too_fresh = Refreshed::TooFresh(ANSWER_LAG - Duration::seconds(3));
    assert_eq!(refresh(&ports(store, gateway), &of_subscription()).await.unwrap(), too_fresh);
}

#[pollster::test]
async fn an_answer_that_may_not_have_heard_of_an_invoices_fresh_news_is_asked_for_again() {
    let dearer = InvoiceSnapshot { amount_due_minor: 2900, ..invoice_snapshot(InvoiceStatus::Open) };
    let mut gateway = MockStripeGateway::new();
    gateway.expect_fetch_invoice().once().return_once(|_| Ok(Some(Answer { object: dearer, as_of: SECOND })));
    let store = store_with_invoice(Some(invoice(InvoiceStatus::Open)), Vec::new());
    assert_eq!(refresh(&ports(store, gateway), &of_invoice()).await.unwrap(), Refreshed::TooFresh(ANSWER_LAG));
}
