use time::Duration;

use super::*;
use crate::examples::{NOW, SECOND, customer_id, invoice_snapshot, user};
use crate::invoice::InvoiceStatus::{Draft, Open, Paid, Uncollectible, Void};
use crate::mirror::{ANSWER_LAG, MirrorVerdict};
use crate::orderings::{arrivals, stories};
use crate::refresh_request::RefreshReason;
use crate::settlement::ParkReason;
use crate::transition::Cause;

const BEFORE: OffsetDateTime = SECOND.saturating_sub(Duration::SECOND);
const AFTER: OffsetDateTime = SECOND.saturating_add(Duration::SECOND);

fn first(snapshot: &InvoiceSnapshot, as_of: OffsetDateTime) -> Invoice {
    Invoice::first(snapshot, (customer_id(), user()), as_of, Cause::Webhook, NOW).unwrap().0
}

fn held(status: InvoiceStatus) -> Invoice {
    first(&invoice_snapshot(status), SECOND)
}

fn apply(row: &mut Invoice, snapshot: &InvoiceSnapshot, as_of: OffsetDateTime) -> MirrorVerdict {
    row.apply(snapshot, as_of, Cause::Webhook, NOW)
}

#[test]
fn the_higher_status_wins_however_old_it_is_and_paid_absorbs() {
    for before in InvoiceStatus::ALL {
        for said in InvoiceStatus::ALL {
            for as_of in [BEFORE, SECOND, AFTER] {
                let mut row = held(*before);
                let verdict = apply(&mut row, &invoice_snapshot(*said), as_of);
                assert_eq!(row.status(), *before.max(said), "{before} and then {said}");
                let changes = said > before;
                assert_eq!(matches!(verdict, MirrorVerdict::Changed(_)), changes, "{before} and then {said}");
            }
        }
    }
    assert!(Draft < Open && Open < Uncollectible && Uncollectible < Void && Void < Paid);
}

#[test]
fn at_one_status_the_newer_second_wins_and_two_of_one_second_that_differ_are_asked_about() {
    let dearer = InvoiceSnapshot { amount_due_minor: 2900, ..invoice_snapshot(Open) };
    let mut row = held(Open);
    assert_eq!(apply(&mut row, &dearer, BEFORE), MirrorVerdict::Known);
    assert_eq!(apply(&mut row, &dearer, SECOND), MirrorVerdict::Doubtful(RefreshReason::Doubt));
    assert_eq!(row, held(Open));
    assert!(matches!(apply(&mut row, &dearer, AFTER), MirrorVerdict::Changed(_)));
    assert_eq!((row.record().amount_due_minor, row.record().as_of, row.version()), (2900, AFTER, 2));
    assert_eq!(apply(&mut row, &dearer, AFTER + Duration::SECOND), MirrorVerdict::Confirmed);
    assert_eq!(row.version(), 3);
}

#[test]
fn an_invoice_of_another_customer_or_currency_is_refused() {
    let cases = [
        (InvoiceSnapshot { customer_id: "cus_9".parse().ok(), ..invoice_snapshot(Paid) }, ParkReason::CustomerMismatch),
        (InvoiceSnapshot { customer_id: None, ..invoice_snapshot(Paid) }, ParkReason::CustomerMismatch),
        (
            InvoiceSnapshot { currency: Currency::new("eur").unwrap(), ..invoice_snapshot(Paid) },
            ParkReason::CurrencyMismatch,
        ),
    ];
    for (snapshot, reason) in cases {
        let mut row = held(Open);
        assert_eq!(apply(&mut row, &snapshot, AFTER), MirrorVerdict::Refused(reason));
        assert_eq!(row, held(Open));
    }
}

#[test]
fn an_unknown_invoice_status_keeps_the_last_one_and_is_asked_about() {
    let mut row = held(Open);
    let strange = InvoiceSnapshot { status: None, ..invoice_snapshot(Open) };
    assert_eq!(apply(&mut row, &strange, AFTER), MirrorVerdict::Doubtful(RefreshReason::UnknownStatus));
    assert_eq!(row, held(Open));
    assert!(Invoice::first(&strange, (customer_id(), user()), AFTER, Cause::Webhook, NOW).is_none());
    assert_eq!(row.refresh(&strange, AFTER, Cause::Sweep, NOW), None);
    assert_eq!((row.status(), row.version()), (Open, 2));
}

#[test]
fn what_it_was_paid_with_is_filled_in_by_any_snapshot_that_says_it() {
    let mute = InvoiceSnapshot { payment_intent_id: None, ..invoice_snapshot(Paid) };
    let mut row = first(&mute, SECOND);
    assert_eq!(apply(&mut row, &invoice_snapshot(Open), BEFORE), MirrorVerdict::Confirmed);
    assert_eq!(row.record().payment_intent_id, invoice_snapshot(Paid).payment_intent_id);
    assert!(matches!(apply(&mut row, &mute, AFTER), MirrorVerdict::Confirmed));
    assert!(row.record().payment_intent_id.is_some(), "a snapshot that does not say it takes nothing away");
}

#[test]
fn an_answer_of_an_older_state_changes_nothing_but_the_version() {
    let mut row = held(Paid);
    assert_eq!(row.refresh(&invoice_snapshot(Open), AFTER, Cause::Sweep, NOW), None);
    assert_eq!((row.status(), row.record().as_of, row.version()), (Paid, SECOND, 2));

    let dearer = InvoiceSnapshot { amount_due_minor: 2900, ..invoice_snapshot(Paid) };
    assert_eq!(row.distrusts(&dearer, SECOND), Some(ANSWER_LAG));
    assert_eq!(row.distrusts(&dearer, SECOND + ANSWER_LAG), None);
    assert_eq!(row.distrusts(&invoice_snapshot(Paid), BEFORE), None);
    assert_eq!(held(Open).distrusts(&dearer, SECOND), None, "a higher status decides");
    assert!(row.refresh(&dearer, AFTER, Cause::Sweep, NOW).is_some());
    assert_eq!((row.record().amount_due_minor, row.version()), (2900, 3));
}

#[test]
fn a_draft_that_stripe_no_longer_knows_is_void_and_nothing_else_is() {
    for status in InvoiceStatus::ALL {
        let mut row = held(*status);
        let was_draft = *status == Draft;
        assert_eq!(row.lost(Cause::Sweep, NOW).is_some(), was_draft);
        assert_eq!(row.status(), if was_draft { Void } else { *status });
    }
}

#[test]
fn a_damaged_invoice_is_noticed() {
    let damaged = InvoiceRecord { version: 0, ..held(Open).record().clone() };
    assert_eq!(
        Invoice::restore(damaged).unwrap_err().to_string(),
        "the stored invoice in_1 is damaged: version below 1"
    );
}

/// Open and paid, each with two amounts.
#[test]
fn no_arrival_of_up_to_five_invoice_snapshots_over_two_seconds_ends_silently_wrong() {
    let content = |kind: usize| {
        let status = [Open, Open, Paid, Paid][kind];
        InvoiceSnapshot { amount_due_minor: i64::try_from(kind).unwrap(), ..invoice_snapshot(status) }
    };
    let contents: Vec<_> = (0..4).map(content).collect();
    for story in stories(4, |before, after| before / 2 <= after / 2) {
        for arrival in arrivals(story.contents.len()) {
            let mut row: Option<Invoice> = None;
            let mut is_asked = false;
            for n in &arrival {
                let (snapshot, as_of) = (&contents[story.contents[*n]], SECOND + Duration::seconds(story.second(*n)));
                match &mut row {
                    None => row = Some(first(snapshot, as_of)),
                    Some(row) => is_asked |= matches!(apply(row, snapshot, as_of), MirrorVerdict::Doubtful(_)),
                }
            }
            let (row, truth) = (row.unwrap(), &contents[story.truth()]);
            let is_right =
                (Some(row.status()), row.record().amount_due_minor) == (truth.status, truth.amount_due_minor);
            assert!(is_right || is_asked, "{story:?} arriving as {arrival:?}");
        }
    }
}
