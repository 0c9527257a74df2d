mod money;
mod named;
mod reversals;

use std::sync::Arc;

use time::Duration;

use super::*;
use crate::examples::{
    NOW, SECOND, creating, opened, paid_session, payment_id, pending, ports, snapshot, store_error, store_of, stub,
    subscription, subscription_id,
};
use crate::mock::{Ending, Endings, MockStore, MockStripeGateway, MockUnitOfWork};
use crate::payment::{Payment, PaymentFact, PaymentStatus};
use crate::ports::{Answer, Refusal, SavedPayment};
use crate::session::{CheckoutSession, SessionPaymentStatus};
use crate::subscription::{Subscription, SubscriptionRecord, SubscriptionSnapshot, SubscriptionStatus};
use crate::transition::SettledBy;

fn claimed(object: RefreshObject, reason: RefreshReason) -> ClaimedRefresh {
    ClaimedRefresh { object, reason, generation: 1, attempts: 0, answered_from: None, trusted_from: None }
}

fn of_payment() -> ClaimedRefresh {
    claimed(RefreshObject::Payment(payment_id()), RefreshReason::Contradiction)
}

fn left_creating() -> ClaimedRefresh {
    claimed(RefreshObject::Payment(payment_id()), RefreshReason::Creating)
}

fn of_subscription() -> ClaimedRefresh {
    claimed(RefreshObject::Subscription(subscription_id()), RefreshReason::Doubt)
}

/// Its customer has chosen a bank debit.
fn processing() -> Payment {
    let mut payment = pending();
    let session = CheckoutSession { payment_status: Some(SessionPaymentStatus::Unpaid), ..paid_session() };
    let fact =
        PaymentFact { status: PaymentStatus::Processing, session: &session, as_of: SECOND, cause: Cause::Webhook };
    let _changed = payment.apply(&fact, NOW);
    payment
}

/// A transaction that must remove the entry.
fn finishing(endings: &Endings) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::recording(endings);
    work.refreshes.expect_finish_refresh().once().returning(|_| Ok(()));
    work
}

/// A transaction that must leave the entry alone.
fn not_finishing(endings: &Endings) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::recording(endings);
    work.refreshes.expect_finish_refresh().never();
    work
}

fn store_with_payment(payment: Option<Payment>, works: Vec<MockUnitOfWork>) -> MockStore {
    let mut store = store_of(works);
    store.expect_find_payment().returning(move |_| Ok(payment.clone()));
    store
}

fn store_with_subscription(held: Option<Subscription>, works: Vec<MockUnitOfWork>) -> MockStore {
    let mut store = store_of(works);
    store.expect_find_subscription().returning(move |_| Ok(held.clone()));
    store
}

fn answering_session(session: CheckoutSession) -> MockStripeGateway {
    let mut gateway = MockStripeGateway::new();
    gateway
        .expect_fetch_checkout_session()
        .once()
        .return_once(|_| Ok(Some(Answer { object: session, as_of: SECOND + Duration::MINUTE })));
    gateway
}

fn answering_subscription(said: SubscriptionSnapshot) -> MockStripeGateway {
    let mut gateway = MockStripeGateway::new();
    gateway
        .expect_fetch_subscription()
        .once()
        .return_once(|_| Ok(Some(Answer { object: said, as_of: SECOND + Duration::MINUTE })));
    gateway
}

#[pollster::test]
async fn a_payment_takes_stripes_answer_and_the_entry_goes_in_the_same_transaction() {
    let endings = Endings::default();
    let mut work = finishing(&endings);
    work.payments.expect_find_payments_for_update().returning(|_, _| Ok(vec![pending()]));
    work.payments
        .expect_update_payment_statuses()
        .withf(|rows| {
            rows[0].status() == PaymentStatus::Succeeded && rows[0].record().settled_by == Some(SettledBy::Sweep)
        })
        .once()
        .returning(|_| Ok(()));
    let store = store_with_payment(Some(pending()), vec![work.accepting_the_rest()]);
    let done = refresh(&ports(store, answering_session(paid_session())), &of_payment()).await.unwrap();
    assert_eq!(done, Refreshed::Done);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn a_payment_asked_for_because_the_customer_is_back_is_settled_by_the_landing() {
    let mut work = MockUnitOfWork::default();
    work.payments.expect_find_payments_for_update().returning(|_, _| Ok(vec![pending()]));
    work.payments
        .expect_update_payment_statuses()
        .withf(|rows| rows[0].record().settled_by == Some(SettledBy::Landing))
        .once()
        .returning(|_| Ok(()));
    let store = store_with_payment(Some(pending()), vec![work.accepting_the_rest()]);
    let landed = claimed(RefreshObject::Payment(payment_id()), RefreshReason::Landing);
    assert_eq!(refresh(&ports(store, answering_session(paid_session())), &landed).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn a_payment_that_changed_while_stripe_was_asked_is_left_alone_and_asked_again() {
    let endings = Endings::default();
    let mut work = not_finishing(&endings);
    work.payments.expect_find_payments_for_update().returning(|_, _| {
        let mut newer = pending();
        newer.touch();
        Ok(vec![newer])
    });
    work.payments.expect_update_payment_statuses().never();
    let store = store_with_payment(Some(pending()), vec![work.accepting_the_rest()]);
    let overtaken = refresh(&ports(store, answering_session(paid_session())), &of_payment()).await.unwrap();
    assert_eq!(overtaken, Refreshed::Overtaken);
    assert_eq!(endings.all(), [Ending::RolledBack]);
}

#[pollster::test]
async fn an_answer_that_says_nothing_new_raises_the_version_all_the_same() {
    let endings = Endings::default();
    let mut work = finishing(&endings);
    work.payments.expect_find_payments_for_update().returning(|_, _| Ok(vec![pending()]));
    work.payments
        .expect_update_payment_statuses()
        .withf(|rows| rows[0].version() == pending().version() + 1)
        .once()
        .returning(|_| Ok(()));
    let mute = CheckoutSession { status: None, ..paid_session() };
    let store = store_with_payment(Some(pending()), vec![work.accepting_the_rest()]);
    assert_eq!(refresh(&ports(store, answering_session(mute)), &of_payment()).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn an_answer_about_another_amount_credits_nothing() {
    let endings = Endings::default();
    let mut work = finishing(&endings);
    work.payments.expect_find_payments_for_update().returning(|_, _| Ok(vec![pending()]));
    work.payments
        .expect_update_payment_statuses()
        .withf(|rows| rows[0].status() == PaymentStatus::Pending)
        .once()
        .returning(|_| Ok(()));
    let wrong = CheckoutSession { amount_subtotal: Some(1), ..paid_session() };
    let store = store_with_payment(Some(pending()), vec![work.accepting_the_rest()]);
    assert_eq!(refresh(&ports(store, answering_session(wrong)), &of_payment()).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn a_debit_that_failed_unheard_ends_its_payment_and_one_under_way_does_not() {
    let unpaid = CheckoutSession { payment_status: Some(SessionPaymentStatus::Unpaid), ..paid_session() };
    for (has_failed, status) in [(true, PaymentStatus::Failed), (false, PaymentStatus::Processing)] {
        let mut work = MockUnitOfWork::default();
        work.payments.expect_find_payments_for_update().returning(|_, _| Ok(vec![processing()]));
        work.payments
            .expect_update_payment_statuses()
            .withf(move |rows| {
                let row = rows[0].record();
                let settled_by = (status == PaymentStatus::Failed).then_some(SettledBy::Sweep);
                (row.status, row.settled_by, row.settled_at.is_some()) == (status, settled_by, has_failed)
            })
            .once()
            .returning(|_| Ok(()));
        let store = store_with_payment(Some(processing()), vec![work.accepting_the_rest()]);
        let said = CheckoutSession { has_failed, ..unpaid.clone() };
        let overdue = claimed(RefreshObject::Payment(payment_id()), RefreshReason::Overdue);
        assert_eq!(refresh(&ports(store, answering_session(said)), &overdue).await.unwrap(), Refreshed::Done);
    }
}

#[pollster::test]
async fn a_payment_left_creating_gets_its_session_from_the_stored_parameters_and_key() {
    let endings = Endings::default();
    let mut saving = MockUnitOfWork::recording(&endings);
    saving
        .payments
        .expect_save_pending_payment()
        .once()
        .returning(|_| Ok(Some(SavedPayment { payment: pending(), was: PaymentStatus::Creating })));
    let mut gateway = MockStripeGateway::new();
    gateway
        .expect_create_checkout_session()
        .withf(|params, key| *params == creating().record().params && *key == creating().record().idempotency_key)
        .once()
        .returning(|_, _| Ok(opened()));
    let works = vec![saving.accepting_the_rest(), finishing(&endings)];
    let store = store_with_payment(Some(creating()), works);
    assert_eq!(refresh(&ports(store, gateway), &left_creating()).await.unwrap(), Refreshed::Done);
    assert_eq!(endings.all(), [Ending::Committed, Ending::Committed]);
}

#[pollster::test]
async fn a_creation_that_stripe_refuses_for_good_is_done() {
    let endings = Endings::default();
    let mut failing = MockUnitOfWork::recording(&endings);
    failing.payments.expect_find_payments_for_update().returning(|_, _| Ok(vec![creating()]));
    failing
        .payments
        .expect_update_payment_statuses()
        .withf(|rows| rows[0].status() == PaymentStatus::Failed)
        .once()
        .returning(|_| Ok(()));
    let mut gateway = MockStripeGateway::new();
    gateway.expect_create_checkout_session().returning(|_, _| {
        Err(GatewayError::Refused(Refusal { status: 400, code: None, param: None, request_id: None }))
    });
    let store = store_with_payment(Some(creating()), vec![failing.accepting_the_rest(), finishing(&endings)]);
    assert_eq!(refresh(&ports(store, gateway), &left_creating()).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn a_payment_that_is_gone_needs_no_question() {
    let endings = Endings::default();
    let store = store_with_payment(None, vec![finishing(&endings)]);
    assert_eq!(refresh(&ports(store, MockStripeGateway::new()), &of_payment()).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn a_subscription_takes_stripes_answer() {
    let endings = Endings::default();
    let mut work = finishing(&endings);
    work.subscriptions.expect_find_subscriptions_for_update().returning(|_| Ok(vec![stub()]));
    work.subscriptions
        .expect_update_subscription_statuses()
        .withf(|rows| {
            rows[0].status() == SubscriptionStatus::Active && rows[0].record().as_of == SECOND + Duration::MINUTE
        })
        .once()
        .returning(|_| Ok(()));
    work.transitions.expect_record_transitions().withf(|rows| rows.len() == 1).once().returning(|_| Ok(()));
    let store = store_with_subscription(Some(stub()), vec![work.accepting_the_rest()]);
    let gateway = answering_subscription(snapshot(SubscriptionStatus::Active));
    assert_eq!(refresh(&ports(store, gateway), &of_subscription()).await.unwrap(), Refreshed::Done);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn a_slow_answer_cannot_overwrite_a_subscription_that_changed_meanwhile() {
    let endings = Endings::default();
    let mut work = not_finishing(&endings);
    work.subscriptions
        .expect_find_subscriptions_for_update()
        .returning(|_| Ok(vec![subscription(SubscriptionStatus::Active)]));
    work.subscriptions.expect_update_subscription_statuses().never();
    let mut seen = subscription(SubscriptionStatus::Active);
    let _ = seen.refresh(&snapshot(SubscriptionStatus::Active), SECOND, Cause::Sweep, NOW);
    let store = store_with_subscription(Some(seen), vec![work.accepting_the_rest()]);
    let gateway = answering_subscription(snapshot(SubscriptionStatus::PastDue));
    assert_eq!(refresh(&ports(store, gateway), &of_subscription()).await.unwrap(), Refreshed::Overtaken);
    assert_eq!(endings.all(), [Ending::RolledBack]);
}

#[pollster::test]
async fn an_answer_about_another_customers_subscription_writes_nothing() {
    let endings = Endings::default();
    let held = subscription(SubscriptionStatus::Active);
    let store = store_with_subscription(Some(held.clone()), vec![only_noting(&endings, held)]);
    let foreign =
        SubscriptionSnapshot { customer_id: "cus_9".parse().unwrap(), ..snapshot(SubscriptionStatus::Active) };
    assert_eq!(
        refresh(&ports(store, answering_subscription(foreign)), &of_subscription()).await.unwrap(),
        Refreshed::Done
    );
}

#[pollster::test]
async fn a_subscription_that_stripe_does_not_know_keeps_its_last_state() {
    let endings = Endings::default();
    let store = store_with_subscription(Some(stub()), vec![only_noting(&endings, stub())]);
    let mut gateway = MockStripeGateway::new();
    gateway.expect_fetch_subscription().once().returning(|_| Ok(None));
    assert_eq!(refresh(&ports(store, gateway), &of_subscription()).await.unwrap(), Refreshed::Done);
    assert_eq!(endings.all(), [Ending::Committed]);
}

/// A transaction that must leave this row as it is, but for the note that Stripe was asked.
fn only_noting(endings: &Endings, row: Subscription) -> MockUnitOfWork {
    let mut work = finishing(endings);
    let locked = row.clone();
    work.subscriptions.expect_find_subscriptions_for_update().returning(move |_| Ok(vec![locked.clone()]));
    work.subscriptions
        .expect_update_subscription_statuses()
        .withf(move |rows| {
            let noted = SubscriptionRecord { checked_at: NOW, version: row.version() + 1, ..row.record().clone() };
            rows.len() == 1 && *rows[0].record() == noted
        })
        .once()
        .returning(|_| Ok(()));
    work
}

#[pollster::test]
async fn without_a_usable_answer_nothing_is_written_and_the_entry_stays() {
    let mut gateway = MockStripeGateway::new();
    gateway.expect_fetch_checkout_session().returning(|_| Err(GatewayError::RateLimited { retry_after: None }));
    gateway.expect_fetch_subscription().returning(|_| Err(GatewayError::Ambiguous("cut".into())));
    gateway.expect_create_checkout_session().returning(|_, _| Err(GatewayError::Ambiguous("cut".into())));
    let gateway = Arc::new(gateway);
    let mut store = store_of(Vec::new());
    store.expect_find_payment().times(1).returning(|_| Ok(Some(pending())));
    store.expect_find_payment().returning(|_| Ok(Some(creating())));
    store.expect_find_subscription().returning(|_| Ok(Some(stub())));
    let ports = Ports { gateway, ..ports(store, MockStripeGateway::new()) };
    for claimed in [of_payment(), left_creating(), of_subscription()] {
        assert!(matches!(refresh(&ports, &claimed).await, Err(RefreshError::Gateway(_))));
    }
}

#[pollster::test]
async fn a_database_that_does_not_answer_is_an_error() {
    let mut store = MockStore::new();
    store.expect_find_payment().returning(|_| Err(store_error()));
    let ports = ports(store, MockStripeGateway::new());
    assert!(matches!(refresh(&ports, &of_payment()).await, Err(RefreshError::Store(_))));
}

#[pollster::test]
async fn payments_left_creating_are_put_in_the_queue_at_once() {
    let endings = Endings::default();
    let mut work = MockUnitOfWork::recording(&endings);
    work.refreshes
        .expect_request_refreshes()
        .withf(|wishes| wishes.len() == 1 && wishes[0].reason == RefreshReason::Creating && wishes[0].due_at == NOW)
        .once()
        .returning(|_| Ok(()));
    let mut store = store_of(vec![work]);
    store
        .expect_list_payments_left_creating()
        .withf(|before, limit| *before == SECOND && *limit == 10)
        .once()
        .returning(|_, _| Ok(vec![payment_id()]));
    let queued = recover_payments_left_creating(&ports(store, MockStripeGateway::new()), SECOND, 10).await.unwrap();
    assert_eq!(queued, 1);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn with_nothing_left_creating_no_transaction_is_opened() {
    let mut store = store_of(Vec::new());
    store.expect_list_payments_left_creating().returning(|_, _| Ok(Vec::new()));
    let queued = recover_payments_left_creating(&ports(store, MockStripeGateway::new()), SECOND, 10).await.unwrap();
    assert_eq!(queued, 0);
}
