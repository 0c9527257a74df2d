//! The test cards and test accounts that are simulated, by number and by name.
//!
//! <https://docs.stripe.com/testing>

use crate::ids;
use crate::objects::{Address, Behaviour, MethodKind, PaymentMethod};
use crate::params::Metadata;

/// A card or an account for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TestMethod {
    /// Of the card or of the account.
    pub(crate) number: &'static str,
    /// `visa` is the card of `pm_card_visa` and `tok_visa`.
    names: &'static [&'static str],
    pub(crate) behaviour: Behaviour,
}

const CARDS: [TestMethod; 12] = [
    card("4242424242424242", &["visa"], Behaviour::Pays),
    card("4000000000000077", &["bypassPending"], Behaviour::Pays),
    card("4000000000000002", &["chargeDeclined", "visa_chargeDeclined"], Behaviour::Declines),
    card(
        "4000000000009995",
        &["chargeDeclinedInsufficientFunds", "visa_chargeDeclinedInsufficientFunds"],
        Behaviour::InsufficientFunds,
    ),
    card("4000000000000341", &["chargeCustomerFail"], Behaviour::DeclinesOnceAttached),
    card("4000002500003155", &["authenticationRequiredOnSetup"], Behaviour::AsksOnce),
    card("4000002760003184", &["authenticationRequired"], Behaviour::AsksAlways),
    card("4000000000003220", &["threeDSecure2Required"], Behaviour::AsksAlways),
    card("4000000000000259", &["createDispute"], Behaviour::IsDisputed),
    card("4000000000001976", &["createDisputeInquiry"], Behaviour::IsInquired),
    card("4000000000005126", &["refundFail"], Behaviour::RefundFails),
    card("4000000000007726", &["pendingRefund"], Behaviour::RefundPends),
];

/// All with the routing number 110000000.
const ACCOUNTS: [TestMethod; 3] = [
    card("000123456789", &[], Behaviour::Settles),
    card("000111111116", &[], Behaviour::AccountClosed),
    card("000222222227", &[], Behaviour::AccountEmpty),
];

const fn card(number: &'static str, names: &'static [&'static str], behaviour: Behaviour) -> TestMethod {
    TestMethod { number, names, behaviour }
}

pub(crate) fn card_by_number(number: &str) -> Option<TestMethod> {
    CARDS.into_iter().find(|card| card.number == number)
}

pub(crate) fn account_by_number(number: &str) -> Option<TestMethod> {
    ACCOUNTS.into_iter().find(|account| account.number == number)
}

/// The card of `tok_visa` and its like.
pub(crate) fn card_by_token(token: &str) -> Option<TestMethod> {
    card_by_name(token.strip_prefix("tok_")?)
}

/// The card of `pm_card_visa` and its like.
pub(crate) fn card_by_method(id: &str) -> Option<TestMethod> {
    card_by_name(id.strip_prefix("pm_card_")?)
}

fn card_by_name(name: &str) -> Option<TestMethod> {
    CARDS.into_iter().find(|card| card.names.contains(&name))
}

impl TestMethod {
    /// A new payment method of this kind; nobody's yet.
    pub(crate) fn payment_method(self, kind: MethodKind, now: i64, (exp_month, exp_year): (u8, u16)) -> PaymentMethod {
        let last4 = &self.number[self.number.len() - 4..];
        PaymentMethod {
            id: ids::object_id("pm_1", 23),
            created: now,
            kind,
            behaviour: self.behaviour,
            customer: None,
            email: None,
            name: None,
            address: Address::default(),
            last4: last4.to_owned(),
            fingerprint: format!("sandbox{last4}"),
            exp_month,
            exp_year,
            metadata: Metadata::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_has_a_number_a_token_and_a_payment_method() {
        let by_number = card_by_number("4242424242424242");
        assert_eq!(card_by_token("tok_visa"), by_number);
        assert_eq!(card_by_method("pm_card_visa"), by_number);
        assert_eq!(card_by_method("pm_1234"), None);
    }
}
