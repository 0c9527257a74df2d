use std::fmt;

use crate::requests::{self, Call};

/// A permission of a restricted key that the service needs: <https://docs.stripe.com/keys/restricted-api-keys>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// To tell a price and its product.
    PricesAndProducts,
    /// To make a customer of a user.
    Customers,
    /// To open, ask for and expire Checkout Sessions.
    CheckoutSessions,
    /// To ask for a subscription.
    Subscriptions,
    /// To ask for an invoice and what has paid it.
    Invoices,
    /// To ask what has become of a bank debit.
    PaymentIntents,
    /// To ask for refunds and for their charges.
    Refunds,
    /// To ask for a dispute.
    Disputes,
    /// To find events that never arrived.
    Events,
}

/// Whether a key has a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It has.
    Granted,
    /// It has not.
    Denied,
}

impl Permission {
    /// All that the service needs.
    pub const ALL: &[Self] = &[
        Self::PricesAndProducts,
        Self::Customers,
        Self::CheckoutSessions,
        Self::Subscriptions,
        Self::Invoices,
        Self::PaymentIntents,
        Self::Refunds,
        Self::Disputes,
        Self::Events,
    ];

    /// A call that needs it and changes nothing: no object has this id.
    pub(super) fn probe(self) -> Call {
        match self {
            Self::PricesAndProducts => requests::plain_get("/prices?limit=1&expand[]=data.product"),
            Self::Customers => requests::plain_post("/customers/cus_settled_doctor", [("metadata[probe]", "1")]),
            Self::CheckoutSessions => requests::plain_post("/checkout/sessions/cs_test_settled_doctor/expire", []),
            Self::Subscriptions => requests::plain_get("/subscriptions/sub_settled_doctor"),
            Self::Invoices => requests::plain_get("/invoices/in_settled_doctor"),
            Self::PaymentIntents => requests::plain_get("/payment_intents/pi_settled_doctor"),
            Self::Refunds => requests::plain_get("/refunds/re_settled_doctor"),
            Self::Disputes => requests::plain_get("/disputes/du_settled_doctor"),
            Self::Events => requests::plain_get("/events?limit=1"),
        }
    }
}

/// As Stripe's page for keys names it, about.
impl fmt::Display for Permission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::PricesAndProducts => "Products and Prices: read",
            Self::Customers => "Customers: write",
            Self::CheckoutSessions => "Checkout Sessions: write",
            Self::Subscriptions => "Subscriptions: read",
            Self::Invoices => "Invoices: read",
            Self::PaymentIntents => "PaymentIntents: read",
            Self::Refunds => "Charges and Refunds: read",
            Self::Disputes => "Disputes: read",
            Self::Events => "Events: read",
        })
    }
}
