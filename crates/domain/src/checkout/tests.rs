mod failing;
mod revisiting;

use std::sync::{Arc, Mutex};

use time::Duration;

use super::*;
use crate::catalogue::{Quote, TrialDays};
use crate::customer::Customer;
use crate::examples::{
    NOW, SECOND, creating, creating_for, customer, customer_id, one_time_quote, open_session as open, opened, order,
    paid_session, payment_id, pending, quote, session_id, settled, store_error, store_of, stub, subscription, usd,
    user,
};
use crate::ids::PriceId;
use crate::mock::{Ending, Endings, MockIntake, MockStore, MockStripeGateway, MockUnitOfWork};
use crate::money::Quantity;
use crate::payment::{Payment, PaymentFact, PaymentStatus};
use crate::ports::{Answer, GatewayError, PriceAnswer, Refusal, Reservation, SavedPayment};
use crate::session::{CheckoutSession, SessionStatus};
use crate::settled::Settled;
use crate::subscription::SubscriptionStatus;
use crate::transition::Cause;

/// A transaction in which the user's customer is found.
fn customer_known() -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.customers.expect_find_or_insert_customer().once().returning(|_, _| Ok(customer()));
    work
}

/// A transaction that looks at the slot and finds this payment in it.
fn slot_with(payment: Payment) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.payments
        .expect_find_open_payment_for_update()
        .withf(|user_id, slot| *user_id == user() && slot.as_str() == "default")
        .once()
        .returning(move |_, _| Ok(Some(payment.clone())));
    work.accepting_the_rest()
}

fn free_slot() -> MockUnitOfWork {
    MockUnitOfWork::default().accepting_the_rest()
}

/// A transaction in which the session is saved.
fn saving() -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.payments
        .expect_save_pending_payment()
        .withf(|saved| saved.payment_id == payment_id() && saved.opened == opened() && saved.at == NOW)
        .once()
        .returning(|_| Ok(Some(SavedPayment { payment: pending(), was: PaymentStatus::Creating })));
    work.accepting_the_rest()
}

fn gateway_quoting(quote: Quote) -> MockStripeGateway {
    let mut gateway = MockStripeGateway::new();
    gateway.expect_quote_price().returning(move |_| Ok(PriceAnswer::Quoted(quote.clone())));
    gateway
}

fn gateway_creating() -> MockStripeGateway {
    let mut gateway = gateway_quoting(quote());
    gateway
        .expect_create_checkout_session()
        .withf(|params, key| *params == creating().record().params && *key == creating().record().idempotency_key)
        .once()
        .returning(|_, _| Ok(opened()));
    gateway
}

fn over(works: Vec<MockUnitOfWork>, gateway: MockStripeGateway) -> Settled {
    settled(store_of(works), gateway, MockIntake::new())
}

fn answer(session: CheckoutSession) -> Answer<CheckoutSession> {
    Answer { object: session, as_of: SECOND + Duration::MINUTE }
}

fn unreachable_stripe() -> GatewayError {
    GatewayError::Ambiguous("timed out".into())
}

fn refusal(param: Option<&str>) -> GatewayError {
    let param = param.map(str::to_owned);
    GatewayError::Refused(Refusal { status: 400, code: None, param, request_id: None })
}

#[pollster::test]
async fn create_checkout_session_commits_the_payment_then_asks_stripe_then_saves_the_session() {
    let endings = Endings::default();
    let mut reserving = MockUnitOfWork::recording(&endings);
    reserving
        .payments
        .expect_reserve_payment()
        .withf(|payment| *payment == creating())
        .once()
        .returning(|_| Ok(Reservation::Taken));
    let seen = endings.clone();
    let mut gateway = gateway_quoting(quote());
    gateway.expect_create_checkout_session().once().returning(move |_, _| {
        assert_eq!(seen.all(), [Ending::Committed], "the row is committed before Stripe is called");
        Ok(opened())
    });
    let works = vec![customer_known(), reserving.accepting_the_rest(), saving()];
    let checkout = over(works, gateway).create_checkout_session(&user(), &order()).await.unwrap();
    assert_eq!(
        checkout,
        Checkout {
            payment_id: payment_id(),
            session_id: session_id(),
            url: opened().url.unwrap(),
            expires_at: opened().expires_at,
            is_new: true,
        }
    );
}

#[pollster::test]
async fn save_pending_payment_that_finds_the_payment_settled_already_hands_out_nothing() {
    let mut overtaken = MockUnitOfWork::default();
    overtaken.payments.expect_save_pending_payment().returning(|_| {
        let mut payment = pending();
        let session = paid_session();
        let status = PaymentStatus::Succeeded;
        let _ = payment.apply(&PaymentFact { status, session: &session, as_of: SECOND, cause: Cause::Webhook }, NOW);
        Ok(Some(SavedPayment { payment, was: PaymentStatus::Succeeded }))
    });
    let mut subscribed = MockUnitOfWork::default();
    subscribed.subscriptions.expect_find_live_subscription().returning(|_, _| Ok(Some(stub())));
    let works = vec![customer_known(), free_slot(), overtaken.accepting_the_rest(), subscribed.accepting_the_rest()];
    let error = over(works, gateway_creating()).create_checkout_session(&user(), &order()).await.unwrap_err();
    assert!(matches!(error, CheckoutError::AlreadySubscribed { pay_url: None }));
}

#[pollster::test]
async fn the_amount_is_the_catalogues_times_the_quantity() {
    let order = Order { quantity: Quantity::new(3).unwrap(), ..order() };
    let mut reserving = MockUnitOfWork::default();
    reserving
        .payments
        .expect_reserve_payment()
        .withf(|payment| payment.record().quoted == usd(5700) && payment.record().params.quantity == 3)
        .once()
        .returning(|_| Ok(Reservation::Taken));
    let mut gateway = gateway_quoting(quote());
    gateway
        .expect_create_checkout_session()
        .withf(|params, _| params.quantity == 3)
        .once()
        .returning(|_, _| Ok(opened()));
    let works = vec![customer_known(), reserving.accepting_the_rest(), saving()];
    assert!(over(works, gateway).create_checkout_session(&user(), &order).await.is_ok());
}

fn quote_with_trial() -> Quote {
    Quote { trial: TrialDays::try_from(14).ok(), ..quote() }
}

/// Buys a price with a trial, and returns the trial that was stored and the one that was asked for.
async fn trial_given_to_one_who(has_had_a_subscription: bool) -> [Option<TrialDays>; 2] {
    let given = Arc::new(Mutex::new(Vec::new()));
    let (stored, asked) = (given.clone(), given.clone());
    let mut reserving = MockUnitOfWork::default();
    reserving
        .subscriptions
        .expect_has_had_subscription()
        .withf(|user_id, slot| *user_id == user() && slot.as_str() == "default")
        .once()
        .returning(move |_, _| Ok(has_had_a_subscription));
    reserving.payments.expect_reserve_payment().once().returning(move |payment| {
        stored.lock().unwrap().push(payment.record().params.trial_period_days);
        Ok(Reservation::Taken)
    });
    let mut gateway = gateway_quoting(quote_with_trial());
    gateway.expect_create_checkout_session().once().returning(move |params, _| {
        asked.lock().unwrap().push(params.trial_period_days);
        Ok(opened())
    });
    let works = vec![customer_known(), reserving.accepting_the_rest(), saving()];
    over(works, gateway).create_checkout_session(&user(), &order()).await.unwrap();
    let given = given.lock().unwrap().clone();
    given.try_into().unwrap()
}

#[pollster::test]
async fn the_first_subscription_in_a_slot_begins_with_the_prices_trial() {
    assert_eq!(trial_given_to_one_who(false).await, [quote_with_trial().trial; 2]);
}

#[pollster::test]
async fn who_has_had_a_subscription_in_the_slot_gets_no_second_trial() {
    assert_eq!(trial_given_to_one_who(true).await, [None; 2]);
}

#[pollster::test]
async fn without_a_trial_nobody_asks_about_earlier_subscriptions() {
    let mut reserving = MockUnitOfWork::default();
    reserving.subscriptions.expect_has_had_subscription().never();
    let works = vec![customer_known(), reserving.accepting_the_rest(), saving()];
    assert!(over(works, gateway_creating()).create_checkout_session(&user(), &order()).await.is_ok());
}

#[pollster::test]
async fn an_amount_beyond_all_bounds_is_not_available_and_reserves_nothing() {
    let order = Order { quantity: Quantity::new(2).unwrap(), ..order() };
    let huge = Quote { unit: usd(i64::MAX), ..quote() };
    let works = vec![customer_known(), free_slot()];
    let error = over(works, gateway_quoting(huge)).create_checkout_session(&user(), &order).await.unwrap_err();
    assert!(matches!(error, CheckoutError::PriceNotAvailable));
}

#[pollster::test]
async fn a_price_that_is_not_available_is_refused_before_anything_is_stored() {
    let mut gateway = MockStripeGateway::new();
    gateway.expect_quote_price().returning(|_| Ok(PriceAnswer::NotAvailable));
    let error = over(Vec::new(), gateway).create_checkout_session(&user(), &order()).await.unwrap_err();
    assert!(matches!(error, CheckoutError::PriceNotAvailable));
}

#[pollster::test]
async fn a_price_outside_the_assortment_is_not_available_and_stripe_is_not_even_asked() {
    let mut settled = over(Vec::new(), MockStripeGateway::new());
    settled.policy.assortment = Assortment::only([PriceId::new("price_other").unwrap()]);
    let error = settled.create_checkout_session(&user(), &order()).await.unwrap_err();
    assert!(matches!(error, CheckoutError::PriceNotAvailable));
}

#[pollster::test]
async fn a_new_user_gets_one_customer_whose_id_is_committed_before_the_session_is_made() {
    let endings = Endings::default();
    let mut inserting = MockUnitOfWork::recording(&endings);
    inserting
        .customers
        .expect_find_or_insert_customer()
        .returning(|_, _| Ok(Customer { customer_id: None, ..customer() }));
    let mut naming = MockUnitOfWork::recording(&endings);
    naming
        .customers
        .expect_save_customer_id()
        .withf(|key, id| *key == customer().key && *id == customer_id())
        .once()
        .returning(|_, _| Ok(customer_id()));
    let mut gateway = MockStripeGateway::new();
    gateway.expect_quote_price().returning(|_| Ok(PriceAnswer::Quoted(quote())));
    let before = endings.clone();
    gateway
        .expect_find_or_create_customer()
        .withf(|key, user_id| *key == customer().key && *user_id == user())
        .once()
        .returning(move |_, _| {
            assert_eq!(before.all(), [Ending::Committed]);
            Ok(customer_id())
        });
    let after = endings.clone();
    gateway.expect_create_checkout_session().once().returning(move |_, _| {
        assert_eq!(after.all(), [Ending::Committed, Ending::Committed]);
        Ok(opened())
    });
    let works = vec![inserting, naming, free_slot(), saving()];
    assert!(over(works, gateway).create_checkout_session(&user(), &order()).await.unwrap().is_new);
}

#[pollster::test]
async fn a_living_subscription_refuses_a_second_one() {
    for status in [SubscriptionStatus::Active, SubscriptionStatus::Trialing, SubscriptionStatus::Paused] {
        let mut work = MockUnitOfWork::default();
        work.subscriptions.expect_find_live_subscription().returning(move |_, _| Ok(Some(subscription(status))));
        let works = vec![customer_known(), work.accepting_the_rest()];
        let error = over(works, gateway_quoting(quote())).create_checkout_session(&user(), &order()).await.unwrap_err();
        assert!(matches!(error, CheckoutError::AlreadySubscribed { pay_url: None }), "{status}");
    }
}

#[pollster::test]
async fn a_subscription_that_waits_for_money_comes_with_the_page_to_pay_it() {
    for status in [SubscriptionStatus::Incomplete, SubscriptionStatus::PastDue, SubscriptionStatus::Unpaid] {
        for found in [Ok(Some("https://pay.example".to_owned())), Err(unreachable_stripe())] {
            let mut work = MockUnitOfWork::default();
            work.subscriptions.expect_find_live_subscription().returning(move |_, _| Ok(Some(subscription(status))));
            let mut gateway = gateway_quoting(quote());
            let expected = found.as_ref().ok().cloned().flatten();
            gateway.expect_find_pay_url().once().return_once(|_| found);
            let works = vec![customer_known(), work.accepting_the_rest()];
            let error = over(works, gateway).create_checkout_session(&user(), &order()).await.unwrap_err();
            let CheckoutError::AlreadySubscribed { pay_url } = error else { panic!("{error}") };
            assert_eq!(pay_url, expected);
        }
    }
}

#[pollster::test]
async fn a_one_time_price_asks_for_no_subscription() {
    let mut reserving = MockUnitOfWork::default();
    reserving.subscriptions.expect_find_live_subscription().never();
    reserving
        .payments
        .expect_reserve_payment()
        .withf(|payment| payment.slot().as_str() == "price_lifetime" && payment.record().params.mode == "payment")
        .once()
        .returning(|_| Ok(Reservation::Taken));
    let mut gateway = gateway_quoting(one_time_quote());
    gateway.expect_create_checkout_session().once().returning(|_, _| Ok(opened()));
    let works = vec![customer_known(), reserving.accepting_the_rest(), saving()];
    let order = Order { price_id: one_time_quote().price_id, quantity: Quantity::ONE };
    assert!(over(works, gateway).create_checkout_session(&user(), &order).await.is_ok());
}

#[test]
fn the_parameters_carry_the_payment_in_every_place_that_comes_back() {
    let params = creating().record().params.clone();
    assert_eq!(params.client_reference_id, payment_id().to_string());
    assert_eq!(params.metadata["payment_id"], payment_id().to_string());
    assert_eq!(params.metadata["slot"], "default");
    assert!(params.is_subscription());
    assert_eq!(params.price_id, PriceId::new("price_basic").unwrap());
}
