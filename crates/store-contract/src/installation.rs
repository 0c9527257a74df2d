//! To which Stripe a database belongs, and whether it can be used.

use futures_util::future::join_all;
use settled_domain::ids::AccountId;
use settled_domain::installation::{Installation, StripeMode};
use settled_domain::ports::{Store, StoreError};

fn installation(mode: StripeMode, account: &str) -> Installation {
    Installation { mode, account_id: AccountId::new(account).expect("an account id") }
}

pub async fn the_first_installation_is_written_and_stays(store: &dyn Store) -> Result<(), StoreError> {
    let first = installation(StripeMode::Live, "acct_1");
    assert_eq!(store.find_installation().await?, None);
    assert_eq!(store.claim_installation(&first).await?, first);
    assert_eq!(store.find_installation().await?, Some(first.clone()));
    for other in [StripeMode::Sandbox, StripeMode::Test, StripeMode::Live] {
        assert_eq!(store.claim_installation(&installation(other, "acct_2")).await?, first);
    }
    Ok(())
}

pub async fn of_two_installations_at_once_one_wins(store: &dyn Store) -> Result<(), StoreError> {
    let wishes: Vec<_> = (1..=10).map(|n| installation(StripeMode::Test, &format!("acct_{n}"))).collect();
    let answers = join_all(wishes.iter().map(|wish| store.claim_installation(wish))).await;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert!(wishes.contains(&answers[0]));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    Ok(())
}

pub async fn a_store_is_ready(store: &dyn Store) -> Result<(), StoreError> {
    store.check_ready().await
}
