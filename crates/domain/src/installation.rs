//! Which Stripe a database belongs to.

use crate::ids::AccountId;
use crate::text_enum::text_enum;

text_enum! {
    /// Where the money is.
    StripeMode ("mode") {
        /// The built-in sandbox: no money, no account.
        Sandbox = "sandbox",
        /// A Stripe account in test mode.
        Test = "test",
        /// A Stripe account in live mode.
        Live = "live",
    }
}

/// The Stripe account and mode whose truth a database mirrors, written once at the first start. Another one must not be
/// mixed into the same database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Sandbox, test or live.
    pub mode: StripeMode,
    /// The account.
    pub account_id: AccountId,
}

impl Installation {
    /// What `livemode` is in this installation's events.
    #[must_use]
    pub const fn livemode(&self) -> bool {
        matches!(self.mode, StripeMode::Live)
    }
}
