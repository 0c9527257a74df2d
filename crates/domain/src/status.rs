//! What the success page and the product ask; both are answered from our database, never by Stripe.

use time::OffsetDateTime;

use crate::ids::{PriceId, SessionId, UserId};
use crate::payment::Payment;
use crate::ports::StoreError;
use crate::settled::Settled;
use crate::subscription::Subscription;
use crate::waiting::put_up_to_be_asked;

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
    /// While it is `pending`, somebody is waiting for it: Stripe is put up to be asked, by a refresh worker and not by
    /// this call, which answers from the database at once. How often is bounded by [`is_worth_asking`].
    ///
    /// `None` when there is no such payment *or it is somebody else's*: a session id is not a credential.
    ///
    /// [`is_worth_asking`]: crate::waiting::AwaitedPayment::is_worth_asking
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    pub async fn get_payment_status_by_session_id(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<Payment>, StoreError> {
        let found = self.ports.store.get_payment_status_by_session_id(user_id, session_id).await?;
        if let Some(waiting) = found.as_ref().and_then(Payment::waiting)
            && let Err(error) = put_up_to_be_asked(&self.ports, &[waiting]).await
        {
            // The answer is right all the same; the next question tries again.
            tracing::warn!(%error, "cannot put a payment up to be asked for");
        }
        Ok(found)
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

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::examples::{NOW, pending, session_id, settled, store_error, store_of, stub, subscription, user};
    use crate::mock::{Ending, Endings, MockIntake, MockStore, MockStripeGateway, MockUnitOfWork};
    use crate::payment::{PaymentRecord, PaymentStatus};
    use crate::refresh_request::RefreshReason;
    use crate::subscription::SubscriptionStatus::{Active, Canceled, PastDue, Trialing};

    fn over(store: MockStore) -> Settled {
        settled(store, MockStripeGateway::new(), MockIntake::new())
    }

    fn holding(held: Vec<Subscription>) -> Settled {
        let mut store = MockStore::new();
        store.expect_list_user_subscriptions().returning(move |_, _, _| Ok(held.clone()));
        over(store)
    }

    #[pollster::test]
    async fn get_payment_status_by_session_id_asks_for_the_users_own_session() {
        let mut store = MockStore::new();
        store
            .expect_get_payment_status_by_session_id()
            .withf(|user_id, session| *user_id == user() && *session == session_id())
            .once()
            .returning(|_, _| Ok(Some(pending())));
        let found = over(store).get_payment_status_by_session_id(&user(), &session_id()).await.unwrap();
        assert_eq!(found, Some(pending()));
    }

    /// A store that holds a payment old enough to be asked for, and opens these transactions.
    fn waiting(works: Vec<MockUnitOfWork>) -> Settled {
        let mut store = store_of(works);
        store.expect_get_payment_status_by_session_id().returning(|_, _| {
            let row = pending().record().clone();
            let before = NOW - Duration::MINUTE;
            Ok(Some(Payment::restore(PaymentRecord { as_of: before, created_at: before, ..row }).unwrap()))
        });
        over(store)
    }

    #[pollster::test]
    async fn a_customer_who_waits_has_stripe_asked_in_the_background() {
        let endings = Endings::default();
        let mut work = MockUnitOfWork::recording(&endings);
        work.refreshes
            .expect_offer_refreshes()
            .withf(|wishes| wishes.len() == 1 && wishes[0].reason == RefreshReason::Landing && wishes[0].due_at == NOW)
            .once()
            .returning(|_| Ok(()));
        let found = waiting(vec![work]).get_payment_status_by_session_id(&user(), &session_id()).await.unwrap();
        assert_eq!(found.unwrap().status(), PaymentStatus::Pending);
        assert_eq!(endings.all(), [Ending::Committed]);
    }

    #[pollster::test]
    async fn failing_to_put_the_question_does_not_spoil_the_answer() {
        let mut work = MockUnitOfWork::default();
        work.refreshes.expect_offer_refreshes().returning(|_| Err(store_error()));
        let found = waiting(vec![work]).get_payment_status_by_session_id(&user(), &session_id()).await.unwrap();
        assert!(found.is_some());
    }

    #[pollster::test]
    async fn an_unknown_session_is_no_error() {
        let mut store = MockStore::new();
        store.expect_get_payment_status_by_session_id().returning(|_, _| Ok(None));
        assert_eq!(over(store).get_payment_status_by_session_id(&user(), &session_id()).await.unwrap(), None);
    }

    #[pollster::test]
    async fn a_database_that_does_not_answer_is_an_error_and_never_a_status() {
        let mut store = MockStore::new();
        store.expect_get_payment_status_by_session_id().returning(|_, _| Err(store_error()));
        store.expect_list_user_subscriptions().returning(|_, _, _| Err(store_error()));
        let settled = over(store);
        assert!(settled.get_payment_status_by_session_id(&user(), &session_id()).await.is_err());
        assert!(settled.get_user_subscription_status(&user(), None).await.is_err());
    }

    #[pollster::test]
    async fn get_user_subscription_status_of_a_user_without_any_is_none_without_access() {
        let standing = holding(Vec::new()).get_user_subscription_status(&user(), None).await.unwrap();
        assert_eq!(standing, SubscriptionStanding { subscription: None, access: false, asked_at: NOW });
    }

    #[pollster::test]
    async fn of_several_one_that_grants_access_comes_first_and_then_the_first_of_the_list() {
        let cases = [
            (vec![PastDue, Trialing, Canceled], Trialing, true),
            (vec![PastDue, Canceled], PastDue, false),
            (vec![Active, Trialing], Active, true),
        ];
        for (held, chosen, access) in cases {
            let held = held.into_iter().map(subscription).collect();
            let standing = holding(held).get_user_subscription_status(&user(), None).await.unwrap();
            assert_eq!((standing.subscription.unwrap().status(), standing.access), (chosen, access));
        }
    }

    #[pollster::test]
    async fn a_stub_grants_no_access() {
        let standing = holding(vec![stub()]).get_user_subscription_status(&user(), None).await.unwrap();
        assert!(!standing.access);
    }

    #[pollster::test]
    async fn a_price_narrows_the_question_and_the_list_is_bounded() {
        let price: PriceId = "price_basic".parse().unwrap();
        let asked = price.clone();
        let mut store = MockStore::new();
        store
            .expect_list_user_subscriptions()
            .withf(move |_, price_id, limit| price_id.as_ref() == Some(&asked) && (1..=100).contains(limit))
            .once()
            .returning(|_, _, _| Ok(Vec::new()));
        over(store).get_user_subscription_status(&user(), Some(price)).await.unwrap();
    }
}
