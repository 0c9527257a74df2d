//! `transitions`: one for each version of each object.

use settled_domain::ports::{Store, StoreError};
use settled_domain::transition::{Cause, Transition};

use crate::fixtures::transition;
use crate::steps::has_transition;

async fn record(store: &dyn Store, transitions: &[Transition]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.transitions().record_transitions(transitions).await?;
    work.commit().await
}

pub async fn a_version_has_one_transition(store: &dyn Store) -> Result<(), StoreError> {
    let first = Transition { from: None, event_id: None, cause: Cause::Checkout, ..transition("sub_1", 1) };
    record(store, std::slice::from_ref(&first)).await?;
    for second in [first, transition("sub_1", 1)] {
        let refused = record(store, &[second]).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    Ok(())
}

pub async fn versions_and_objects_are_independent(store: &dyn Store) -> Result<(), StoreError> {
    record(store, &[transition("sub_1", 1), transition("sub_1", 2), transition("sub_2", 1)]).await?;
    record(store, &[transition("sub_1", i64::MAX), transition("sub_3", 1)]).await
}

pub async fn one_that_exists_undoes_the_whole_slice(store: &dyn Store) -> Result<(), StoreError> {
    record(store, &[transition("sub_1", 2)]).await?;
    let refused = record(store, &[transition("sub_1", 1), transition("sub_1", 2), transition("sub_1", 3)]).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert!(!has_transition(store, "sub_1", 1).await?);
    assert!(has_transition(store, "sub_1", 2).await?);
    assert!(!has_transition(store, "sub_1", 3).await?);
    Ok(())
}
