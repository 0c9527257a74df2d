mod batches;
mod money;
mod world;

use time::Duration;

use super::*;
use crate::event::{EventContent, EventSource, WebhookEvent};
use crate::examples::{
    NOW, SECOND, customer, event, home, open_session, paid_event, paid_session, payment_id, pending, session_event,
    snapshot, store_error, store_of, stub, subscription, subscription_event, subscription_id,
};
use crate::ids::EventId;
use crate::mock::{Ending, Endings, MockUnitOfWork};
use crate::payment::PaymentStatus;
use crate::ports::{Claim, StoreError};
use crate::refresh_request::{RefreshObject, RefreshReason};
use crate::session::{CheckoutSession, SessionEvent, SessionPaymentStatus};
use crate::subscription::{News, SubscriptionSnapshot, SubscriptionStatus};
use crate::transition::{Cause, SettledBy};

fn held() -> Held {
    Held { customers: vec![customer()], payments: vec![pending()], ..Held::default() }
}

fn settled(events: &[WebhookEvent], held: Held) -> Settlement {
    settle(events, held, &home(), NOW)
}

/// The outcome of one event about the example rows.
fn outcome(event: WebhookEvent) -> Outcome {
    settled(&[event], held()).outcomes[0].1
}

#[test]
fn each_session_event_sets_the_status_of_the_table() {
    let unpaid =
        CheckoutSession { payment_status: Some(SessionPaymentStatus::Unpaid), subscription_id: None, ..paid_session() };
    let free = CheckoutSession { payment_status: Some(SessionPaymentStatus::NoPaymentRequired), ..paid_session() };
    let table = [
        (SessionEvent::Completed, paid_session(), PaymentStatus::Succeeded),
        (SessionEvent::Completed, free, PaymentStatus::Succeeded),
        (SessionEvent::Completed, unpaid.clone(), PaymentStatus::Processing),
        (SessionEvent::AsyncPaymentSucceeded, paid_session(), PaymentStatus::Succeeded),
        (SessionEvent::AsyncPaymentFailed, unpaid, PaymentStatus::Failed),
        (SessionEvent::Expired, open_session(), PaymentStatus::Expired),
    ];
    for (kind, session, status) in table {
        let settlement = settled(&[session_event("evt_1", kind, session)], held());
        assert_eq!(settlement.outcomes[0].1, Outcome::Processed);
        assert_eq!(settlement.changed_payments()[0].status(), status, "{kind:?}");
        assert_eq!(settlement.transitions[0].event_id, EventId::new("evt_1").ok());
    }
}

#[test]
fn a_session_is_matched_by_its_id_or_by_the_payment_in_its_metadata_and_by_nothing_else() {
    let by_id = CheckoutSession { payment_id: None, ..paid_session() };
    assert_eq!(outcome(session_event("evt_1", SessionEvent::Completed, by_id)), Outcome::Processed);

    let creating = Held { payments: vec![crate::examples::creating()], ..held() };
    let settlement = settled(&[paid_event("evt_1")], creating);
    assert_eq!(settlement.changed_payments()[0].record().session_id, Some(paid_session().id));

    let stranger = CheckoutSession { id: "cs_test_9".parse().unwrap(), payment_id: None, ..paid_session() };
    let ignored = Outcome::Ignored(IgnoreReason::NotOurs);
    assert_eq!(outcome(session_event("evt_1", SessionEvent::Completed, stranger)), ignored);
}

#[test]
fn a_session_that_names_somebody_elses_payment_is_parked_and_credits_nothing() {
    let forged = CheckoutSession { id: "cs_test_9".parse().unwrap(), ..paid_session() };
    let settlement = settled(&[session_event("evt_1", SessionEvent::Completed, forged.clone())], held());
    assert_eq!(settlement.outcomes[0].1, Outcome::Parked(ParkReason::SessionMismatch));
    assert!(settlement.changed_payments().is_empty());
    assert!(settlement.new_subscriptions().is_empty());

    let orphan = session_event("evt_1", SessionEvent::Expired, forged);
    assert_eq!(outcome(orphan), Outcome::Ignored(IgnoreReason::NotOurs));
}

#[test]
fn a_completed_session_that_does_not_say_whether_it_is_paid_is_parked() {
    let mute = CheckoutSession { payment_status: None, ..paid_session() };
    let parked = Outcome::Parked(ParkReason::UnreadableObject);
    assert_eq!(outcome(session_event("evt_1", SessionEvent::Completed, mute)), parked);
}

#[test]
fn a_paid_session_holds_a_place_for_its_subscription_and_asks_for_it_in_five_seconds() {
    let settlement = settled(&[paid_event("evt_1")], held());
    let stub = &settlement.new_subscriptions()[0];
    assert!(stub.is_stub());
    assert_eq!(stub.record().user_id, customer().user_id);
    assert_eq!(settlement.refreshes[0].object, RefreshObject::Subscription(subscription_id()));
    assert_eq!(settlement.refreshes[0].reason, RefreshReason::Stub);
    assert_eq!(settlement.refreshes[0].due_at, NOW + Duration::seconds(5));
}

#[test]
fn an_expired_session_holds_no_place() {
    let settlement = settled(&[session_event("evt_1", SessionEvent::Expired, paid_session())], held());
    assert!(settlement.new_subscriptions().is_empty());
}

#[test]
fn a_subscription_that_is_held_or_comes_in_the_same_batch_needs_no_place_and_no_question() {
    let known = Held { subscriptions: vec![subscription(SubscriptionStatus::Active)], ..held() };
    assert!(settled(&[paid_event("evt_1")], known).refreshes.is_empty());

    let batch = [paid_event("evt_1"), subscription_event("evt_2", News::Updated, SubscriptionStatus::Active)];
    let settlement = settled(&batch, held());
    assert_eq!(settlement.new_subscriptions()[0].status(), SubscriptionStatus::Active);
    assert!(settlement.refreshes.is_empty());
}

#[test]
fn the_first_snapshot_fills_the_stub_and_cancels_the_question() {
    let waiting = Held { subscriptions: vec![stub()], ..held() };
    let settlement = settled(&[subscription_event("evt_1", News::Created, SubscriptionStatus::Incomplete)], waiting);
    assert_eq!(settlement.answered_stubs, [RefreshObject::Subscription(subscription_id())]);
    assert_eq!(settlement.changed_subscriptions()[0].record().as_of, SECOND);
}

#[test]
fn a_subscription_belongs_to_the_user_of_its_customer_and_metadata_grants_nothing() {
    let settlement = settled(&[subscription_event("evt_1", News::Updated, SubscriptionStatus::Active)], held());
    assert_eq!(settlement.new_subscriptions()[0].record().user_id, customer().user_id);

    let stranger =
        SubscriptionSnapshot { customer_id: "cus_9".parse().unwrap(), ..snapshot(SubscriptionStatus::Active) };
    let foreign = event("evt_1", EventContent::Subscription(News::Updated, stranger.clone()));
    assert_eq!(outcome(foreign.clone()), Outcome::Ignored(IgnoreReason::NotOurs));

    let known = Held { subscriptions: vec![subscription(SubscriptionStatus::Active)], ..held() };
    assert_eq!(settled(&[foreign], known).outcomes[0].1, Outcome::Parked(ParkReason::CustomerMismatch));
}

#[test]
fn created_and_updated_of_one_second_end_active_in_either_order_with_no_question() {
    let created = subscription_event("evt_2", News::Created, SubscriptionStatus::Incomplete);
    let updated = subscription_event("evt_1", News::Updated, SubscriptionStatus::Active);
    for batch in [[created.clone(), updated.clone()], [updated, created]] {
        let settlement = settled(&batch, held());
        assert_eq!(settlement.new_subscriptions()[0].status(), SubscriptionStatus::Active);
        assert!(settlement.changed_subscriptions().is_empty(), "one final row per key");
        assert!(settlement.refreshes.is_empty());
    }
}

#[test]
fn a_doubtful_snapshot_is_asked_for() {
    let known = Held { subscriptions: vec![subscription(SubscriptionStatus::Active)], ..held() };
    let settlement = settled(&[subscription_event("evt_1", News::Updated, SubscriptionStatus::PastDue)], known);
    assert_eq!(settlement.outcomes[0].1, Outcome::Processed);
    assert_eq!(settlement.refreshes[0].reason, RefreshReason::Doubt);
    assert!(settlement.changed_subscriptions().is_empty());
}

#[test]
fn a_contradiction_is_asked_for_in_either_order() {
    let expired = WebhookEvent {
        created: SECOND + Duration::SECOND,
        ..session_event("evt_2", SessionEvent::Expired, open_session())
    };
    for batch in [[paid_event("evt_1"), expired.clone()], [expired, paid_event("evt_1")]] {
        let settlement = settled(&batch, held());
        assert_eq!(settlement.changed_payments()[0].status(), PaymentStatus::Succeeded);
        let question = settlement.refreshes.iter().find(|wish| wish.reason == RefreshReason::Contradiction).unwrap();
        assert_eq!(question.object, RefreshObject::Payment(payment_id()));
    }
}

#[test]
fn several_facts_about_one_payment_make_one_row_and_a_transition_each() {
    let unpaid = CheckoutSession { payment_status: Some(SessionPaymentStatus::Unpaid), ..paid_session() };
    let batch = [
        WebhookEvent {
            created: SECOND + Duration::SECOND,
            ..session_event("evt_2", SessionEvent::AsyncPaymentSucceeded, paid_session())
        },
        session_event("evt_1", SessionEvent::Completed, unpaid),
    ];
    let settlement = settled(&batch, held());
    let statuses: Vec<_> = settlement.transitions.iter().filter(|it| it.from.is_some()).map(|it| it.to).collect();
    assert_eq!(statuses, ["processing", "succeeded"]);
    assert_eq!(settlement.changed_payments().len(), 1);
    assert_eq!(settlement.changed_payments()[0].version(), 4);
}

#[test]
fn what_is_said_again_later_is_written_without_a_transition() {
    let known = Held { subscriptions: vec![subscription(SubscriptionStatus::Active)], ..held() };
    let again = WebhookEvent {
        created: SECOND + Duration::SECOND,
        ..subscription_event("evt_1", News::Updated, SubscriptionStatus::Active)
    };
    let settlement = settled(&[again], known);
    assert_eq!(settlement.changed_subscriptions().len(), 1);
    assert!(settlement.transitions.is_empty());

    let batch = [
        paid_event("evt_2"),
        WebhookEvent { created: SECOND + Duration::SECOND, ..paid_event("evt_3") },
        subscription_event("evt_4", News::Updated, SubscriptionStatus::Active),
    ];
    let settlement = settled(&batch, held());
    assert_eq!(settlement.changed_payments()[0].version(), pending().version() + 2);
    assert_eq!(settlement.transitions.len(), 2, "the payment's success and the subscription");
}

#[test]
fn events_of_another_mode_or_account_and_unhandled_types_are_ignored() {
    let live = WebhookEvent { livemode: Some(true), ..paid_event("evt_1") };
    assert_eq!(outcome(live), Outcome::Ignored(IgnoreReason::OtherMode));
    let connected = WebhookEvent { account: "acct_9".parse().ok(), ..paid_event("evt_1") };
    assert_eq!(outcome(connected), Outcome::Ignored(IgnoreReason::OtherAccount));
    let own = WebhookEvent { account: Some(home().account_id), ..paid_event("evt_1") };
    assert_eq!(outcome(own), Outcome::Processed);
    let unhandled = event("evt_1", EventContent::Unhandled);
    assert_eq!(outcome(unhandled), Outcome::Ignored(IgnoreReason::UnhandledType));
}

#[test]
fn what_cannot_be_read_is_parked() {
    let reason = ParkReason::UnreadableEvent;
    let unreadable = WebhookEvent { livemode: None, ..event("evt_1", EventContent::Unreadable(reason)) };
    assert_eq!(outcome(unreadable), Outcome::Parked(reason));
}

#[test]
fn what_an_event_changes_is_put_down_to_the_way_by_which_it_came() {
    let swept = |event: WebhookEvent| WebhookEvent { source: EventSource::Sweep, ..event };
    let held = Held { customers: vec![customer()], payments: vec![pending()], ..Held::default() };
    let events = [
        swept(paid_event("evt_1")),
        swept(subscription_event("evt_2", News::Created, SubscriptionStatus::Incomplete)),
        swept(WebhookEvent {
            created: SECOND + Duration::SECOND,
            ..subscription_event("evt_3", News::Updated, SubscriptionStatus::Active)
        }),
    ];
    let settlement = settle(&events, held, &home(), NOW);
    assert_eq!(settlement.transitions.len(), 3);
    assert!(settlement.transitions.iter().all(|change| change.cause == Cause::Sweep), "{:?}", settlement.transitions);
    assert_eq!(settlement.changed_payments()[0].record().settled_by, Some(SettledBy::Sweep));
}

#[test]
fn a_contradiction_that_the_sweep_finds_is_asked_for_too() {
    let expired = session_event("evt_2", SessionEvent::Expired, paid_session());
    let expired = WebhookEvent { source: EventSource::Sweep, created: SECOND + Duration::SECOND, ..expired };
    let held = Held { payments: vec![pending()], ..Held::default() };
    let settlement = settle(&[paid_event("evt_1"), expired], held, &home(), NOW);
    let contradictions = settlement.refreshes.iter().filter(|wish| wish.reason == RefreshReason::Contradiction);
    assert_eq!(contradictions.count(), 1);
}
