use std::collections::BTreeMap;

use settled_domain::catalogue::TrialDays;
use settled_domain::ids::CustomerId;
use url::form_urlencoded;

use super::*;

fn params(mode: &str) -> CheckoutParams {
    CheckoutParams {
        mode: mode.to_owned(),
        price_id: PriceId::new("price_1").unwrap(),
        quantity: 2,
        customer_id: CustomerId::new("cus_1").unwrap(),
        client_reference_id: "0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11".to_owned(),
        success_url: "https://shop.test/success?session_id={CHECKOUT_SESSION_ID}".to_owned(),
        cancel_url: "https://shop.test/cancel?a=1&b=2".to_owned(),
        metadata: ["payment_id", "slot", "a", "b", "c", "d", "e", "f"]
            .map(|name| (name.to_owned(), format!("{name} & = é")))
            .into(),
        trial_period_days: None,
        allow_promotion_codes: false,
    }
}

fn fields(call: &Call) -> BTreeMap<String, String> {
    form_urlencoded::parse(call.request.body.as_deref().unwrap().as_bytes()).into_owned().collect()
}

#[test]
fn a_subscription_session_says_exactly_what_the_parameters_say() {
    let mut params = params("subscription");
    params.metadata = [("payment_id".to_owned(), "p é&".to_owned()), ("slot".to_owned(), "default".to_owned())].into();
    let call = create_session(&params, "key-1");
    let expected = [
        ("cancel_url", "https://shop.test/cancel?a=1&b=2"),
        ("client_reference_id", "0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11"),
        ("customer", "cus_1"),
        ("line_items[0][price]", "price_1"),
        ("line_items[0][quantity]", "2"),
        ("metadata[payment_id]", "p é&"),
        ("metadata[slot]", "default"),
        ("mode", "subscription"),
        ("subscription_data[metadata][payment_id]", "p é&"),
        ("subscription_data[metadata][slot]", "default"),
        ("success_url", "https://shop.test/success?session_id={CHECKOUT_SESSION_ID}"),
    ];
    assert_eq!(fields(&call), expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert_eq!(call.key.as_deref(), Some("key-1"));
}

#[test]
fn a_payment_session_puts_its_metadata_on_the_payment_intent() {
    let fields = fields(&create_session(&params("payment"), "key-1"));
    assert_eq!(fields["mode"], "payment");
    assert_eq!(fields["payment_intent_data[metadata][slot]"], "slot & = é");
    assert!(fields.keys().all(|name| !name.starts_with("subscription_data")));
}

#[test]
fn a_trial_and_promotion_codes_are_asked_for_only_when_the_parameters_say_so() {
    let trial_period_days = TrialDays::try_from(14).ok();
    let params = CheckoutParams { trial_period_days, allow_promotion_codes: true, ..params("subscription") };
    let asked = fields(&create_session(&params, "key-1"));
    assert_eq!(asked["subscription_data[trial_period_days]"], "14");
    assert_eq!(asked["allow_promotion_codes"], "true");
    let silent = CheckoutParams { trial_period_days: None, allow_promotion_codes: false, ..params };
    let silent = fields(&create_session(&silent, "key-1"));
    assert_eq!(silent.len(), asked.len() - 2, "{silent:?}");
}

#[test]
fn the_same_parameters_make_the_same_bytes() {
    for mode in ["payment", "subscription"] {
        let first = create_session(&params(mode), "key-1").request.body;
        for _ in 0..50 {
            assert_eq!(create_session(&params(mode), "key-1").request.body, first);
        }
    }
}

#[test]
fn payment_method_types_are_never_named() {
    for mode in ["payment", "subscription"] {
        let fields = fields(&create_session(&params(mode), "key-1"));
        assert!(fields.keys().all(|name| !name.contains("payment_method_types")));
    }
}

#[test]
fn a_customer_is_created_with_its_user_and_a_key_of_its_own() {
    let key: CustomerKey = "0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11".parse().unwrap();
    let user = UserId::new("auth0|алиса").unwrap();
    let first = create_customer(key, 0, &user);
    assert_eq!(fields(&first), [("metadata[user_id]".to_owned(), "auth0|алиса".to_owned())].into());
    assert_eq!(first.key.as_deref(), Some("customer-0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11"));
    assert_ne!(create_customer(key, 1, &user).key, first.key);
}

#[test]
fn questions_have_no_key() {
    let session = "cs_test_1".parse().unwrap();
    let subscription = "sub_1".parse().unwrap();
    for call in [
        retrieve_account(),
        retrieve_price(&"price_1".parse().unwrap()),
        list_prices(None),
        retrieve_session(&session),
        retrieve_subscription(&subscription),
        retrieve_subscription_and_invoice(&subscription),
    ] {
        assert_eq!(call.key, None);
        assert_eq!(call.request.body, None);
    }
}
