use time::Duration;

use super::*;
use crate::examples::{NOW, SECOND, snapshot, stub, subscription, user};
use crate::mirror::ANSWER_LAG;
use crate::orderings::{Story, arrivals, stories};
use crate::subscription::SubscriptionStatus::{
    Active, Canceled, Incomplete, IncompleteExpired, PastDue, Paused, Trialing, Unpaid,
};

const BEFORE: OffsetDateTime = SECOND.saturating_sub(Duration::SECOND);
const AFTER: OffsetDateTime = SECOND.saturating_add(Duration::SECOND);

/// The status after a snapshot has come, or what became of it otherwise.
fn after(mut held: Subscription, said: SubscriptionStatus, news: News, as_of: OffsetDateTime) -> &'static str {
    let before = held.clone();
    match held.apply(&snapshot(said), news, as_of, NOW) {
        SubscriptionVerdict::Changed(transition) => {
            assert_eq!(transition.version, before.version() + 1);
            assert_eq!(transition.from, Some(before.status().as_str()));
            held.status().as_str()
        }
        SubscriptionVerdict::Confirmed => {
            assert_eq!((held.status(), held.version()), (before.status(), before.version() + 1));
            "confirmed"
        }
        SubscriptionVerdict::Ignored => {
            assert_eq!(held, before);
            "ignored"
        }
        SubscriptionVerdict::Doubtful => {
            assert_eq!(held, before);
            "asked"
        }
    }
}

fn created(status: SubscriptionStatus) -> Subscription {
    Subscription::first(&snapshot(status), user(), News::Created, SECOND, Cause::Webhook, NOW).0
}

#[test]
fn absent_takes_any_snapshot() {
    for status in SubscriptionStatus::ALL {
        assert_eq!(subscription(*status).status(), *status);
        assert_eq!(subscription(*status).version(), 1);
    }
}

#[test]
fn a_stub_is_filled_by_any_snapshot_however_old() {
    for news in [News::Created, News::Updated] {
        for status in SubscriptionStatus::ALL {
            assert_eq!(after(stub(), *status, news, BEFORE), status.as_str());
        }
    }
    let mut held = stub();
    let _ = held.apply(&snapshot(Active), News::Updated, BEFORE, NOW);
    assert_eq!((held.record().as_of, held.record().status_since), (BEFORE, BEFORE));
    assert!(!held.is_stub());
}

#[test]
fn a_terminal_row_ignores_what_is_not_terminal_however_new() {
    for held in [Canceled, IncompleteExpired] {
        for said in [Incomplete, Trialing, Active, PastDue, Unpaid, Paused] {
            for as_of in [BEFORE, SECOND, AFTER] {
                assert_eq!(after(subscription(held), said, News::Updated, as_of), "ignored");
            }
        }
    }
}

#[test]
fn a_terminal_snapshot_is_applied_to_a_living_row_however_old() {
    for as_of in [BEFORE, SECOND, AFTER] {
        assert_eq!(after(subscription(Active), Canceled, News::Updated, as_of), "canceled");
    }
    let mut held = subscription(Active);
    let _ = held.apply(&snapshot(Canceled), News::Updated, BEFORE, NOW);
    assert_eq!(held.record().as_of, SECOND, "as_of never decreases");
}

#[test]
fn of_two_terminal_snapshots_the_newer_second_wins() {
    assert_eq!(after(subscription(IncompleteExpired), Canceled, News::Updated, AFTER), "canceled");
    assert_eq!(after(subscription(IncompleteExpired), Canceled, News::Updated, SECOND), "asked");
    assert_eq!(after(subscription(IncompleteExpired), Canceled, News::Updated, BEFORE), "ignored");
}

#[test]
fn created_is_never_news_to_a_row_that_is_present() {
    for as_of in [BEFORE, SECOND, AFTER] {
        assert_eq!(after(subscription(Active), Incomplete, News::Created, as_of), "ignored");
    }
}

#[test]
fn a_newer_second_is_applied() {
    assert_eq!(after(subscription(Incomplete), Active, News::Updated, AFTER), "active");
}

#[test]
fn a_newer_second_that_says_the_same_is_kept_in_mind_and_is_no_change() {
    assert_eq!(after(subscription(Active), Active, News::Updated, AFTER), "confirmed");
}

#[test]
fn news_move_what_we_know_and_not_when_stripe_was_asked() {
    let mut held = subscription(Active);
    let asked = held.record().checked_at;
    let _ = held.apply(&snapshot(PastDue), News::Updated, NOW + Duration::HOUR, NOW + Duration::HOUR);
    assert_eq!((held.record().checked_at, held.record().known_at()), (asked, NOW + Duration::HOUR));
    held.asked_in_vain(NOW + Duration::hours(2));
    assert_eq!(held.record().known_at(), NOW + Duration::hours(2));
}

#[test]
fn the_update_of_the_second_of_creation_is_applied_once() {
    let mut held = created(Incomplete);
    assert_eq!(after(held.clone(), Active, News::Updated, SECOND), "active");
    let _ = held.apply(&snapshot(Active), News::Updated, SECOND, NOW);
    assert_eq!(after(held, PastDue, News::Updated, SECOND), "asked");
}

#[test]
fn another_snapshot_of_the_same_second_or_an_older_one_is_asked_for_if_it_differs() {
    for as_of in [BEFORE, SECOND] {
        assert_eq!(after(subscription(Active), PastDue, News::Updated, as_of), "asked");
        assert_eq!(after(subscription(Active), Active, News::Updated, as_of), "ignored");
    }
}

#[test]
fn any_field_that_differs_is_a_difference() {
    type Change = fn(&mut SubscriptionSnapshot);
    let changes: [Change; 6] = [
        |said| said.price_id = "price_other".parse().unwrap(),
        |said| said.quantity = 2,
        |said| said.current_period_end = None,
        |said| said.cancel_at_period_end = true,
        |said| said.cancel_at = Some(AFTER),
        |said| said.trial_end = Some(AFTER),
    ];
    for change in changes {
        let mut said = snapshot(Active);
        change(&mut said);
        let verdict = subscription(Active).apply(&said, News::Updated, SECOND, NOW);
        assert_eq!(verdict, SubscriptionVerdict::Doubtful);
    }
}

#[test]
fn an_unknown_status_keeps_the_last_one_and_takes_the_rest() {
    let said = SubscriptionSnapshot { status: None, quantity: 3, ..snapshot(Active) };
    let mut held = subscription(Trialing);
    let SubscriptionVerdict::Changed(_) = held.apply(&said, News::Updated, AFTER, NOW) else { panic!("not changed") };
    assert_eq!((held.status(), held.record().quantity), (Trialing, 3));
    assert_eq!(held.record().status_since, SECOND);
}

#[test]
fn status_since_moves_only_when_the_status_does() {
    let mut held = subscription(Active);
    let _ = held.apply(&snapshot(Active), News::Updated, AFTER, NOW);
    assert_eq!((held.record().status_since, held.record().as_of), (SECOND, AFTER));
    let _ = held.apply(&snapshot(PastDue), News::Updated, AFTER + Duration::SECOND, NOW);
    assert_eq!(held.record().status_since, AFTER + Duration::SECOND);
}

#[test]
fn an_answer_overwrites_and_raises_the_version_even_when_nothing_changed() {
    let mut held = subscription(Active);
    assert_eq!(held.refresh(&snapshot(Active), AFTER, Cause::Sweep, NOW), None);
    assert_eq!((held.version(), held.record().as_of), (2, AFTER));
    let transition = held.refresh(&snapshot(PastDue), AFTER, Cause::Sweep, NOW).unwrap();
    assert_eq!((transition.from, transition.to, transition.version), (Some("active"), "past_due", 3));
}

#[test]
fn an_answer_cannot_revive_a_subscription_that_has_ended() {
    let mut held = subscription(Canceled);
    assert_eq!(held.refresh(&snapshot(Active), AFTER, Cause::Sweep, NOW), None);
    assert_eq!((held.status(), held.version()), (Canceled, 2));
}

#[test]
fn an_answer_fills_a_stub() {
    let mut held = stub();
    assert!(held.refresh(&snapshot(Incomplete), AFTER, Cause::Sweep, NOW).is_some());
    assert!(!held.is_stub());
}

#[test]
fn access_is_for_the_active_and_the_trialing_and_for_a_grace_period_the_past_due() {
    let grace = Duration::days(3);
    for status in SubscriptionStatus::ALL {
        let held = subscription(*status);
        assert_eq!(held.grants_access(Duration::ZERO, NOW), matches!(status, Active | Trialing), "{status}");
        assert_eq!(held.grants_access(grace, NOW), matches!(status, Active | Trialing | PastDue), "{status}");
    }
    assert!(!subscription(PastDue).grants_access(grace, SECOND + grace));
    assert!(!stub().grants_access(grace, NOW));
}

#[test]
fn a_damaged_row_is_noticed_when_it_is_read() {
    let sound = subscription(Active).record().clone();
    assert!(Subscription::restore(sound.clone()).is_ok());
    assert!(Subscription::restore(SubscriptionRecord { version: 0, ..sound.clone() }).is_err());
    assert!(Subscription::restore(SubscriptionRecord { as_of: OffsetDateTime::UNIX_EPOCH, ..sound }).is_err());
}

#[test]
fn two_ends_of_one_second_that_differ_are_asked_about() {
    let mut held = subscription(Canceled);
    let other = SubscriptionSnapshot { cancel_at: Some(SECOND), ..snapshot(Canceled) };
    assert_eq!(held.apply(&other, News::Updated, SECOND, NOW), SubscriptionVerdict::Doubtful);
    assert_eq!(held.apply(&other, News::Created, SECOND, NOW), SubscriptionVerdict::Ignored);
    assert_eq!(held.apply(&other, News::Updated, BEFORE, NOW), SubscriptionVerdict::Ignored);
    assert!(matches!(held.apply(&other, News::Updated, AFTER, NOW), SubscriptionVerdict::Changed(_)));
}

#[test]
fn a_deleted_customer_ends_a_subscription_and_its_last_snapshot_is_still_news() {
    let mut held = subscription(Active);
    let transition = held.end_with_customer(AFTER, Cause::Webhook, NOW).unwrap();
    assert_eq!((transition.to, transition.version, held.version()), ("canceled", 2, 2));
    assert_eq!((held.record().status_since, held.record().as_of), (AFTER, SECOND));
    assert_eq!(held.apply(&snapshot(Active), News::Updated, AFTER, NOW), SubscriptionVerdict::Ignored);
    let last = SubscriptionSnapshot { quantity: 7, ..snapshot(Canceled) };
    assert!(matches!(held.apply(&last, News::Updated, AFTER, NOW), SubscriptionVerdict::Changed(_)));
    assert_eq!((held.record().quantity, held.record().status_since), (7, AFTER));
    assert_eq!(held.end_with_customer(AFTER, Cause::Webhook, NOW), None);
    assert_eq!(stub().end_with_customer(AFTER, Cause::Webhook, NOW), None);
}

#[test]
fn a_subscription_that_stripe_has_described_after_the_deletion_of_its_customer_does_not_end_with_it() {
    let mut held = subscription(Active);
    assert_eq!(held.end_with_customer(BEFORE, Cause::Webhook, NOW), None);
    assert_eq!(held, subscription(Active));
}

#[test]
fn an_answer_that_contradicts_fresh_news_is_not_trusted_yet() {
    let held = subscription(Active);
    assert_eq!(held.distrusts(&snapshot(PastDue), SECOND), Some(ANSWER_LAG));
    assert_eq!(held.distrusts(&snapshot(PastDue), SECOND + ANSWER_LAG - Duration::SECOND), Some(Duration::SECOND));
    assert_eq!(held.distrusts(&snapshot(PastDue), SECOND + ANSWER_LAG), None);
    assert_eq!(held.distrusts(&snapshot(PastDue), BEFORE), Some(ANSWER_LAG + Duration::SECOND));
    assert_eq!(held.distrusts(&snapshot(Active), BEFORE), None, "it says the same");
    assert_eq!(held.distrusts(&snapshot(Canceled), SECOND), None, "nothing undoes an end");
    assert_eq!(subscription(Canceled).distrusts(&snapshot(Active), SECOND), None, "nothing revives it anyway");
    assert_eq!(stub().distrusts(&snapshot(Active), SECOND), None, "there were no news");
}

/// Two living statuses and two ends, which follow each other as Stripe lets them.
#[test]
fn no_arrival_of_up_to_five_subscription_snapshots_over_two_seconds_ends_silently_wrong() {
    let contents = [(Active, 1), (PastDue, 1), (Canceled, 1), (Canceled, 2)]
        .map(|(status, quantity)| SubscriptionSnapshot { quantity, ..snapshot(status) });
    for story in stories(4, |before, after| before < 2 || after >= 2) {
        for arrival in arrivals(story.contents.len()) {
            assert!(arrives(&contents, &story, &arrival, None), "{story:?} arriving as {arrival:?}");
            if arrival.len() < 5 {
                let is_right = arrives(&contents, &story, &arrival, Some(stub()));
                assert!(is_right, "{story:?} arriving at a stub as {arrival:?}");
            }
        }
    }
}

/// Whether the row ends as Stripe has it, or Stripe is asked.
fn arrives(contents: &[SubscriptionSnapshot], story: &Story, arrival: &[usize], begun: Option<Subscription>) -> bool {
    let mut row = begun;
    let mut is_asked = false;
    for n in arrival {
        let news = if *n == 0 { News::Created } else { News::Updated };
        let (said, as_of) = (&contents[story.contents[*n]], SECOND + Duration::seconds(story.second(*n)));
        match &mut row {
            None => row = Some(Subscription::first(said, user(), news, as_of, Cause::Webhook, NOW).0),
            Some(row) => is_asked |= row.apply(said, news, as_of, NOW) == SubscriptionVerdict::Doubtful,
        }
    }
    let (row, truth) = (row.unwrap(), &contents[story.truth()]);
    is_asked || (Some(row.status()), row.record().quantity) == (truth.status, truth.quantity)
}
