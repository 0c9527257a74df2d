//! `refreshes`: the queue of what to ask Stripe, its leases and its generations.

use futures_util::future::join_all;
use settled_domain::ports::{Store, StoreError};
use settled_domain::refresh_request::{ClaimedRefresh, RefreshObject, RefreshReason, RefreshRequest};
use time::Duration;

use crate::fixtures::{
    NOW, charge_id, customer_id, dispute_id, doubt, invoice_id, payment_id, refresh_object, refund_id, session_id,
    subscription_id,
};
use crate::steps::{claim_due, claim_one, finish, postpone, request};

const MICROSECOND: Duration = Duration::microseconds(1);
/// How long the steps' claims last.
const LEASE: Duration = Duration::MINUTE;

fn objects(claimed: &[ClaimedRefresh]) -> Vec<RefreshObject> {
    claimed.iter().map(|entry| entry.object.clone()).collect()
}

async fn cancel(store: &dyn Store, objects: &[RefreshObject], reason: RefreshReason) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.refreshes().cancel_refreshes(objects, reason).await?;
    work.commit().await
}

pub async fn an_entry_is_claimed_when_it_is_due(store: &dyn Store) -> Result<(), StoreError> {
    let object = RefreshObject::Payment(payment_id(1));
    let reason = RefreshReason::Contradiction;
    request(store, &[RefreshRequest::new(object.clone(), reason, NOW)]).await?;
    assert_eq!(claim_due(store, NOW - MICROSECOND).await?, []);
    assert_eq!(
        claim_due(store, NOW).await?,
        [ClaimedRefresh { object, reason, generation: 1, attempts: 0, answered_from: None, trusted_from: None }]
    );
    Ok(())
}

pub async fn the_longest_due_come_first_and_no_more_than_the_limit(store: &dyn Store) -> Result<(), StoreError> {
    let ages = [(1, 10), (2, 40), (3, 20), (4, 50), (5, 30)];
    let requests = ages.map(|(n, seconds)| doubt(n, NOW - Duration::seconds(seconds)));
    request(store, &requests).await?;
    let mut work = store.begin().await?;
    let first = work.refreshes().claim_due_refreshes(NOW, NOW + LEASE, 2).await?;
    let second = work.refreshes().claim_due_refreshes(NOW, NOW + LEASE, 2).await?;
    let rest = work.refreshes().claim_due_refreshes(NOW, NOW + LEASE, 2).await?;
    work.commit().await?;
    assert_eq!(objects(&first), [refresh_object(4), refresh_object(2)]);
    assert_eq!(objects(&second), [refresh_object(5), refresh_object(3)]);
    assert_eq!(objects(&rest), [refresh_object(1)]);
    Ok(())
}

pub async fn a_claimed_entry_is_nobody_elses_until_its_lease_runs_out(store: &dyn Store) -> Result<(), StoreError> {
    request(store, &[doubt(1, NOW)]).await?;
    let first = claim_one(store, NOW).await?;
    assert_eq!(claim_due(store, NOW).await?, []);
    assert_eq!(claim_due(store, NOW + LEASE - MICROSECOND).await?, []);
    assert_eq!(claim_one(store, NOW + LEASE).await?, first, "the worker has died, and another one takes over");
    Ok(())
}

/// Row 63 of the faults. What is taken on once more is harmless: only one answer is written.
pub async fn a_lease_outlives_no_jump_of_the_clock_by_an_hour(store: &dyn Store) -> Result<(), StoreError> {
    request(store, &[doubt(1, NOW - Duration::HOUR)]).await?;
    let (ahead, behind) = (NOW + Duration::HOUR, NOW);
    let first = claim_one(store, ahead).await?;
    assert_eq!(claim_one(store, behind).await?, first, "the clock was set right, and the worker may have died");
    assert_eq!(claim_due(store, behind).await?, []);
    assert_eq!(claim_due(store, behind - LEASE).await?, [], "clocks of two machines may differ by as much as a lease");
    assert_eq!(claim_one(store, ahead).await?, first);
    finish(store, &first).await
}

pub async fn two_workers_at_once_never_get_the_same_entry(store: &dyn Store) -> Result<(), StoreError> {
    let requests: Vec<_> = (1..=40).map(|n| doubt(n, NOW)).collect();
    request(store, &requests).await?;
    let workers = (0..8).map(|_| async {
        let mut work = store.begin().await?;
        let claimed = work.refreshes().claim_due_refreshes(NOW, NOW + LEASE, 5).await?;
        work.commit().await?;
        Ok::<_, StoreError>(claimed)
    });
    let claimed = join_all(workers).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut claimed = objects(&claimed.concat());
    // Workers that hinder each other may leave an entry; nobody may get one twice.
    claimed.extend(objects(&claim_due(store, NOW).await?));
    claimed.sort();
    let mut expected: Vec<_> = (1..=40).map(refresh_object).collect();
    expected.sort();
    assert_eq!(claimed, expected);
    Ok(())
}

pub async fn a_new_doubt_raises_the_generation(store: &dyn Store) -> Result<(), StoreError> {
    request(store, &[doubt(1, NOW), doubt(2, NOW)]).await?;
    request(store, &[doubt(1, NOW)]).await?;
    request(store, &[doubt(1, NOW)]).await?;
    let claimed = claim_due(store, NOW).await?;
    let mut generations: Vec<_> = claimed.iter().map(|entry| entry.generation).collect();
    generations.sort_unstable();
    assert_eq!(generations, [1, 3]);
    Ok(())
}

/// Two events of one batch may both raise a doubt about one subscription.
pub async fn one_object_twice_in_a_slice_is_two_doubts(store: &dyn Store) -> Result<(), StoreError> {
    let stub = RefreshRequest { reason: RefreshReason::Stub, ..doubt(1, NOW + Duration::HOUR) };
    request(store, &[stub, doubt(1, NOW), doubt(1, NOW + Duration::MINUTE)]).await?;
    let claimed = claim_one(store, NOW).await?;
    assert_eq!(claimed.reason, RefreshReason::Doubt);
    let after = doubt(1, NOW);
    request(store, &[after]).await?;
    finish(store, &claimed).await?;
    let newer = claim_one(store, NOW).await?;
    assert!(newer.generation > claimed.generation);
    Ok(())
}

pub async fn the_earlier_due_time_holds(store: &dyn Store) -> Result<(), StoreError> {
    request(store, &[doubt(1, NOW), doubt(2, NOW + Duration::HOUR)]).await?;
    request(store, &[doubt(1, NOW + Duration::HOUR), doubt(2, NOW + Duration::SECOND)]).await?;
    assert_eq!(objects(&claim_due(store, NOW).await?), [refresh_object(1)]);
    assert_eq!(objects(&claim_due(store, NOW + Duration::SECOND).await?), [refresh_object(2)]);
    Ok(())
}

pub async fn a_stub_gives_way_to_another_reason_and_no_reason_to_a_stub(store: &dyn Store) -> Result<(), StoreError> {
    let because = |n, reason| RefreshRequest { reason, ..doubt(n, NOW) };
    let (stub, doubt, contradiction) = (RefreshReason::Stub, RefreshReason::Doubt, RefreshReason::Contradiction);
    let first = [because(1, stub), because(2, doubt), because(3, stub), because(4, doubt)];
    let then = [because(1, doubt), because(2, stub), because(3, stub), because(4, contradiction)];
    request(store, &first).await?;
    request(store, &then).await?;
    let reasons: Vec<_> =
        claim_due(store, NOW).await?.iter().map(|entry| (entry.object.clone(), entry.reason)).collect();
    for expected in [(1, doubt), (2, doubt), (3, stub), (4, doubt)] {
        assert!(reasons.contains(&(refresh_object(expected.0), expected.1)), "{expected:?} in {reasons:?}");
    }
    Ok(())
}

async fn offer(store: &dyn Store, requests: &[RefreshRequest]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.refreshes().offer_refreshes(requests).await?;
    work.commit().await
}

pub async fn an_offer_is_taken_only_where_there_is_no_entry(store: &dyn Store) -> Result<(), StoreError> {
    let landing =
        |n, due_at| RefreshRequest::new(RefreshObject::Payment(payment_id(n)), RefreshReason::Landing, due_at);
    offer(store, &[]).await?;
    offer(store, &[landing(1, NOW)]).await?;
    let claimed = claim_one(store, NOW).await?;
    assert_eq!(claimed, ClaimedRefresh { generation: 1, attempts: 0, ..claimed.clone() });
    // Neither while it is asked about nor while it is put off.
    offer(store, &[landing(1, NOW - Duration::HOUR), landing(2, NOW + Duration::HOUR)]).await?;
    postpone(store, &claimed, NOW + Duration::MINUTE).await?;
    offer(store, &[landing(1, NOW)]).await?;
    assert_eq!(claim_due(store, NOW + Duration::MINUTE - MICROSECOND).await?, []);
    let again = claim_one(store, NOW + Duration::MINUTE).await?;
    assert_eq!(again, ClaimedRefresh { attempts: 1, ..claimed });
    finish(store, &again).await?;
    assert_eq!(objects(&claim_due(store, NOW + Duration::HOUR).await?), [RefreshObject::Payment(payment_id(2))]);
    Ok(())
}

pub async fn an_entry_is_cancelled_while_its_reason_is_the_same(store: &dyn Store) -> Result<(), StoreError> {
    let stub = |n| RefreshRequest { reason: RefreshReason::Stub, ..doubt(n, NOW) };
    request(store, &[stub(1), stub(2), stub(3), doubt(4, NOW)]).await?;
    request(store, &[doubt(2, NOW)]).await?;
    let objects_to_cancel = [refresh_object(1), refresh_object(2), refresh_object(4), refresh_object(99)];
    cancel(store, &objects_to_cancel, RefreshReason::Stub).await?;
    let mut left = objects(&claim_due(store, NOW).await?);
    left.sort();
    assert_eq!(left, [refresh_object(2), refresh_object(3), refresh_object(4)]);
    Ok(())
}

pub async fn of_two_wishes_the_one_that_is_harder_to_answer_holds(store: &dyn Store) -> Result<(), StoreError> {
    let (early, late) = (Some(NOW - Duration::MINUTE), Some(NOW));
    let wish = |n, answered_from| RefreshRequest { answered_from, ..doubt(n, NOW) };
    let cases = [(early, late, late), (late, early, late), (early, None, None), (None, late, None), (None, None, None)];
    for (n, (first, then, expected)) in (1..).zip(cases) {
        request(store, &[wish(n, first)]).await?;
        request(store, &[wish(n, then)]).await?;
        assert_eq!(claim_one(store, NOW).await?.answered_from, expected, "{first:?} and then {then:?}");
        request(store, &[wish(n + 100, first), wish(n + 100, then)]).await?;
        assert_eq!(claim_one(store, NOW).await?.answered_from, expected, "{first:?} with {then:?}");
    }
    Ok(())
}

pub async fn of_two_wishes_the_one_that_trusts_later_answers_holds(store: &dyn Store) -> Result<(), StoreError> {
    let (early, late) = (Some(NOW + Duration::MINUTE), Some(NOW + 2 * Duration::MINUTE));
    let wish = |n, trusted_from| RefreshRequest { trusted_from, ..doubt(n, NOW) };
    let cases =
        [(early, late, late), (late, early, late), (early, None, early), (None, late, late), (None, None, None)];
    for (n, (first, then, expected)) in (1..).zip(cases) {
        request(store, &[wish(n, first)]).await?;
        request(store, &[wish(n, then)]).await?;
        assert_eq!(claim_one(store, NOW).await?.trusted_from, expected, "{first:?} and then {then:?}");
        request(store, &[wish(n + 100, first), wish(n + 100, then)]).await?;
        assert_eq!(claim_one(store, NOW).await?.trusted_from, expected, "{first:?} with {then:?}");
    }
    Ok(())
}

pub async fn every_kind_of_object_can_be_asked_for(store: &dyn Store) -> Result<(), StoreError> {
    let mut asked = vec![
        RefreshObject::Payment(payment_id(1)),
        RefreshObject::Subscription(subscription_id(1)),
        RefreshObject::Session(session_id(1)),
        RefreshObject::Invoice(invoice_id(1)),
        RefreshObject::Refund(refund_id(1)),
        RefreshObject::Dispute(dispute_id(1)),
        RefreshObject::ChargeRefunds(charge_id(1)),
        RefreshObject::Customer(customer_id(1)),
    ];
    let requests: Vec<_> =
        asked.iter().map(|object| RefreshRequest::new(object.clone(), RefreshReason::Named, NOW)).collect();
    request(store, &requests).await?;
    let mut claimed = objects(&claim_due(store, NOW).await?);
    claimed.sort();
    asked.sort();
    assert_eq!(claimed, asked);
    Ok(())
}

pub async fn a_finished_entry_is_gone(store: &dyn Store) -> Result<(), StoreError> {
    request(store, &[doubt(1, NOW)]).await?;
    finish(store, &claim_one(store, NOW).await?).await?;
    assert_eq!(claim_due(store, NOW + LEASE).await?, []);
    request(store, &[doubt(1, NOW)]).await?;
    assert_eq!(claim_one(store, NOW).await?.generation, 1, "a later doubt is a new entry");
    Ok(())
}

pub async fn a_new_doubt_survives_the_end_of_an_older_claim(store: &dyn Store) -> Result<(), StoreError> {
    request(store, &[doubt(1, NOW)]).await?;
    let claimed = claim_one(store, NOW).await?;
    request(store, &[doubt(1, NOW + Duration::HOUR)]).await?;
    finish(store, &claimed).await?;
    let again = claim_one(store, NOW).await?;
    assert_eq!(again.generation, claimed.generation + 1, "it is free at once, without waiting for the lease");
    finish(store, &again).await?;
    assert_eq!(claim_due(store, NOW + LEASE).await?, []);
    Ok(())
}

pub async fn a_new_doubt_does_not_break_a_lease(store: &dyn Store) -> Result<(), StoreError> {
    request(store, &[doubt(1, NOW)]).await?;
    claim_one(store, NOW).await?;
    request(store, &[doubt(1, NOW)]).await?;
    assert_eq!(claim_due(store, NOW).await?, []);
    Ok(())
}

pub async fn a_postponed_entry_comes_back_when_it_is_due_and_counts_the_attempt(
    store: &dyn Store,
) -> Result<(), StoreError> {
    request(store, &[doubt(1, NOW)]).await?;
    let mut claimed = claim_one(store, NOW).await?;
    let mut due_at = NOW;
    for attempts in 1..=3 {
        due_at += Duration::SECOND;
        postpone(store, &claimed, due_at).await?;
        assert_eq!(claim_due(store, due_at - MICROSECOND).await?, []);
        let again = claim_one(store, due_at).await?;
        assert_eq!(again, ClaimedRefresh { attempts, ..claimed });
        claimed = again;
    }
    Ok(())
}

pub async fn a_postponed_entry_with_a_new_doubt_is_due_at_once(store: &dyn Store) -> Result<(), StoreError> {
    request(store, &[doubt(1, NOW)]).await?;
    let claimed = claim_one(store, NOW).await?;
    request(store, &[doubt(1, NOW + Duration::SECOND)]).await?;
    postpone(store, &claimed, NOW + Duration::HOUR).await?;
    let again = claim_one(store, NOW).await?;
    assert_eq!(again, ClaimedRefresh { generation: claimed.generation + 1, attempts: 1, ..claimed });
    Ok(())
}

pub async fn ending_a_claim_whose_entry_is_gone_does_nothing(store: &dyn Store) -> Result<(), StoreError> {
    request(store, &[doubt(1, NOW)]).await?;
    let claimed = claim_one(store, NOW).await?;
    finish(store, &claimed).await?;
    finish(store, &claimed).await?;
    postpone(store, &claimed, NOW).await?;
    assert_eq!(claim_due(store, NOW + LEASE).await?, []);
    Ok(())
}
