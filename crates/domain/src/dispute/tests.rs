use time::{Duration, OffsetDateTime};

use super::*;
use crate::dispute::DisputeStatus::{AppealUnderReview, Lost, NeedsResponse, UnderReview, Won};
use crate::examples::{NOW, SECOND, dispute_snapshot, purchase};
use crate::mirror::{ANSWER_LAG, MirrorVerdict};
use crate::orderings::{arrivals, stories};
use crate::refresh_request::RefreshReason;
use crate::settlement::ParkReason;
use crate::subscription::News;
use crate::transition::Cause;

const BEFORE: OffsetDateTime = SECOND.saturating_sub(Duration::SECOND);
const AFTER: OffsetDateTime = SECOND.saturating_add(Duration::SECOND);

fn first(status: DisputeStatus, as_of: OffsetDateTime) -> Dispute {
    Dispute::first(&dispute_snapshot(status), purchase().id, as_of, Cause::Webhook, NOW).unwrap().0
}

fn held(status: DisputeStatus) -> Dispute {
    first(status, SECOND)
}

fn apply(row: &mut Dispute, status: DisputeStatus, news: News, as_of: OffsetDateTime) -> MirrorVerdict {
    row.apply(&dispute_snapshot(status), news, as_of, Cause::Webhook, NOW)
}

#[test]
fn a_newer_snapshot_of_a_dispute_is_taken_whatever_it_says() {
    for before in DisputeStatus::ALL {
        for said in DisputeStatus::ALL {
            let mut row = held(*before);
            let verdict = apply(&mut row, *said, News::Updated, AFTER);
            assert_eq!((row.status(), row.record().as_of, row.version()), (*said, AFTER, 2));
            assert_eq!(verdict == MirrorVerdict::Confirmed, before == said);
        }
    }
    let mut lost = held(Lost);
    assert!(matches!(apply(&mut lost, AppealUnderReview, News::Updated, AFTER), MirrorVerdict::Changed(_)));
}

#[test]
fn a_dispute_closed_before_it_was_created_stays_closed() {
    let mut row = held(Lost);
    for as_of in [BEFORE, SECOND, AFTER] {
        assert_eq!(apply(&mut row, NeedsResponse, News::Created, as_of), MirrorVerdict::Known);
    }
    assert_eq!(row, held(Lost));
}

#[test]
fn an_older_or_simultaneous_snapshot_that_says_something_else_is_asked_about() {
    for as_of in [BEFORE, SECOND] {
        let mut row = held(Won);
        let verdict = apply(&mut row, UnderReview, News::Updated, as_of);
        assert_eq!(verdict, MirrorVerdict::Doubtful(RefreshReason::Doubt));
        assert_eq!(apply(&mut row, Won, News::Updated, as_of), MirrorVerdict::Known);
        assert_eq!(row, held(Won));
    }
}

#[test]
fn a_dispute_of_another_payment_under_the_same_id_is_refused() {
    let mut row = held(NeedsResponse);
    let other = DisputeSnapshot { payment_intent_id: "pi_9".parse().ok(), ..dispute_snapshot(Lost) };
    let verdict = row.apply(&other, News::Updated, AFTER, Cause::Webhook, NOW);
    assert_eq!(verdict, MirrorVerdict::Refused(ParkReason::PaymentMismatch));
    assert_eq!(row, held(NeedsResponse));
}

#[test]
fn an_unknown_dispute_status_keeps_the_last_one_and_is_asked_about() {
    let strange = DisputeSnapshot { status: None, ..dispute_snapshot(Lost) };
    let mut row = held(NeedsResponse);
    let verdict = row.apply(&strange, News::Updated, AFTER, Cause::Webhook, NOW);
    assert_eq!(verdict, MirrorVerdict::Doubtful(RefreshReason::UnknownStatus));
    assert_eq!(row, held(NeedsResponse));
    let refused = Dispute::first(&strange, purchase().id, AFTER, Cause::Webhook, NOW).unwrap_err();
    assert_eq!(refused, ParkReason::UnknownStatus);
    assert_eq!(row.refresh(&strange, AFTER, Cause::Sweep, NOW), None);
    assert_eq!((row.status(), row.version()), (NeedsResponse, 2));
}

#[test]
fn an_answer_overwrites_a_dispute_unless_it_contradicts_fresh_news() {
    let mut row = held(Lost);
    assert_eq!(row.distrusts(&dispute_snapshot(NeedsResponse), SECOND), Some(ANSWER_LAG));
    assert_eq!(row.distrusts(&dispute_snapshot(NeedsResponse), SECOND + ANSWER_LAG), None);
    assert_eq!(row.distrusts(&dispute_snapshot(Lost), BEFORE), None);
    assert!(row.refresh(&dispute_snapshot(AppealUnderReview), AFTER, Cause::Sweep, NOW).is_some());
    assert_eq!((row.status(), row.record().as_of), (AppealUnderReview, AFTER));
}

#[test]
fn a_damaged_dispute_is_noticed() {
    for (version, amount_minor) in [(0, 1), (1, -1)] {
        let damaged = DisputeRecord { amount_minor, version, ..held(Won).record().clone() };
        assert!(Dispute::restore(damaged).is_err());
    }
}

#[test]
fn no_arrival_of_up_to_five_dispute_snapshots_over_two_seconds_ends_silently_wrong() {
    let statuses = [NeedsResponse, Lost];
    for story in stories(2, |_, _| true) {
        for arrival in arrivals(story.contents.len()) {
            let mut row: Option<Dispute> = None;
            let mut is_asked = false;
            for n in &arrival {
                let news = if *n == 0 { News::Created } else { News::Updated };
                let (status, as_of) = (statuses[story.contents[*n]], SECOND + Duration::seconds(story.second(*n)));
                match &mut row {
                    None => row = Some(first(status, as_of)),
                    Some(row) => is_asked |= matches!(apply(row, status, news, as_of), MirrorVerdict::Doubtful(_)),
                }
            }
            let is_right = row.unwrap().status() == statuses[story.truth()];
            assert!(is_right || is_asked, "{story:?} arriving as {arrival:?}");
        }
    }
}
