use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalogue::{Quote, Slot, TrialDays};
use crate::ids::{CustomerId, PaymentId, PriceId};
use crate::money::Quantity;
use crate::payment::CheckoutMode;
use crate::settled::Policy;

/// Exactly what is sent to Stripe to create a Checkout Session, kept in the payment's row: an idempotency key may only
/// be used again with the same parameters (<https://docs.stripe.com/api/idempotent_requests>).
///
/// Rows outlive the version that wrote them: a parameter that is added later is absent in them and must then not be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutParams {
    /// `mode`: `payment` or `subscription`.
    pub mode: String,
    /// `line_items[0][price]`
    pub price_id: PriceId,
    /// `line_items[0][quantity]`
    pub quantity: u32,
    /// `customer`
    pub customer_id: CustomerId,
    /// `client_reference_id`
    pub client_reference_id: String,
    /// `success_url`, with Stripe's placeholder `{CHECKOUT_SESSION_ID}`.
    pub success_url: String,
    /// `cancel_url`
    pub cancel_url: String,
    /// `metadata` of the session, and of the subscription or `PaymentIntent` that it makes.
    pub metadata: BTreeMap<String, String>,
    /// `subscription_data[trial_period_days]`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_period_days: Option<TrialDays>,
    /// `allow_promotion_codes`, sent only when it is `true`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_promotion_codes: bool,
}

/// Whether Stripe's page has a field for a promotion code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PromotionCodes {
    /// It has none: everybody pays the whole price.
    #[default]
    NotTaken,
    /// It has one, and takes the codes that are active in the catalogue.
    Taken,
}

/// Where Stripe sends the customer's browser. Both come from configuration and never from a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnUrls {
    /// After paying; must contain Stripe's placeholder `{CHECKOUT_SESSION_ID}`.
    pub success: String,
    /// After *back*.
    pub cancel: String,
}

impl CheckoutParams {
    /// The parameters of one payment; with the quote's trial, if it has one.
    #[must_use]
    pub fn new(id: PaymentId, customer_id: CustomerId, quote: &Quote, quantity: Quantity, policy: &Policy) -> Self {
        let urls = &policy.return_urls;
        let slot: Slot = quote.slot();
        Self {
            mode: quote.mode.as_str().to_owned(),
            price_id: quote.price_id.clone(),
            quantity: quantity.get(),
            customer_id,
            client_reference_id: id.to_string(),
            success_url: urls.success.clone(),
            cancel_url: urls.cancel.clone(),
            metadata: BTreeMap::from([
                ("payment_id".to_owned(), id.to_string()),
                ("slot".to_owned(), slot.as_str().to_owned()),
            ]),
            trial_period_days: quote.trial,
            allow_promotion_codes: policy.promotion_codes == PromotionCodes::Taken,
        }
    }

    /// Whether a single payment or a subscription is made.
    #[must_use]
    pub fn is_subscription(&self) -> bool {
        self.mode == CheckoutMode::Subscription.as_str()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::examples::{creating, creating_for, policy, quote};

    /// What the first version wrote into the row of an order like the examples'.
    fn written_by_the_first_version() -> serde_json::Value {
        json!({
            "mode": "subscription",
            "price_id": "price_basic",
            "quantity": 1,
            "customer_id": "cus_1",
            "client_reference_id": "00000000-0000-0000-0000-000000000001",
            "success_url": "https://shop.example/success?session_id={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://shop.example/cancel",
            "metadata": { "payment_id": "00000000-0000-0000-0000-000000000001", "slot": "default" },
        })
    }

    #[test]
    fn parameters_that_an_older_version_stored_are_sent_as_they_were() {
        let params: CheckoutParams = serde_json::from_value(written_by_the_first_version()).unwrap();
        assert_eq!(params, creating().record().params);
        assert_eq!((params.trial_period_days, params.allow_promotion_codes), (None, false));
    }

    #[test]
    fn parameters_without_trial_and_codes_are_stored_as_they_always_were() {
        assert_eq!(serde_json::to_value(&creating().record().params).unwrap(), written_by_the_first_version());
    }

    #[test]
    fn trial_and_codes_survive_being_stored() {
        let trial = Some(TrialDays::try_from(14).unwrap());
        let quote = Quote { trial, ..quote() };
        let policy = Policy { promotion_codes: PromotionCodes::Taken, ..policy() };
        let id = creating_for(&quote, Quantity::ONE).id();
        let params = CheckoutParams::new(id, CustomerId::new("cus_1").unwrap(), &quote, Quantity::ONE, &policy);
        assert_eq!((params.trial_period_days, params.allow_promotion_codes), (trial, true));
        let stored = serde_json::to_string(&params).unwrap();
        assert_eq!(serde_json::from_str::<CheckoutParams>(&stored).unwrap(), params);
    }

    #[test]
    fn a_stored_trial_that_cannot_be_one_is_not_read() {
        for days in [json!(0), json!(731), json!(-1), json!("14")] {
            let mut stored = written_by_the_first_version();
            stored["trial_period_days"] = days;
            assert!(serde_json::from_value::<CheckoutParams>(stored).is_err());
        }
    }
}
