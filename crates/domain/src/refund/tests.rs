use time::{Duration, OffsetDateTime};

use super::*;
use crate::examples::{NOW, SECOND, purchase, refund_snapshot};
use crate::mirror::MirrorVerdict;
use crate::orderings::{arrivals, stories};
use crate::purchase::Purchase;
use crate::refresh_request::RefreshReason;
use crate::refund::RefundStatus::{Canceled, Failed, Pending, RequiresAction, Succeeded};
use crate::settlement::ParkReason;
use crate::transition::Cause;

const AFTER: OffsetDateTime = SECOND.saturating_add(Duration::SECOND);

fn held(status: RefundStatus) -> Refund {
    Refund::first(&refund_snapshot(status), &purchase(), SECOND, Cause::Webhook, NOW).unwrap().0
}

fn apply(row: &mut Refund, snapshot: &RefundSnapshot, as_of: OffsetDateTime) -> MirrorVerdict {
    row.apply(snapshot, as_of, Cause::Webhook, NOW)
}

fn refused(snapshot: &RefundSnapshot, purchase: &Purchase) -> ParkReason {
    Refund::first(snapshot, purchase, SECOND, Cause::Webhook, NOW).unwrap_err()
}

#[test]
fn the_higher_refund_status_wins_in_either_order() {
    assert!(Pending < RequiresAction && RequiresAction < Succeeded && Succeeded < Canceled && Canceled < Failed);
    for before in RefundStatus::ALL {
        for said in RefundStatus::ALL {
            let mut row = held(*before);
            let verdict = apply(&mut row, &refund_snapshot(*said), SECOND);
            assert_eq!(row.status(), *before.max(said), "{before} and then {said}");
            assert_eq!(matches!(verdict, MirrorVerdict::Changed(_)), said > before);
        }
    }
}

#[test]
fn a_refund_that_fails_after_it_succeeded_makes_the_sum_smaller() {
    let mut partial = held(Succeeded);
    let second = RefundSnapshot { id: "re_2".parse().unwrap(), amount_minor: 300, ..refund_snapshot(Pending) };
    let second = Refund::first(&second, &purchase(), SECOND, Cause::Webhook, NOW).unwrap().0;
    assert_eq!(refunded_minor([&partial, &second]), 800);
    let _ = apply(&mut partial, &refund_snapshot(Failed), AFTER);
    assert_eq!(refunded_minor([&partial, &second]), 300);
    assert_eq!(refunded_minor([&held(Canceled)]), 0);
    assert_eq!(refunded_minor([&held(RequiresAction)]), 500);
    assert_eq!(refunded_minor([]), 0);
}

#[test]
fn a_refund_that_cannot_be_of_the_purchase_is_refused() {
    let euros = RefundSnapshot { currency: Currency::new("eur").unwrap(), ..refund_snapshot(Succeeded) };
    assert_eq!(refused(&euros, &purchase()), ParkReason::CurrencyMismatch);
    let more = RefundSnapshot { amount_minor: 1901, ..refund_snapshot(Succeeded) };
    assert_eq!(refused(&more, &purchase()), ParkReason::AmountMismatch);
    let unknown = Purchase { total_minor: None, ..purchase() };
    assert!(Refund::first(&more, &unknown, SECOND, Cause::Webhook, NOW).is_ok());
    let strange = RefundSnapshot { status: None, ..refund_snapshot(Succeeded) };
    assert_eq!(refused(&strange, &purchase()), ParkReason::UnknownStatus);
}

#[test]
fn a_snapshot_of_another_refund_under_the_same_id_is_refused() {
    let base = refund_snapshot(Failed);
    let cases = [
        (RefundSnapshot { currency: Currency::new("eur").unwrap(), ..base.clone() }, ParkReason::CurrencyMismatch),
        (RefundSnapshot { amount_minor: 499, ..base.clone() }, ParkReason::AmountMismatch),
        (RefundSnapshot { payment_intent_id: "pi_9".parse().ok(), ..base.clone() }, ParkReason::PaymentMismatch),
        (RefundSnapshot { charge_id: "ch_9".parse().ok(), ..base }, ParkReason::PaymentMismatch),
    ];
    for (snapshot, reason) in cases {
        let mut row = held(Succeeded);
        assert_eq!(apply(&mut row, &snapshot, AFTER), MirrorVerdict::Refused(reason));
        assert_eq!(row, held(Succeeded));
    }
}

#[test]
fn an_unknown_refund_status_keeps_the_last_one_and_is_asked_about() {
    let mut row = held(Succeeded);
    let strange = RefundSnapshot { status: None, ..refund_snapshot(Succeeded) };
    assert_eq!(apply(&mut row, &strange, AFTER), MirrorVerdict::Doubtful(RefreshReason::UnknownStatus));
    assert_eq!(row, held(Succeeded));
}

#[test]
fn an_answer_raises_the_version_of_a_refund_and_never_lowers_its_status() {
    let mut row = held(Failed);
    assert_eq!(row.refresh(&refund_snapshot(Succeeded), SECOND, Cause::Sweep, NOW), None);
    assert_eq!((row.status(), row.version()), (Failed, 2));
    let mut row = held(Pending);
    let transition = row.refresh(&refund_snapshot(Succeeded), AFTER, Cause::Sweep, NOW).unwrap();
    assert_eq!((transition.version, transition.to, row.version()), (2, "succeeded", 2));
}

#[test]
fn a_damaged_refund_is_noticed() {
    for (version, amount_minor) in [(0, 1), (1, -1)] {
        let damaged = RefundRecord { amount_minor, version, ..held(Pending).record().clone() };
        assert!(Refund::restore(damaged).is_err());
    }
}

#[test]
fn no_arrival_of_up_to_five_refund_snapshots_over_two_seconds_ends_wrong() {
    let statuses = [Pending, Succeeded, Failed];
    for story in stories(3, |before, after| before <= after) {
        for arrival in arrivals(story.contents.len()) {
            let mut row: Option<Refund> = None;
            for n in &arrival {
                let status = statuses[story.contents[*n]];
                match &mut row {
                    None => row = Some(held(status)),
                    Some(row) => {
                        let as_of = SECOND + Duration::seconds(story.second(*n));
                        let _ = apply(row, &refund_snapshot(status), as_of);
                    }
                }
            }
            assert_eq!(row.unwrap().status(), statuses[story.truth()], "{story:?} arriving as {arrival:?}");
        }
    }
}
