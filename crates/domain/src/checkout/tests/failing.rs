//! Stripe or the database refuses, or does not answer.

use super::*;

/// A transaction that finds the payment as it was left and expects it to be written like this.
fn changing(check: fn(&Payment) -> bool) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.payments.expect_find_payments_for_update().returning(|_, _| Ok(vec![creating()]));
    work.payments.expect_update_payment_statuses().withf(move |rows| check(&rows[0])).once().returning(|_| Ok(()));
    work.accepting_the_rest()
}

#[pollster::test]
async fn a_failure_that_stripe_stores_under_the_key_replaces_the_key() {
    let mut gateway = gateway_quoting(quote());
    gateway.expect_create_checkout_session().return_once(|_, _| Err(GatewayError::KeySpent { status: 500 }));
    let replaced = |payment: &Payment| payment.record().idempotency_key == uuid::Uuid::from_u128(9).to_string();
    let works = vec![customer_known(), free_slot(), changing(replaced)];
    let mut settled = over(works, gateway);
    let first = payment_id().as_uuid();
    let mut given = vec![uuid::Uuid::from_u128(9), first, first];
    let mut ids = crate::mock::MockIdSource::new();
    ids.expect_new_uuid().returning_st(move || given.pop().expect("three ids"));
    settled.ports.ids = std::sync::Arc::new(ids);
    let error = settled.create_checkout_session(&user(), &order()).await.unwrap_err();
    assert!(matches!(error, CheckoutError::Unavailable(GatewayError::KeySpent { status: 500 })));
}

#[pollster::test]
async fn a_definitive_refusal_ends_the_payment_as_failed() {
    for (param, of_the_price) in [(Some("line_items[0][price]"), true), (Some("success_url"), false), (None, false)] {
        let mut gateway = gateway_quoting(quote());
        gateway.expect_create_checkout_session().return_once(move |_, _| Err(refusal(param)));
        let works = vec![customer_known(), free_slot(), changing(|payment| payment.status() == PaymentStatus::Failed)];
        let error = over(works, gateway).create_checkout_session(&user(), &order()).await.unwrap_err();
        assert_eq!(matches!(error, CheckoutError::PriceNotAvailable), of_the_price);
        assert_eq!(matches!(error, CheckoutError::Refused(_)), !of_the_price);
    }
}

#[pollster::test]
async fn stripe_out_of_reach_for_the_price_or_the_customer_stores_no_payment() {
    let mut gateway = MockStripeGateway::new();
    gateway.expect_quote_price().returning(|_| Err(unreachable_stripe()));
    let error = over(Vec::new(), gateway).create_checkout_session(&user(), &order()).await.unwrap_err();
    assert!(matches!(error, CheckoutError::Unavailable(_)));

    let mut work = MockUnitOfWork::default();
    work.customers.expect_find_or_insert_customer().returning(|_, _| Ok(Customer { customer_id: None, ..customer() }));
    let mut gateway = gateway_quoting(quote());
    gateway.expect_find_or_create_customer().returning(|_, _| Err(unreachable_stripe()));
    let error = over(vec![work], gateway).create_checkout_session(&user(), &order()).await.unwrap_err();
    assert!(matches!(error, CheckoutError::Unavailable(_)));
}

#[pollster::test]
async fn a_click_that_always_loses_the_race_gives_up_after_a_bounded_number_of_rounds() {
    let occupied = || {
        let mut work = MockUnitOfWork::default();
        work.payments.expect_reserve_payment().returning(|_| Ok(Reservation::Occupied));
        work.accepting_the_rest()
    };
    let works = vec![customer_known(), occupied(), occupied(), occupied(), occupied()];
    let error = over(works, gateway_quoting(quote())).create_checkout_session(&user(), &order()).await.unwrap_err();
    assert!(matches!(error, CheckoutError::Busy));
}

#[pollster::test]
async fn a_database_that_does_not_answer_stops_the_click() {
    let mut store = MockStore::new();
    store.expect_begin().returning(|| Err(store_error()));
    let settled = settled(store, gateway_quoting(quote()), MockIntake::new());
    let error = settled.create_checkout_session(&user(), &order()).await.unwrap_err();
    assert!(matches!(error, CheckoutError::Store(_)));
}

#[pollster::test]
async fn without_a_usable_answer_the_row_stays_creating() {
    for error in [
        unreachable_stripe(),
        GatewayError::RateLimited { retry_after: None },
        GatewayError::Unauthorized { status: 401 },
    ] {
        let mut gateway = gateway_quoting(quote());
        gateway.expect_create_checkout_session().return_once(|_, _| Err(error));
        let works = vec![customer_known(), free_slot()];
        let error = over(works, gateway).create_checkout_session(&user(), &order()).await.unwrap_err();
        assert!(matches!(error, CheckoutError::Unavailable(_)));
    }
}
