use proptest::prelude::*;
use proptest::sample::{Index, select};
use time::Duration;

use super::*;
use crate::examples::{NOW, SECOND, creating, one_time_quote, open_session, opened, paid_session, pending};
use crate::ids::{PaymentIntentId, SubscriptionId};
use crate::money::Currency;
use crate::session::{CheckoutSession, SessionPaymentStatus};
use crate::settlement::ParkReason;
use crate::transition::SettledBy;

fn fact(status: PaymentStatus, session: &CheckoutSession) -> PaymentFact<'_> {
    PaymentFact { status, session, as_of: SECOND, cause: Cause::Webhook }
}

fn with(status: PaymentStatus) -> Payment {
    let mut payment = pending();
    if status != PaymentStatus::Pending {
        let Verdict::Changed(_) = payment.apply(&fact(status, &paid_session()), NOW) else { panic!("not changed") };
    }
    payment
}

#[test]
fn a_new_payment_is_creating_and_its_id_is_its_first_idempotency_key() {
    let payment = creating();
    assert_eq!(payment.status(), PaymentStatus::Creating);
    assert_eq!(payment.record().idempotency_key, payment.id().to_string());
    assert_eq!(payment.version(), 1);
}

#[test]
fn an_opened_session_makes_creating_pending() {
    let mut payment = creating();
    let transition = payment.open(&opened(), NOW).unwrap();
    assert_eq!((transition.from, transition.to), (Some("creating"), "pending"));
    assert_eq!((transition.version, payment.version()), (2, 2));
    assert_eq!(payment.record().checkout_url, opened().url);
}

#[test]
fn an_opened_session_that_comes_after_the_webhook_only_fills_in_what_is_missing() {
    let mut payment = creating();
    let _ = payment.apply(&fact(PaymentStatus::Succeeded, &paid_session()), NOW);
    payment.open(&opened(), NOW).unwrap();
    assert_eq!(payment.status(), PaymentStatus::Succeeded);
    assert_eq!(payment.record().checkout_url, opened().url);
    assert_eq!(payment.open(&opened(), NOW), None);
}

#[test]
fn a_second_session_does_not_replace_the_first() {
    let mut payment = pending();
    let second = OpenedSession { session_id: SessionId::new("cs_test_2").unwrap(), url: None, expires_at: None };
    assert_eq!(payment.open(&second, NOW), None);
    assert_eq!(payment.record().session_id, Some(opened().session_id));
}

#[test]
fn only_a_payment_in_creating_can_be_refused() {
    let mut payment = creating();
    assert_eq!(payment.refuse(NOW).unwrap().to, "failed");
    assert_eq!(payment.record().settled_by, None);
    assert_eq!(pending().refuse(NOW), None);
}

#[test]
fn the_idempotency_key_can_be_replaced_only_while_creating() {
    let mut payment = creating();
    assert!(payment.replace_idempotency_key("key_2".into(), NOW).is_some());
    assert_eq!(payment.record().idempotency_key, "key_2");
    assert_eq!(pending().replace_idempotency_key("key_2".into(), NOW), None);
}

#[test]
fn a_session_that_stripe_does_not_know_ends_only_a_pending_payment() {
    let mut payment = pending();
    assert_eq!(payment.lost(Cause::Landing, NOW).unwrap().to, "expired");
    assert_eq!(with(PaymentStatus::Succeeded).lost(Cause::Landing, NOW), None);
}

fn is_worth_asking(payment: &Payment, now: OffsetDateTime) -> bool {
    payment.waiting().is_some_and(|waiting| waiting.is_worth_asking(now))
}

#[test]
fn stripe_is_asked_for_a_waiting_customer_less_and_less_often() {
    let mut payment = pending();
    assert!(!is_worth_asking(&payment, SECOND + Duration::SECOND));
    assert!(is_worth_asking(&payment, SECOND + Duration::seconds(2)));

    let mut asked_at = Vec::new();
    for second in 0..Duration::DAY.whole_seconds() {
        let now = SECOND + Duration::seconds(second);
        if is_worth_asking(&payment, now) {
            asked_at.push(second);
            let session = open_session();
            let still_open = PaymentFact { as_of: now, ..fact(PaymentStatus::Pending, &session) };
            assert_eq!(payment.apply(&still_open, now), Verdict::Confirmed);
        }
    }
    assert_eq!(asked_at[..5], [2, 4, 6, 8, 10]);
    assert!(asked_at.len() < 350, "{} calls in a day", asked_at.len());
    assert!(asked_at.windows(2).all(|pair| pair[1] - pair[0] <= 300));
}

#[test]
fn no_customer_waits_for_a_payment_that_is_not_pending() {
    for status in PaymentStatus::ALL.iter().copied().filter(|status| *status > PaymentStatus::Pending) {
        assert!(!is_worth_asking(&with(status), NOW + Duration::DAY), "{status}");
    }
    assert!(!is_worth_asking(&creating(), NOW + Duration::DAY));
}

#[test]
fn a_final_fact_says_when_and_by_whom_it_was_settled() {
    let mut payment = pending();
    let Verdict::Changed(transition) = payment.apply(&fact(PaymentStatus::Succeeded, &paid_session()), NOW) else {
        panic!("not changed");
    };
    assert_eq!((transition.from, transition.to), (Some("pending"), "succeeded"));
    let row = payment.record();
    assert_eq!((row.settled_at, row.settled_by), (Some(NOW), Some(SettledBy::Webhook)));
    assert_eq!(row.subscription_id, Some(SubscriptionId::new("sub_1").unwrap()));
    assert_eq!(row.total_minor, Some(1900));
}

#[test]
fn the_same_fact_again_changes_nothing() {
    let mut payment = with(PaymentStatus::Succeeded);
    let before = payment.clone();
    let verdict = payment.apply(&fact(PaymentStatus::Succeeded, &paid_session()), NOW + Duration::HOUR);
    assert_eq!(verdict, Verdict::Known);
    assert_eq!(payment, before);
}

#[test]
fn the_same_word_said_later_raises_as_of_and_the_version_and_is_no_change() {
    let mut payment = with(PaymentStatus::Succeeded);
    let before = payment.clone();
    let session = paid_session();
    let later = PaymentFact { as_of: SECOND + Duration::SECOND, ..fact(PaymentStatus::Succeeded, &session) };
    assert_eq!(payment.apply(&later, NOW), Verdict::Confirmed);
    assert_eq!(payment.record().as_of, SECOND + Duration::SECOND);
    assert_eq!(payment.version(), before.version() + 1);
}

#[test]
fn a_lower_fact_never_lowers_the_status() {
    for held in [PaymentStatus::Processing, PaymentStatus::Failed, PaymentStatus::Succeeded] {
        for said in PaymentStatus::ALL.iter().copied().filter(|said| *said <= held) {
            let mut payment = with(held);
            let _ = payment.apply(&fact(said, &paid_session()), NOW);
            assert_eq!(payment.status(), held, "{said} after {held}");
        }
    }
}

#[test]
fn success_contradicts_failure_and_expiry_both_ways_and_nothing_else_does() {
    use PaymentStatus::{Expired, Failed, Succeeded};
    for held in PaymentStatus::ALL.iter().copied().filter(|held| *held > PaymentStatus::Creating) {
        for said in PaymentStatus::ALL.iter().copied() {
            let expected = matches!((held, said), (Succeeded, Expired | Failed) | (Expired | Failed, Succeeded));
            assert_eq!(with(held).contradicts(said), expected, "{said} after {held}");
        }
    }
}

#[test]
fn success_of_another_amount_currency_or_customer_is_refused_and_changes_nothing() {
    let cases = [
        (CheckoutSession { amount_subtotal: Some(1), ..paid_session() }, ParkReason::AmountMismatch),
        (CheckoutSession { amount_subtotal: None, ..paid_session() }, ParkReason::AmountMismatch),
        (CheckoutSession { currency: Currency::new("eur").ok(), ..paid_session() }, ParkReason::CurrencyMismatch),
        (CheckoutSession { customer_id: None, ..paid_session() }, ParkReason::CustomerMismatch),
        (CheckoutSession { customer_id: "cus_2".parse().ok(), ..paid_session() }, ParkReason::CustomerMismatch),
        (CheckoutSession { id: "cs_test_2".parse().unwrap(), ..paid_session() }, ParkReason::SessionMismatch),
    ];
    for (session, reason) in cases {
        for status in [PaymentStatus::Processing, PaymentStatus::Succeeded] {
            let mut payment = pending();
            assert_eq!(payment.apply(&fact(status, &session), NOW), Verdict::Refused(reason));
            assert_eq!(payment, pending());
        }
    }
}

#[test]
fn a_free_start_succeeds_whatever_its_amount() {
    let free = CheckoutSession {
        payment_status: Some(SessionPaymentStatus::NoPaymentRequired),
        amount_subtotal: Some(0),
        amount_total: Some(0),
        ..paid_session()
    };
    let mut payment = pending();
    let _ = payment.apply(&fact(PaymentStatus::Succeeded, &free), NOW);
    assert_eq!(payment.status(), PaymentStatus::Succeeded);
    assert_eq!(payment.record().total_minor, Some(0));
}

#[test]
fn a_discount_changes_the_total_and_not_the_quote() {
    let session = CheckoutSession { amount_total: Some(1500), ..paid_session() };
    let mut payment = pending();
    let _ = payment.apply(&fact(PaymentStatus::Succeeded, &session), NOW);
    assert_eq!((payment.record().total_minor, payment.record().quoted.minor_units), (Some(1500), 1900));
}

#[test]
fn a_damaged_row_is_noticed_when_it_is_read() {
    type Damage = fn(&mut PaymentRecord);
    let damages: [Damage; 5] = [
        |row| row.version = 0,
        |row| row.quoted.minor_units = -1,
        |row| row.status = PaymentStatus::Succeeded,
        |row| row.session_id = None,
        |row| row.status = PaymentStatus::Creating,
    ];
    for damage in damages {
        let mut row = pending().record().clone();
        damage(&mut row);
        assert!(Payment::restore(row).is_err());
    }
    assert_eq!(Payment::restore(pending().record().clone()), Ok(pending()));
}

#[test]
fn a_one_time_price_is_its_own_slot_and_a_recurring_one_shares_the_default() {
    assert_eq!(one_time_quote().slot().as_str(), "price_lifetime");
    assert_eq!(pending().slot().as_str(), "default");
}

/// What Stripe may say about one session, in the session's own words at that moment.
fn any_fact() -> impl Strategy<Value = (PaymentStatus, CheckoutSession, i64)> {
    let complete = CheckoutSession {
        payment_intent_id: Some(PaymentIntentId::new("pi_1").unwrap()),
        amount_total: Some(1700),
        ..paid_session()
    };
    let expired = CheckoutSession { amount_total: Some(1800), url: None, ..open_session() };
    let said = vec![
        (PaymentStatus::Pending, open_session()),
        (PaymentStatus::Expired, expired),
        (PaymentStatus::Processing, complete.clone()),
        (PaymentStatus::Failed, complete.clone()),
        (PaymentStatus::Succeeded, complete),
    ];
    (select(said), 0_i64..4).prop_map(|((status, session), second)| (status, session, second))
}

fn end_of(facts: &[(PaymentStatus, CheckoutSession, i64)]) -> PaymentRecord {
    let mut payment = pending();
    for (status, session, second) in facts {
        let as_of = SECOND + Duration::seconds(*second);
        let _ = payment.apply(&PaymentFact { status: *status, session, as_of, cause: Cause::Webhook }, NOW);
    }
    PaymentRecord { version: 0, settled_at: None, settled_by: None, ..payment.record().clone() }
}

proptest! {
    #[test]
    fn any_order_and_repetition_of_facts_ends_in_the_same_row(
        facts in proptest::collection::vec(any_fact(), 1..8),
        repeated in proptest::collection::vec(any::<Index>(), 0..8),
        seed in any::<u64>(),
    ) {
        let mut other = facts.clone();
        other.extend(repeated.iter().map(|index| index.get(&facts).clone()));
        let mut state = seed;
        for i in (1..other.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            other.swap(i, usize::try_from(state >> 33).unwrap() % (i + 1));
        }
        prop_assert_eq!(end_of(&facts), end_of(&other));
    }

    #[test]
    fn the_highest_rank_wins_and_what_is_written_can_be_read_back(
        facts in proptest::collection::vec(any_fact(), 0..8),
    ) {
        let mut payment = pending();
        for (status, session, _) in &facts {
            let _ = payment.apply(&fact(*status, session), NOW);
        }
        let highest = facts.iter().map(|(status, ..)| *status).max().unwrap_or(PaymentStatus::Pending);
        prop_assert_eq!(payment.status(), highest.max(PaymentStatus::Pending));
        prop_assert!(Payment::restore(payment.record().clone()).is_ok());
    }
}
