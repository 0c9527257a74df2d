//! Identifiers: ours are UUIDs, Stripe's are prefixed strings that are checked where they enter.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The longest identifier that is accepted from outside, in bytes.
///
/// Stripe's longest ids (Checkout Sessions) are about 70 characters and Stripe reserves the right to go up to 255:
/// <https://docs.stripe.com/upgrades#what-changes-does-stripe-consider-to-be-backward-compatible>.
pub const MAX_ID_BYTES: usize = 255;

/// Why a text is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}")]
pub struct InvalidId {
    /// The kind that was wanted, in plain words.
    pub kind: &'static str,
}

fn is_stripe_id(text: &str, prefix: &str) -> bool {
    text.len() <= MAX_ID_BYTES
        && text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        })
}

macro_rules! define_stripe_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the prefix, the length and the characters.
            ///
            /// # Errors
            ///
            /// [`InvalidId`] when the text cannot be such an id. That an object with this id exists is not checked.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                if is_stripe_id(&text, $prefix) { Ok(Self(text)) } else { Err(InvalidId { kind: $kind }) }
            }

            /// The id as Stripe writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

define_stripe_id!(
    /// A Checkout Session, `cs_…`.
    SessionId, "cs_", "Checkout Session id"
);
define_stripe_id!(
    /// A subscription, `sub_…`.
    SubscriptionId, "sub_", "subscription id"
);
define_stripe_id!(
    /// A customer, `cus_…`.
    CustomerId, "cus_", "customer id"
);
define_stripe_id!(
    /// A price, `price_…`. Those that were plans once have names that their owners chose, such as `gold-monthly`.
    PriceId, "", "price id"
);
define_stripe_id!(
    /// An event, `evt_…`.
    EventId, "evt_", "event id"
);
define_stripe_id!(
    /// A `PaymentIntent`, `pi_…`.
    PaymentIntentId, "pi_", "PaymentIntent id"
);
define_stripe_id!(
    /// An invoice, `in_…`.
    InvoiceId, "in_", "invoice id"
);
define_stripe_id!(
    /// A charge: `ch_…`, or `py_…` for some methods of payment.
    ChargeId, "", "charge id"
);
define_stripe_id!(
    /// A refund: `re_…`, or `pyr_…` for some methods of payment.
    RefundId, "", "refund id"
);
define_stripe_id!(
    /// A dispute: `du_…`, and `dp_…` before.
    DisputeId, "", "dispute id"
);
define_stripe_id!(
    /// A Stripe account, `acct_…`.
    AccountId, "acct_", "account id"
);

macro_rules! define_uuid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(Uuid);

        impl $name {
            /// Names an object by a UUID that an [`IdSource`](crate::ports::IdSource) gave, or that a store kept.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID.
            #[must_use]
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId { kind: $kind })
            }
        }
    };
}

define_uuid_id!(
    /// One of our payments: one attempt of one user to buy one price.
    PaymentId, "payment id"
);
define_uuid_id!(
    /// Our name for a Stripe customer before Stripe has given it one; also the idempotency key of its creation.
    CustomerKey, "customer key"
);

/// Whom a payment or subscription belongs to: the `sub` of the caller's token, as the host application names its users.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserId(String);

impl UserId {
    /// Takes 1 to 200 bytes without control characters.
    ///
    /// # Errors
    ///
    /// [`InvalidId`] for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
        let text = text.into();
        let fits = (1..=200).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err(InvalidId { kind: "user id" }) }
    }

    /// The id as the host writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for UserId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl From<UserId> for String {
    fn from(id: UserId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_the_right_kind_is_taken_as_it_is() {
        assert_eq!(SessionId::new("cs_test_a1B2").unwrap().as_str(), "cs_test_a1B2");
    }

    #[test]
    fn ids_of_another_kind_empty_long_or_with_odd_characters_are_refused() {
        for text in ["", "cs_", "sub_1", "cs_a b", "cs_é", "cs_a\0", "cs_a/../b", &format!("cs_{}", "a".repeat(253))] {
            assert_eq!(SessionId::new(text), Err(InvalidId { kind: "Checkout Session id" }), "{text:?}");
        }
    }

    #[test]
    fn a_price_may_have_a_name_of_its_owners_but_never_one_that_means_something_in_a_url() {
        for text in ["price_1", "plan_1", "gold-monthly"] {
            assert!(PriceId::new(text).is_ok());
        }
        for text in ["", "..", "a/b", "a?b", "a b", "a%2e"] {
            assert!(PriceId::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_longest_id_that_stripe_may_send_is_taken() {
        assert!(SessionId::new(format!("cs_{}", "a".repeat(252))).is_ok());
    }

    #[test]
    fn a_user_id_is_any_short_printable_text() {
        assert!(UserId::new("auth0|алиса").is_ok());
        for text in [String::new(), "a\n".into(), "a".repeat(201)] {
            assert!(UserId::new(text).is_err());
        }
    }
}
