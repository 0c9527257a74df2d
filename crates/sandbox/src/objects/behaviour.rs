//! What the banks of the test cards and test accounts say.
//!
//! <https://docs.stripe.com/testing>

use serde::{Deserialize, Serialize};

/// How a payment method answers when it is asked for money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Behaviour {
    #[default]
    Pays,
    Declines,
    InsufficientFunds,
    /// Is attached to a customer, and declines every payment after that.
    DeclinesOnceAttached,
    /// Pays after its holder has confirmed; without the holder it pays once it was set up.
    AsksOnce,
    /// Pays only after its holder has confirmed.
    AsksAlways,
    /// Pays, and the payment is disputed as fraudulent.
    IsDisputed,
    /// Pays, and the payment is inquired about.
    IsInquired,
    /// Pays; a refund succeeds and fails later.
    RefundFails,
    /// Pays; a refund is pending at first.
    RefundPends,
    /// A bank account that settles a debit later.
    Settles,
    /// A bank account that was closed, as turns out later.
    AccountClosed,
    /// A bank account without enough money, as turns out later.
    AccountEmpty,
}

/// Why a payment was declined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decline {
    #[default]
    Generic,
    InsufficientFunds,
    /// The holder was not there to confirm.
    AuthenticationRequired,
    /// The holder did not confirm.
    AuthenticationFailed,
    AccountClosed,
    AccountEmpty,
}

impl Decline {
    /// <https://docs.stripe.com/error-codes>
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Generic | Self::InsufficientFunds => "card_declined",
            Self::AuthenticationRequired => "authentication_required",
            Self::AuthenticationFailed => "payment_intent_authentication_failure",
            Self::AccountClosed => "account_closed",
            Self::AccountEmpty => "insufficient_funds",
        }
    }

    /// <https://docs.stripe.com/declines/codes>
    pub(crate) fn decline_code(self) -> Option<&'static str> {
        match self {
            Self::Generic => Some("generic_decline"),
            Self::InsufficientFunds => Some("insufficient_funds"),
            Self::AuthenticationRequired => Some("authentication_required"),
            Self::AuthenticationFailed | Self::AccountClosed | Self::AccountEmpty => None,
        }
    }

    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Generic => "Your card was declined.",
            Self::InsufficientFunds => "Your card has insufficient funds.",
            Self::AuthenticationRequired => "Your card was declined. This transaction requires authentication.",
            Self::AuthenticationFailed => {
                "The payment method was not authenticated. Confirm again, or try another payment method."
            }
            Self::AccountClosed => "The bank account has been closed.",
            Self::AccountEmpty => "The bank account has insufficient funds to cover the debit.",
        }
    }

    /// The `type` of the error.
    pub(crate) fn error_type(self) -> &'static str {
        match self {
            Self::Generic | Self::InsufficientFunds | Self::AuthenticationRequired => "card_error",
            Self::AuthenticationFailed | Self::AccountClosed | Self::AccountEmpty => "invalid_request_error",
        }
    }

    /// Whether a card network said it: what banks and holders say comes without network codes.
    pub(crate) fn is_by_network(self) -> bool {
        matches!(self, Self::Generic | Self::InsufficientFunds)
    }
}
