//! What the success page and the product ask; both are answered from our database, never by Stripe.

use time::OffsetDateTime;

use crate::ids::{PriceId, SessionId, UserId};
use crate::payment::Payment;
use crate::ports::StoreError;
use crate::settled::Settled;
use crate::subscription::Subscription;

/// How many of a user's subscriptions are looked at: those that have not ended come first.
const SUBSCRIPTIONS_CONSIDERED: u32 = 50;

/// The answer to "may this user use the product?"
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionStanding {
    /// The subscription that decides; `None` when the user has none.
    pub subscription: Option<Subscription>,
    /// The user may use the product now.
    pub access: bool,
    /// When this was answered.
    pub asked_at: OffsetDateTime,
}

impl Settled {
    /// The payment behind a Checkout Session, for the user who made it.
    ///
    /// `None` when there is no such payment *or it is somebody else's*: a session id is not a credential.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    pub async fn get_payment_status_by_session_id(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<Payment>, StoreError> {
        self.ports.store.get_payment_status_by_session_id(user_id, session_id).await
    }

    /// Where a user stands: of several subscriptions, one that grants access, else the newest that has not ended, else
    /// the newest. With `price_id`, only subscriptions of that price count.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    pub async fn get_user_subscription_status(
        &self,
        user_id: &UserId,
        price_id: Option<PriceId>,
    ) -> Result<SubscriptionStanding, StoreError> {
        let mut held = self.ports.store.list_user_subscriptions(user_id, price_id, SUBSCRIPTIONS_CONSIDERED).await?;
        let asked_at = self.ports.clock.now();
        let granting = held.iter().position(|held| held.grants_access(self.policy.past_due_grace, asked_at));
        let chosen = granting.unwrap_or(0);
        let subscription = (chosen < held.len()).then(|| held.swap_remove(chosen));
        Ok(SubscriptionStanding { subscription, access: granting.is_some(), asked_at })
    }
}
