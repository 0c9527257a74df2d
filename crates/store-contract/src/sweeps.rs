//! What the sweep finds in our rows, and who does it.

use futures_util::future::join_all;
use settled_domain::ids::{PaymentId, SubscriptionId};
use settled_domain::payment::{PaymentRecord, PaymentStatus};
use settled_domain::ports::{Store, StoreError};
use settled_domain::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use settled_domain::subscription::{SubscriptionRecord, SubscriptionStatus};
use settled_domain::sweep::{ClaimedSweep, RowPatience, SweepName, WaitingPayment};
use time::{Duration, OffsetDateTime};

use crate::fixtures::{
    NOW, creating, doubt, held, moved_to, payment_id, restored, subscription_id, subscription_record,
};
use crate::steps::{create, request, store_payment};

const PATIENCE: RowPatience = RowPatience {
    first: Duration::minutes(10),
    longest: Duration::days(1),
    grace: Duration::minutes(2),
    recheck: Duration::days(1),
};
const MICROSECOND: Duration = Duration::microseconds(1);
const FAR: u32 = 100;

/// Payment `n` in this status, with these times.
async fn waiting(
    store: &dyn Store,
    n: u128,
    status: PaymentStatus,
    times: WaitingPayment,
) -> Result<PaymentId, StoreError> {
    let row = moved_to(&creating(n), status).record().clone();
    let WaitingPayment { created_at, expires_at, as_of } = times;
    store_payment(store, &restored(PaymentRecord { created_at, expires_at, as_of, ..row })).await?;
    Ok(payment_id(n))
}

fn told(age: Duration, ago: Duration) -> WaitingPayment {
    WaitingPayment { created_at: NOW - ago - age, expires_at: None, as_of: NOW - ago }
}

async fn overdue(store: &dyn Store) -> Result<Vec<PaymentId>, StoreError> {
    store.list_overdue_payments(&PATIENCE, NOW, FAR).await
}

pub async fn overdue_payments_are_those_that_the_rules_say(store: &dyn Store) -> Result<(), StoreError> {
    let hours = Duration::hours;
    let mut times = Vec::new();
    for (age, patience) in [(hours(0), PATIENCE.first), (hours(1), hours(3)), (hours(30), PATIENCE.longest)] {
        times.extend([told(age, patience), told(age, patience - MICROSECOND)]);
    }
    for (ended, as_of) in [(2, 3), (1, 3), (5, 4)] {
        let created_at = NOW - hours(24);
        let expires_at = Some(NOW - Duration::minutes(ended));
        times.push(WaitingPayment { created_at, expires_at, as_of: NOW - Duration::minutes(as_of) });
    }
    let mut expected = Vec::new();
    for (n, times) in (1..).zip(times) {
        let id = waiting(store, n, PaymentStatus::Pending, times).await?;
        if PATIENCE.is_payment_overdue(&times, NOW) {
            expected.push((times.as_of, id));
        }
    }
    assert_eq!(expected.len(), 4);
    expected.sort_unstable();
    let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
    assert_eq!(overdue(store).await?, expected, "and those last heard of longest ago come first");
    assert_eq!(store.list_overdue_payments(&PATIENCE, NOW, 3).await?, expected[..3]);
    Ok(())
}

pub async fn only_payments_that_wait_for_something_are_overdue(store: &dyn Store) -> Result<(), StoreError> {
    for (n, status) in (1..).zip(PaymentStatus::ALL.iter().copied()) {
        waiting(store, n, status, told(Duration::ZERO, Duration::days(9))).await?;
    }
    let mut statuses = Vec::new();
    for id in overdue(store).await? {
        statuses.extend(store.find_payment(id).await?.map(|payment| payment.status()));
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [PaymentStatus::Pending, PaymentStatus::Processing]);
    Ok(())
}

pub async fn what_is_being_asked_about_is_not_overdue(store: &dyn Store) -> Result<(), StoreError> {
    let id = waiting(store, 1, PaymentStatus::Pending, told(Duration::ZERO, Duration::days(9))).await?;
    let (object, reason) = (RefreshObject::Payment(id), RefreshReason::Landing);
    request(store, &[RefreshRequest::new(object, reason, NOW)]).await?;
    assert_eq!(overdue(store).await?, []);
    create(store, &[held(SubscriptionRecord { checked_at: NOW - Duration::days(9), ..subscription_record(1) })])
        .await?;
    assert_eq!(store.list_unchecked_subscriptions(NOW, FAR).await?, [subscription_id(1)]);
    request(store, &[doubt(1, NOW)]).await?;
    assert_eq!(store.list_unchecked_subscriptions(NOW, FAR).await?, []);
    assert_eq!(store.list_lapsed_subscriptions(NOW, FAR).await?, []);
    Ok(())
}

/// Subscription `n`, asked about an hour ago.
fn checked(n: u128) -> SubscriptionRecord {
    SubscriptionRecord { checked_at: NOW - Duration::HOUR, current_period_end: None, ..subscription_record(n) }
}

async fn store_all(store: &dyn Store, records: Vec<SubscriptionRecord>) -> Result<(), StoreError> {
    create(store, &records.into_iter().map(held).collect::<Vec<_>>()).await
}

pub async fn a_subscription_has_lapsed_when_a_date_has_passed_of_which_nothing_is_known(
    store: &dyn Store,
) -> Result<(), StoreError> {
    let passed: Option<OffsetDateTime> = Some(NOW);
    let to_come = Some(NOW + MICROSECOND);
    let known = Some(NOW - Duration::HOUR);
    store_all(
        store,
        vec![
            SubscriptionRecord { current_period_end: passed, ..checked(1) },
            SubscriptionRecord { trial_end: passed, ..checked(2) },
            SubscriptionRecord { cancel_at: passed, ..checked(3) },
            SubscriptionRecord { current_period_end: to_come, trial_end: known, cancel_at: to_come, ..checked(4) },
            SubscriptionRecord { current_period_end: known, ..checked(5) },
            checked(6),
            SubscriptionRecord { current_period_end: passed, status: SubscriptionStatus::Canceled, ..checked(7) },
            SubscriptionRecord { trial_end: passed, as_of: NOW, ..checked(8) },
        ],
    )
    .await?;
    let lapsed = store.list_lapsed_subscriptions(NOW, FAR).await?;
    assert_eq!(lapsed, [subscription_id(1), subscription_id(2), subscription_id(3)]);
    assert_eq!(store.list_lapsed_subscriptions(NOW - MICROSECOND, FAR).await?, []);
    assert_eq!(store.list_lapsed_subscriptions(NOW, 2).await?.len(), 2);
    Ok(())
}

pub async fn subscriptions_that_have_not_ended_take_turns(store: &dyn Store) -> Result<(), StoreError> {
    let statuses = (1..).zip(SubscriptionStatus::ALL.iter().copied());
    let ago = |n: u128| Duration::minutes(i64::try_from(n).expect("a small number"));
    let rows = statuses.clone().map(|(n, status)| SubscriptionRecord {
        checked_at: NOW - ago(n),
        status,
        ..subscription_record(n)
    });
    store_all(store, rows.collect()).await?;
    let mut expected: Vec<SubscriptionId> =
        statuses.filter(|(_, status)| !status.is_terminal()).map(|(n, _)| subscription_id(n)).collect();
    expected.reverse();
    assert_eq!(store.list_unchecked_subscriptions(NOW, FAR).await?, expected);
    assert_eq!(store.list_unchecked_subscriptions(NOW, 2).await?, expected[..2]);
    let long_ago = store.list_unchecked_subscriptions(NOW - ago(7), FAR).await?;
    assert!(long_ago.contains(&subscription_id(8)) && !long_ago.contains(&subscription_id(1)), "{long_ago:?}");
    Ok(())
}

async fn claim(store: &dyn Store, now: OffsetDateTime) -> Result<Option<ClaimedSweep>, StoreError> {
    store.claim_sweep(SweepName::Rows, now, now - Duration::MINUTE).await
}

pub async fn a_part_of_the_sweep_is_taken_on_once_in_its_time(store: &dyn Store) -> Result<(), StoreError> {
    assert!(claim(store, NOW).await?.is_some());
    assert!(claim(store, NOW + Duration::MINUTE - MICROSECOND).await?.is_none());
    assert!(claim(store, NOW + Duration::MINUTE).await?.is_some());
    assert!(claim(store, NOW - Duration::HOUR).await?.is_some(), "a time in the future counts for nothing");
    Ok(())
}

pub async fn of_many_replicas_at_once_one_takes_a_part_of_the_sweep_on(store: &dyn Store) -> Result<(), StoreError> {
    let claims = join_all((0..10).map(|_| claim(store, NOW))).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(claims.iter().flatten().count(), 1);
    Ok(())
}

pub async fn how_far_the_sweep_has_come_is_kept_and_never_goes_back(store: &dyn Store) -> Result<(), StoreError> {
    let minute = |n| NOW + Duration::minutes(n);
    assert_eq!(claim(store, minute(0)).await?, Some(ClaimedSweep { reached_at: None }));
    store.save_sweep(SweepName::Rows, minute(-5)).await?;
    assert_eq!(claim(store, minute(1)).await?, Some(ClaimedSweep { reached_at: Some(minute(-5)) }));
    store.save_sweep(SweepName::Rows, minute(-3)).await?;
    store.save_sweep(SweepName::Rows, minute(-4)).await?;
    assert_eq!(claim(store, minute(2)).await?, Some(ClaimedSweep { reached_at: Some(minute(-3)) }));
    Ok(())
}
