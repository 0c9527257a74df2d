//! Waiting for a payment: what a success page does that does not want to ask again and again.

mod lookout;
mod watch;

pub use lookout::look_after_waiting;
pub(crate) use lookout::put_up_to_be_asked;
pub use watch::{PaymentWatch, WatchError};

use time::{Duration, OffsetDateTime};

use crate::ids::{PaymentId, SessionId};
use crate::payment::PaymentStatus;

/// As much of a payment's row as tells whether those who wait for it have to be woken, or Stripe to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitedPayment {
    /// Our id.
    pub id: PaymentId,
    /// The Checkout Session.
    pub session_id: SessionId,
    /// How far it has come.
    pub status: PaymentStatus,
    /// The second of the newest word from Stripe.
    pub as_of: OffsetDateTime,
    /// When the user clicked.
    pub created_at: OffsetDateTime,
    /// Counts the changes of the row.
    pub version: i64,
}

impl AwaitedPayment {
    /// Whether Stripe is to be asked about a payment whose customer is waiting for it: it is `pending`, and Stripe has not
    /// spoken of it for a while. The while grows with the payment's age, from 2 s to 5 min, so that a page left open costs
    /// a bounded number of calls.
    #[must_use]
    pub fn is_worth_asking(&self, now: OffsetDateTime) -> bool {
        let age_when_told: Duration = self.as_of - self.created_at;
        let patience = (age_when_told / 4_i32).clamp(Duration::seconds(2), Duration::minutes(5));
        self.status == PaymentStatus::Pending && now - self.as_of >= patience
    }
}

#[cfg(test)]
mod tests;
