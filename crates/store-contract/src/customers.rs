//! Rows of `customers`: one for each user, and Stripe's id of it.

use futures_util::future::join_all;
use settled_domain::customer::Customer;
use settled_domain::ids::{CustomerId, CustomerKey};
use settled_domain::ports::{Store, StoreError};
use time::Duration;

use crate::fixtures::{SECOND, customer_id, customer_key, user};
use crate::steps::alice;

async fn find_or_insert(store: &dyn Store, user_name: &str, key: CustomerKey) -> Result<Customer, StoreError> {
    let mut work = store.begin().await?;
    let customer = work.customers().find_or_insert_customer(&user(user_name), key).await?;
    work.commit().await?;
    Ok(customer)
}

async fn save_id(store: &dyn Store, key: CustomerKey, id: &CustomerId) -> Result<CustomerId, StoreError> {
    let mut work = store.begin().await?;
    let stored = work.customers().save_customer_id(key, id).await?;
    work.commit().await?;
    Ok(stored)
}

pub async fn a_user_gets_one_customer_however_often_it_is_asked_for(store: &dyn Store) -> Result<(), StoreError> {
    let name = "auth0|алиса \u{1F980} '\"\\%";
    let first = find_or_insert(store, name, customer_key(1)).await?;
    assert_eq!(first, Customer { key: customer_key(1), user_id: user(name), customer_id: None, deleted_at: None });
    assert_eq!(find_or_insert(store, name, customer_key(2)).await?, first);
    Ok(())
}

pub async fn two_callers_at_once_get_the_same_customer(store: &dyn Store) -> Result<(), StoreError> {
    let calls = (1..=10).map(|n| find_or_insert(store, "alice", customer_key(n)));
    let customers = join_all(calls).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert!(customers.iter().all(|customer| *customer == customers[0]), "{customers:?}");
    Ok(())
}

pub async fn users_have_customers_of_their_own(store: &dyn Store) -> Result<(), StoreError> {
    for (n, name) in (1..).zip(["alice", "bob", "Alice", "алиса"]) {
        let customer = find_or_insert(store, name, customer_key(n)).await?;
        assert_eq!(
            customer,
            Customer { key: customer_key(n), user_id: user(name), customer_id: None, deleted_at: None }
        );
    }
    Ok(())
}

pub async fn the_id_that_is_written_first_stays(store: &dyn Store) -> Result<(), StoreError> {
    find_or_insert(store, "alice", customer_key(1)).await?;
    find_or_insert(store, "bob", customer_key(2)).await?;
    assert_eq!(save_id(store, customer_key(1), &customer_id(1)).await?, customer_id(1));
    assert_eq!(save_id(store, customer_key(1), &customer_id(2)).await?, customer_id(1));
    let customer = find_or_insert(store, "alice", customer_key(3)).await?;
    assert_eq!(customer.customer_id, Some(customer_id(1)));
    assert_eq!(find_or_insert(store, "bob", customer_key(3)).await?.customer_id, None);
    Ok(())
}

pub async fn an_id_for_an_unknown_customer_is_a_conflict(store: &dyn Store) -> Result<(), StoreError> {
    find_or_insert(store, "alice", customer_key(1)).await?;
    let refused = save_id(store, customer_key(2), &customer_id(1)).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    Ok(())
}

pub async fn an_id_belongs_to_one_customer(store: &dyn Store) -> Result<(), StoreError> {
    find_or_insert(store, "alice", customer_key(1)).await?;
    find_or_insert(store, "bob", customer_key(2)).await?;
    save_id(store, customer_key(1), &customer_id(1)).await?;
    let refused = save_id(store, customer_key(2), &customer_id(1)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    Ok(())
}

pub async fn customers_are_found_in_the_order_of_their_ids(store: &dyn Store) -> Result<(), StoreError> {
    // The keys sort the other way round than the ids.
    for n in [3, 1, 2, 4] {
        find_or_insert(store, &format!("user {n}"), customer_key(9 - n)).await?;
        save_id(store, customer_key(9 - n), &customer_id(n)).await?;
    }
    let ids = [customer_id(3), customer_id(99), customer_id(1), customer_id(2)];
    let mut work = store.begin().await?;
    let found = work.customers().find_customers(&ids).await?;
    work.rollback().await?;
    let expected = [1, 2, 3].map(|n| Customer {
        key: customer_key(9 - n),
        user_id: user(&format!("user {n}")),
        customer_id: Some(customer_id(n)),
        deleted_at: None,
    });
    assert_eq!(found, expected);
    Ok(())
}

pub async fn a_customer_without_an_id_is_not_found_by_one(store: &dyn Store) -> Result<(), StoreError> {
    find_or_insert(store, "alice", customer_key(1)).await?;
    let mut work = store.begin().await?;
    let found = work.customers().find_customers(&[customer_id(1)]).await?;
    work.rollback().await?;
    assert_eq!(found, []);
    Ok(())
}

async fn mark_deleted(store: &dyn Store, customers: &[Customer]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.customers().mark_customers_deleted(customers).await?;
    work.commit().await
}

async fn find(store: &dyn Store, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
    let mut work = store.begin().await?;
    let found = work.customers().find_customers(std::slice::from_ref(id)).await?;
    work.rollback().await?;
    Ok(found.into_iter().next())
}

pub async fn a_deleted_customer_is_found_and_its_user_gets_another_one(store: &dyn Store) -> Result<(), StoreError> {
    let mut first = alice(store).await?;
    find_or_insert(store, "bob", customer_key(2)).await?;
    save_id(store, customer_key(2), &customer_id(2)).await?;
    first.delete(SECOND);
    mark_deleted(store, std::slice::from_ref(&first)).await?;
    assert_eq!(find(store, &customer_id(1)).await?, Some(first));
    assert_eq!(find(store, &customer_id(2)).await?.and_then(|bob| bob.deleted_at), None);
    let second = find_or_insert(store, "alice", customer_key(3)).await?;
    assert_eq!((second.key, second.customer_id, second.deleted_at), (customer_key(3), None, None));
    assert_eq!(find_or_insert(store, "alice", customer_key(4)).await?.key, customer_key(3));
    Ok(())
}

pub async fn the_earliest_second_of_a_deletion_is_kept(store: &dyn Store) -> Result<(), StoreError> {
    let customer = alice(store).await?;
    for second in [SECOND, SECOND + Duration::SECOND, SECOND - Duration::SECOND, SECOND] {
        mark_deleted(store, &[Customer { deleted_at: Some(second), ..customer.clone() }]).await?;
    }
    let stored = find(store, &customer_id(1)).await?.and_then(|customer| customer.deleted_at);
    assert_eq!(stored, Some(SECOND - Duration::SECOND));
    Ok(())
}
