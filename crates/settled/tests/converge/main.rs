//! Whole lives of purchases, while everything goes wrong that a seed thinks of, and in the end our rows equal Stripe's.
//!
//! A seed decides what the users do, what happens to the deliveries and what Stripe's API answers. The sandbox and the
//! service live in one time that only the test moves, so that weeks pass in a moment and a seed that fails once fails
//! again: `cargo xtask converge --seeds 1 --from SEED`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod check;
mod database;
mod life;
mod log;
mod plan;
mod seeds;
mod service;
mod story;
mod stripe;
mod time;

use database::Kind;

#[test]
fn purchases_converge_under_any_plan_on_sqlite() {
    seeds::run(Kind::Sqlite);
}

#[cfg(feature = "postgres-tests")]
#[test]
fn purchases_converge_under_any_plan_on_postgres() {
    seeds::run(Kind::Postgres);
}

#[test]
fn a_debit_of_whose_failure_no_event_tells_is_found_to_have_failed() {
    for price in ["price_lifetime", "price_basic_monthly"] {
        let told = seeds::fail_unheard(price);
        assert!(told.log.last().is_some_and(|line| line.ends_with("failed")), "{:#?}", told.log);
        assert!(told.differences.is_empty(), "{price}: {:#?}", told.differences);
    }
}

#[test]
fn what_is_only_named_converges_although_answers_lag_behind() {
    for seed in 1..=4 {
        let told = seeds::name_only(seed);
        assert!(told.differences.is_empty(), "{seed}: {:#?}\n{:#?}", told.log, told.differences);
    }
}

#[test]
fn what_is_not_made_good_is_seen() {
    let told = seeds::neglect(7);
    let sees = |words: &str| told.differences.iter().any(|line| line.contains(words));
    assert!(sees("status is \"pending\" here and \"succeeded\" at Stripe"), "{:#?}", told.differences);
    assert!(sees("is active at Stripe and not here"), "{:#?}", told.differences);
    assert!(sees("invoice"), "{:#?}", told.differences);
    assert!(sees("access is false here and true at Stripe"), "{:#?}", told.differences);
}

#[test]
fn a_seed_tells_the_same_story_twice() {
    let [first, second] = [(); 2].map(|()| seeds::tell(7).log);
    assert!(first.len() >= 15);
    assert_eq!(first, second);
}
