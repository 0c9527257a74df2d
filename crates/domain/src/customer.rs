//! Who a user is at Stripe.

use time::OffsetDateTime;

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
    /// The second in which it was deleted at Stripe. The user gets another one with the next checkout.
    pub deleted_at: Option<OffsetDateTime>,
}

impl Customer {
    /// Stripe says that it was deleted in this second; of several seconds, the earliest is kept. Returns whether that is
    /// news.
    pub fn delete(&mut self, second: OffsetDateTime) -> bool {
        let is_news = self.deleted_at.is_none_or(|held| second < held);
        if is_news {
            self.deleted_at = Some(second);
        }
        is_news
    }
}

/// Whether Stripe still has a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerState {
    /// It does.
    Living,
    /// It was deleted; nothing undoes that.
    Deleted,
}
