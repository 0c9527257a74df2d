//! Rows of `subscriptions`: what is kept, found, listed and written.

use settled_domain::ports::{Store, StoreError};
use settled_domain::subscription::{Subscription, SubscriptionRecord, SubscriptionStatus};
use time::Duration;
use time::macros::datetime;

use crate::fixtures::{
    NOW, SECOND, customer_id, held, price_id, slot, subscription, subscription_id, subscription_record, user,
};
use crate::steps::create;

/// Every field differs from every other one of its kind, so that no two can be mixed up.
fn full() -> SubscriptionRecord {
    SubscriptionRecord {
        id: subscription_id(1),
        user_id: user("auth0|алиса \u{1F980} '\"\\%"),
        customer_id: customer_id(2),
        slot: slot("план \"é\" \\"),
        price_id: price_id("odd"),
        quantity: u32::MAX,
        status: SubscriptionStatus::PastDue,
        status_since: datetime!(2026-11-01 00:00:00.000_001 UTC),
        current_period_end: Some(datetime!(9999-12-31 23:59:59.999_999 UTC)),
        cancel_at_period_end: true,
        cancel_at: Some(datetime!(2027-01-02 03:04:05 UTC)),
        trial_end: Some(datetime!(1969-12-31 23:59:59.999_999 UTC)),
        as_of: datetime!(2026-11-02 00:00:00 UTC),
        from_created: false,
        checked_at: datetime!(2026-11-03 00:00:00.123_456 UTC),
        version: i64::MAX - 1,
    }
}

async fn update(store: &dyn Store, subscriptions: &[Subscription]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.subscriptions().update_subscription_statuses(subscriptions).await?;
    work.commit().await
}

async fn live(store: &dyn Store, user_name: &str, slot_name: &str) -> Result<Option<Subscription>, StoreError> {
    let mut work = store.begin().await?;
    let live = work.subscriptions().find_live_subscription(&user(user_name), &slot(slot_name)).await?;
    work.rollback().await?;
    Ok(live)
}

async fn has_had(store: &dyn Store, user_name: &str, slot_name: &str) -> Result<bool, StoreError> {
    let mut work = store.begin().await?;
    let had = work.subscriptions().has_had_subscription(&user(user_name), &slot(slot_name)).await?;
    work.rollback().await?;
    Ok(had)
}

fn numbers(subscriptions: &[Subscription]) -> Vec<&str> {
    subscriptions.iter().map(|subscription| subscription.id().as_str()).collect()
}

pub async fn every_field_of_a_subscription_survives(store: &dyn Store) -> Result<(), StoreError> {
    let subscription = held(full());
    create(store, std::slice::from_ref(&subscription)).await?;
    assert_eq!(store.find_subscription(subscription.id()).await?, Some(subscription));
    Ok(())
}

pub async fn absent_fields_of_a_subscription_stay_absent(store: &dyn Store) -> Result<(), StoreError> {
    let subscription =
        held(SubscriptionRecord { current_period_end: None, from_created: true, ..subscription_record(1) });
    create(store, std::slice::from_ref(&subscription)).await?;
    assert_eq!(store.find_subscription(subscription.id()).await?, Some(subscription));
    Ok(())
}

pub async fn an_update_writes_every_field_that_may_change(store: &dyn Store) -> Result<(), StoreError> {
    create(store, &[subscription(1), subscription(2)]).await?;
    let SubscriptionRecord { user_id, customer_id, slot, .. } = subscription_record(1);
    let changed = SubscriptionRecord { user_id, customer_id, slot, ..full() };
    let emptied = SubscriptionRecord {
        current_period_end: None,
        cancel_at: None,
        trial_end: None,
        from_created: true,
        cancel_at_period_end: false,
        version: i64::MAX,
        ..changed.clone()
    };
    for record in [changed, emptied] {
        let next = held(record);
        update(store, std::slice::from_ref(&next)).await?;
        assert_eq!(store.find_subscription(next.id()).await?, Some(next));
    }
    assert_eq!(store.find_subscription(&subscription_id(2)).await?, Some(subscription(2)), "no other row is touched");
    Ok(())
}

pub async fn subscriptions_are_found_in_the_order_of_their_ids(store: &dyn Store) -> Result<(), StoreError> {
    create(store, &[subscription(3), subscription(1), subscription(2), subscription(4)]).await?;
    let ids = [subscription_id(4), subscription_id(99), subscription_id(1), subscription_id(3)];
    let mut work = store.begin().await?;
    let found = work.subscriptions().find_subscriptions_for_update(&ids).await?;
    work.rollback().await?;
    assert_eq!(found, [subscription(1), subscription(3), subscription(4)]);
    Ok(())
}

pub async fn an_unknown_subscription_is_none(store: &dyn Store) -> Result<(), StoreError> {
    create(store, &[subscription(1)]).await?;
    assert_eq!(store.find_subscription(&subscription_id(2)).await?, None);
    Ok(())
}

pub async fn a_subscription_that_exists_is_not_created_again(store: &dyn Store) -> Result<(), StoreError> {
    create(store, &[subscription(1)]).await?;
    let other = held(SubscriptionRecord { status: SubscriptionStatus::Canceled, ..subscription_record(1) });
    let refused = create(store, &[subscription(2), other]).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(store.find_subscription(&subscription_id(1)).await?, Some(subscription(1)));
    assert_eq!(store.find_subscription(&subscription_id(2)).await?, None, "the rest of the slice is undone with it");
    Ok(())
}

pub async fn an_update_that_is_not_newer_is_a_conflict(store: &dyn Store) -> Result<(), StoreError> {
    let newest = held(SubscriptionRecord { version: 3, ..subscription_record(1) });
    create(store, &[newest.clone(), subscription(2)]).await?;
    let next = held(SubscriptionRecord { version: 2, ..subscription_record(2) });
    for version in [2, 3] {
        let stale = SubscriptionRecord { version, status: SubscriptionStatus::Unpaid, ..subscription_record(1) };
        let refused = update(store, &[held(stale), next.clone()]).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    assert_eq!(store.find_subscription(&subscription_id(1)).await?, Some(newest));
    assert_eq!(store.find_subscription(&subscription_id(2)).await?, Some(subscription(2)));
    Ok(())
}

pub async fn an_update_of_an_unknown_subscription_is_a_conflict(store: &dyn Store) -> Result<(), StoreError> {
    let refused = update(store, &[held(SubscriptionRecord { version: 2, ..subscription_record(1) })]).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    Ok(())
}

pub async fn a_subscription_is_live_until_it_has_ended(store: &dyn Store) -> Result<(), StoreError> {
    for (n, status) in (1..).zip(SubscriptionStatus::ALL.iter().copied()) {
        let name = format!("slot_{n}");
        let subscription = held(SubscriptionRecord { slot: slot(&name), status, ..subscription_record(n) });
        create(store, std::slice::from_ref(&subscription)).await?;
        let expected = (!status.is_terminal()).then_some(subscription);
        assert_eq!(live(store, "alice", &name).await?, expected, "{status}");
    }
    let stub = SubscriptionRecord {
        slot: slot("stub"),
        status: SubscriptionStatus::Incomplete,
        as_of: time::OffsetDateTime::UNIX_EPOCH,
        ..subscription_record(100)
    };
    create(store, &[held(stub.clone())]).await?;
    assert_eq!(live(store, "alice", "stub").await?, Some(held(stub)), "a stub blocks the slot, too");
    Ok(())
}

pub async fn a_live_subscription_is_of_its_user_and_slot_only(store: &dyn Store) -> Result<(), StoreError> {
    let ended = SubscriptionRecord { status: SubscriptionStatus::Canceled, ..subscription_record(1) };
    let of_bob = SubscriptionRecord { user_id: user("bob"), ..subscription_record(2) };
    let elsewhere = SubscriptionRecord { slot: slot("storage"), ..subscription_record(3) };
    create(store, &[held(ended), held(of_bob), held(elsewhere)]).await?;
    assert_eq!(live(store, "alice", "default").await?, None);
    create(store, &[subscription(4)]).await?;
    assert_eq!(live(store, "alice", "default").await?, Some(subscription(4)));
    Ok(())
}

/// Whoever cancels and comes again must not get a second trial, so nothing that was once there is forgotten.
pub async fn a_slot_remembers_whoever_has_had_a_subscription_in_it(store: &dyn Store) -> Result<(), StoreError> {
    for (n, status) in (1..).zip(SubscriptionStatus::ALL.iter().copied()) {
        let name = format!("slot_{n}");
        assert!(!has_had(store, "alice", &name).await?, "nothing yet");
        create(store, &[held(SubscriptionRecord { slot: slot(&name), status, ..subscription_record(n) })]).await?;
        assert!(has_had(store, "alice", &name).await?, "{status}");
        assert!(!has_had(store, "bob", &name).await?, "somebody else");
    }
    assert!(!has_had(store, "alice", "another slot").await?);
    Ok(())
}

pub async fn live_subscriptions_are_found_by_their_customers(store: &dyn Store) -> Result<(), StoreError> {
    let of = |n, customer, status| {
        held(SubscriptionRecord { customer_id: customer_id(customer), status, ..subscription_record(n) })
    };
    let live = [of(1, 2, SubscriptionStatus::Unpaid), of(3, 1, SubscriptionStatus::Active)];
    let others = [
        of(2, 2, SubscriptionStatus::Canceled),
        of(4, 1, SubscriptionStatus::IncompleteExpired),
        of(5, 3, SubscriptionStatus::Active),
    ];
    create(store, &live).await?;
    create(store, &others).await?;
    let mut work = store.begin().await?;
    let customers = [customer_id(1), customer_id(2), customer_id(9)];
    let found = work.subscriptions().find_live_subscriptions_of_customers_for_update(&customers).await?;
    work.rollback().await?;
    assert_eq!(found, live);
    Ok(())
}

pub async fn live_subscriptions_are_listed_first_and_then_the_newest(store: &dyn Store) -> Result<(), StoreError> {
    let row = |n, status, age: i64| {
        held(SubscriptionRecord { status, as_of: SECOND - Duration::seconds(age), ..subscription_record(n) })
    };
    let rows = [
        row(1, SubscriptionStatus::Canceled, 0),
        row(2, SubscriptionStatus::Active, 30),
        row(3, SubscriptionStatus::IncompleteExpired, 1),
        row(4, SubscriptionStatus::Unpaid, 10),
        row(5, SubscriptionStatus::Trialing, 20),
    ];
    create(store, &rows).await?;
    let listed = store.list_user_subscriptions(&user("alice"), None, 10).await?;
    assert_eq!(numbers(&listed), ["sub_4", "sub_5", "sub_2", "sub_1", "sub_3"]);
    assert!(rows.iter().all(|row| listed.contains(row)), "rows are listed whole");
    Ok(())
}

pub async fn a_list_is_limited_and_can_be_of_one_price(store: &dyn Store) -> Result<(), StoreError> {
    for n in 1..=4 {
        let price = if n % 2 == 0 { "pro" } else { "basic" };
        let as_of = NOW - Duration::hours(i64::try_from(n).unwrap_or_default());
        create(store, &[held(SubscriptionRecord { price_id: price_id(price), as_of, ..subscription_record(n) })])
            .await?;
    }
    let alice = user("alice");
    let list = |price: Option<&str>, limit| store.list_user_subscriptions(&alice, price.map(price_id), limit);
    assert_eq!(numbers(&list(None, 3).await?), ["sub_1", "sub_2", "sub_3"]);
    assert_eq!(numbers(&list(Some("pro"), 10).await?), ["sub_2", "sub_4"]);
    assert_eq!(numbers(&list(Some("pro"), 1).await?), ["sub_2"]);
    assert!(list(Some("unknown"), 10).await?.is_empty());
    Ok(())
}

pub async fn a_list_shows_nothing_of_other_users(store: &dyn Store) -> Result<(), StoreError> {
    create(store, &[subscription(1)]).await?;
    assert!(store.list_user_subscriptions(&user("mallory"), None, 10).await?.is_empty());
    assert!(store.list_user_subscriptions(&user("ALICE"), None, 10).await?.is_empty());
    Ok(())
}
