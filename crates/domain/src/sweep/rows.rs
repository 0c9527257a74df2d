use time::{Duration, OffsetDateTime};

use crate::ids::{PaymentId, SubscriptionId};
use crate::ports::StoreError;
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::settled::Ports;

/// How long our rows may be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowPatience {
    /// How old a payment that waits for its customer or its money is before Stripe is asked for it; then again when three
    /// times its age has passed, and so on.
    pub first: Duration,
    /// The longest that such a payment is left alone.
    pub longest: Duration,
    /// How much later than a date of its own (the end of a session, of a period, of a trial) a row may still not know what
    /// came of it.
    pub grace: Duration,
    /// How long a subscription that may still change goes by webhooks alone until Stripe is asked for it.
    pub recheck: Duration,
}

impl RowPatience {
    /// Whether a payment is to be asked for that was created then and of which Stripe has last spoken then. The stores
    /// find the same payments by the same rule.
    #[must_use]
    pub fn is_payment_overdue(&self, payment: &WaitingPayment, now: OffsetDateTime) -> bool {
        let age_when_told = payment.as_of - payment.created_at;
        let patience = age_when_told.saturating_mul(3).clamp(self.first, self.longest);
        let ended = payment.expires_at.is_some_and(|end| payment.as_of < end && end + self.grace <= now);
        ended || payment.as_of + patience <= now
    }
}

/// The times of a payment that waits for its customer or its money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingPayment {
    /// When the user clicked.
    pub created_at: OffsetDateTime,
    /// When its session ends.
    pub expires_at: Option<OffsetDateTime>,
    /// The second of the newest word from Stripe.
    pub as_of: OffsetDateTime,
}

/// How many rows were put up to be asked for, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweptRows {
    /// Payments of which nothing was heard for long, or whose session has ended.
    pub overdue: usize,
    /// Subscriptions one of whose dates has passed without news.
    pub lapsed: usize,
    /// Subscriptions whose turn it is.
    pub rotated: usize,
}

/// Puts our rows that have been left alone into the queue, `limit` of each kind at most. Their due times are spread over
/// `spread`, so that they do not stand in the way of a customer who is waiting.
///
/// # Errors
///
/// [`StoreError`]
pub async fn sweep_rows(
    ports: &Ports,
    patience: &RowPatience,
    spread: Duration,
    limit: u32,
) -> Result<SweptRows, StoreError> {
    let now = ports.clock.now();
    let overdue = ports.store.list_overdue_payments(patience, now, limit).await?;
    let lapsed = ports.store.list_lapsed_subscriptions(now - patience.grace, limit).await?;
    let mut rotated = ports.store.list_unchecked_subscriptions(now - patience.recheck, limit).await?;
    rotated.retain(|id| !lapsed.contains(id));
    let swept = SweptRows { overdue: overdue.len(), lapsed: lapsed.len(), rotated: rotated.len() };
    let wishes: Vec<_> = overdue
        .into_iter()
        .map(|id: PaymentId| (RefreshObject::Payment(id), RefreshReason::Overdue))
        .chain(lapsed.into_iter().map(|id| of_subscription(id, RefreshReason::Lapsed)))
        .chain(rotated.into_iter().map(|id| of_subscription(id, RefreshReason::Rotation)))
        .collect();
    queue(ports, wishes, now, spread).await?;
    Ok(swept)
}

const fn of_subscription(id: SubscriptionId, reason: RefreshReason) -> (RefreshObject, RefreshReason) {
    (RefreshObject::Subscription(id), reason)
}

async fn queue(
    ports: &Ports,
    wishes: Vec<(RefreshObject, RefreshReason)>,
    now: OffsetDateTime,
    spread: Duration,
) -> Result<(), StoreError> {
    let Ok(count) = u32::try_from(wishes.len()) else { return Ok(()) };
    if count == 0 {
        return Ok(());
    }
    let due = (0..count).map(|place| now + spread / count * place);
    let requests: Vec<_> = wishes
        .into_iter()
        .zip(due)
        .map(|((object, reason), due_at)| RefreshRequest::new(object, reason, due_at))
        .collect();
    let mut work = ports.store.begin().await?;
    work.refreshes().request_refreshes(&requests).await?;
    work.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{NOW, payment_id, ports, store_error, store_of, subscription_id};
    use crate::mock::{Ending, Endings, MockStore, MockStripeGateway, MockUnitOfWork};

    const PATIENCE: RowPatience = RowPatience {
        first: Duration::minutes(10),
        longest: Duration::days(1),
        grace: Duration::minutes(2),
        recheck: Duration::days(1),
    };

    fn waiting(age_when_told: Duration, silent_for: Duration) -> WaitingPayment {
        let as_of = NOW - silent_for;
        WaitingPayment { created_at: as_of - age_when_told, expires_at: None, as_of }
    }

    #[test]
    fn a_payment_is_asked_for_less_and_less_often() {
        let due_after = |age: Duration| {
            let minutes = (0..3000).find(|n| PATIENCE.is_payment_overdue(&waiting(age, Duration::minutes(*n)), NOW));
            minutes.expect("every payment is asked for some day")
        };
        let ages = [0, 10, 40, 160, 640, 2080].map(|minutes| due_after(Duration::minutes(minutes)));
        assert_eq!(ages, [10, 30, 120, 480, 1440, 1440], "at the ages of 10, 40, 160, 640 minutes, then once a day");
    }

    #[test]
    fn a_session_that_has_ended_is_asked_for_at_once_and_then_no_more_often_than_others() {
        let ended = |ago: Duration, told: Duration| WaitingPayment {
            created_at: NOW - Duration::days(1),
            expires_at: Some(NOW - ago),
            as_of: NOW - told,
        };
        let is_overdue = |payment| PATIENCE.is_payment_overdue(&payment, NOW);
        assert!(is_overdue(ended(Duration::minutes(2), Duration::minutes(3))));
        assert!(!is_overdue(ended(Duration::minutes(1), Duration::minutes(3))), "its event may be on its way");
        assert!(!is_overdue(ended(Duration::minutes(5), Duration::minutes(4))), "stripe has spoken since");
    }

    fn holding(overdue: usize, lapsed: &[&str], unchecked: &[&str], works: Vec<MockUnitOfWork>) -> MockStore {
        let ids = |ids: &[&str]| ids.iter().map(|id| id.parse().unwrap()).collect::<Vec<SubscriptionId>>();
        let (lapsed, unchecked) = (ids(lapsed), ids(unchecked));
        let mut store = store_of(works);
        store
            .expect_list_overdue_payments()
            .withf(|patience, now, limit| *patience == PATIENCE && *now == NOW && *limit == 10)
            .returning(move |_, _, _| Ok(vec![payment_id(); overdue]));
        store
            .expect_list_lapsed_subscriptions()
            .withf(|before, _| *before == NOW - PATIENCE.grace)
            .returning(move |_, _| Ok(lapsed.clone()));
        store
            .expect_list_unchecked_subscriptions()
            .withf(|before, _| *before == NOW - PATIENCE.recheck)
            .returning(move |_, _| Ok(unchecked.clone()));
        store
    }

    #[pollster::test]
    async fn what_was_left_alone_is_queued_one_after_the_other_and_once_each() {
        let endings = Endings::default();
        let mut work = MockUnitOfWork::recording(&endings);
        work.refreshes
            .expect_request_refreshes()
            .withf(|wishes| {
                let said: Vec<_> = wishes.iter().map(|wish| (wish.reason, wish.due_at)).collect();
                let at = |seconds| NOW + Duration::seconds(seconds);
                said == [
                    (RefreshReason::Overdue, at(0)),
                    (RefreshReason::Lapsed, at(20)),
                    (RefreshReason::Rotation, at(40)),
                ] && wishes[1].object == RefreshObject::Subscription(subscription_id())
            })
            .once()
            .returning(|_| Ok(()));
        let ports = ports(holding(1, &["sub_1"], &["sub_1", "sub_2"], vec![work]), MockStripeGateway::new());
        let swept = sweep_rows(&ports, &PATIENCE, Duration::MINUTE, 10).await.unwrap();
        assert_eq!(swept, SweptRows { overdue: 1, lapsed: 1, rotated: 1 });
        assert_eq!(endings.all(), [Ending::Committed]);
    }

    #[pollster::test]
    async fn where_nothing_was_left_alone_nothing_is_written() {
        let ports = ports(holding(0, &[], &[], Vec::new()), MockStripeGateway::new());
        assert_eq!(sweep_rows(&ports, &PATIENCE, Duration::MINUTE, 10).await.unwrap(), SweptRows::default());
    }

    #[pollster::test]
    async fn a_database_that_fails_is_an_error() {
        let mut store = MockStore::new();
        store.expect_list_overdue_payments().returning(|_, _, _| Err(store_error()));
        let ports = ports(store, MockStripeGateway::new());
        assert!(sweep_rows(&ports, &PATIENCE, Duration::MINUTE, 10).await.is_err());
    }
}
