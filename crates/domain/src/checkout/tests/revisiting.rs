//! The slot holds a payment already when its user clicks again.

use super::*;

#[pollster::test]
async fn a_payment_still_processing_refuses_another() {
    let mut processing = pending();
    let session = CheckoutSession { subscription_id: None, ..paid_session() };
    let status = PaymentStatus::Processing;
    let _ = processing.apply(&PaymentFact { status, session: &session, as_of: SECOND, cause: Cause::Webhook }, NOW);
    let works = vec![customer_known(), slot_with(processing)];
    let error = over(works, gateway_quoting(quote())).create_checkout_session(&user(), &order()).await.unwrap_err();
    assert!(matches!(error, CheckoutError::PaymentProcessing));
}

#[pollster::test]
async fn a_click_on_a_payment_left_creating_sends_the_same_again() {
    let works = vec![customer_known(), slot_with(creating()), saving()];
    let checkout = over(works, gateway_creating()).create_checkout_session(&user(), &order()).await.unwrap();
    assert!(!checkout.is_new);
}

#[pollster::test]
async fn a_click_on_an_open_session_hands_out_the_same_session() {
    let mut gateway = gateway_quoting(quote());
    gateway.expect_fetch_checkout_session().once().returning(|_| Ok(Some(answer(open()))));
    let works = vec![customer_known(), slot_with(pending())];
    let checkout = over(works, gateway).create_checkout_session(&user(), &order()).await.unwrap();
    assert_eq!((checkout.session_id, checkout.is_new), (session_id(), false));
}

#[pollster::test]
async fn another_order_expires_the_open_session_at_stripe_first() {
    let endings = Endings::default();
    let mut expiring = MockUnitOfWork::recording(&endings);
    expiring.payments.expect_find_payments_for_update().returning(|_, _| Ok(vec![pending()]));
    expiring
        .payments
        .expect_update_payment_statuses()
        .withf(|rows| rows[0].status() == PaymentStatus::Expired)
        .once()
        .returning(|_| Ok(()));
    let mut gateway = gateway_quoting(quote());
    gateway.expect_fetch_checkout_session().once().returning(|_| Ok(Some(answer(open()))));
    gateway
        .expect_expire_checkout_session()
        .withf(|id| *id == session_id())
        .once()
        .returning(|_| Ok(Some(answer(CheckoutSession { status: Some(SessionStatus::Expired), url: None, ..open() }))));
    gateway.expect_create_checkout_session().once().returning(|_, _| Ok(opened()));
    let before = creating_for(&Quote { price_id: "price_pro".parse().unwrap(), ..quote() }, Quantity::ONE);
    let mut other = before;
    other.open(&opened(), NOW).unwrap();
    let works = vec![customer_known(), slot_with(other), expiring.accepting_the_rest(), free_slot(), saving()];
    assert!(over(works, gateway).create_checkout_session(&user(), &order()).await.unwrap().is_new);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn a_session_that_has_been_paid_meanwhile_is_settled_and_not_sold_again() {
    let mut settling = MockUnitOfWork::default();
    settling.payments.expect_find_payments_for_update().returning(|_, _| Ok(vec![pending()]));
    settling
        .payments
        .expect_update_payment_statuses()
        .withf(|rows| rows[0].status() == PaymentStatus::Succeeded)
        .once()
        .returning(|_| Ok(()));
    settling
        .subscriptions
        .expect_create_subscription_records()
        .withf(|rows| rows.len() == 1 && rows[0].is_stub())
        .once()
        .returning(|_| Ok(()));
    let mut subscribed = MockUnitOfWork::default();
    subscribed.subscriptions.expect_find_live_subscription().returning(|_, _| Ok(Some(stub())));
    let mut gateway = gateway_quoting(quote());
    gateway.expect_fetch_checkout_session().once().returning(|_| Ok(Some(answer(paid_session()))));
    let works =
        vec![customer_known(), slot_with(pending()), settling.accepting_the_rest(), subscribed.accepting_the_rest()];
    let error = over(works, gateway).create_checkout_session(&user(), &order()).await.unwrap_err();
    assert!(matches!(error, CheckoutError::AlreadySubscribed { .. }));
}

#[pollster::test]
async fn an_answer_older_than_a_webhook_that_came_meanwhile_is_not_written() {
    let mut overtaken = MockUnitOfWork::default();
    overtaken.payments.expect_find_payments_for_update().returning(|_, _| {
        let mut moved = pending();
        moved.touch();
        Ok(vec![moved])
    });
    overtaken.payments.expect_update_payment_statuses().never();
    let mut gateway = gateway_quoting(quote());
    gateway.expect_fetch_checkout_session().times(1).returning(|_| Ok(None));
    gateway.expect_create_checkout_session().once().returning(|_, _| Ok(opened()));
    let works = vec![customer_known(), slot_with(pending()), overtaken.accepting_the_rest(), free_slot(), saving()];
    assert!(over(works, gateway).create_checkout_session(&user(), &order()).await.is_ok());
}

#[pollster::test]
async fn a_session_that_stripe_does_not_know_frees_the_slot() {
    let mut freeing = MockUnitOfWork::default();
    freeing.payments.expect_find_payments_for_update().returning(|_, _| Ok(vec![pending()]));
    freeing
        .payments
        .expect_update_payment_statuses()
        .withf(|rows| rows[0].status() == PaymentStatus::Expired)
        .once()
        .returning(|_| Ok(()));
    let mut gateway = gateway_quoting(quote());
    gateway.expect_fetch_checkout_session().once().returning(|_| Ok(None));
    gateway.expect_create_checkout_session().once().returning(|_, _| Ok(opened()));
    let works = vec![customer_known(), slot_with(pending()), freeing.accepting_the_rest(), free_slot(), saving()];
    assert!(over(works, gateway).create_checkout_session(&user(), &order()).await.unwrap().is_new);
}
