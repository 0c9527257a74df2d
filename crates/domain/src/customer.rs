//! Who a user is at Stripe.

use crate::ids::{CustomerId, CustomerKey, UserId};

/// A row of `customers`. It is written before Stripe is asked, so that a user never gets two customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Our key, and the idempotency key of the call that creates the customer at Stripe.
    pub key: CustomerKey,
    /// Our user.
    pub user_id: UserId,
    /// Stripe's customer, once known.
    pub customer_id: Option<CustomerId>,
}
