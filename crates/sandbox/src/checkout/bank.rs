//! The fields of a bank account. Only test accounts; no number is ever kept.
//!
//! <https://docs.stripe.com/testing#non-card-payments>

use super::card::digits;
use crate::payments::test_methods::{self, TestMethod};

/// The one bank of all test accounts.
const ROUTING_NUMBER: &str = "110000000";

pub(super) fn routing_number(typed: &str) -> Result<(), &'static str> {
    match digits(typed).as_str() {
        "" => Err("The routing number is missing."),
        ROUTING_NUMBER => Ok(()),
        _ => Err("This sandbox takes only the routing number named above."),
    }
}

/// The test account of this number.
pub(super) fn account_number(typed: &str) -> Result<TestMethod, &'static str> {
    let number = digits(typed);
    if number.is_empty() {
        return Err("The account number is missing.");
    }
    test_methods::account_by_number(&number).ok_or("This sandbox takes only the test accounts named above.")
}
