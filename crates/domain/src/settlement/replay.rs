use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::batch::{read, write};
use super::{Keys, Outcome, settle};
use crate::event::WebhookEvent;
use crate::ids::EventId;
use crate::installation::Installation;
use crate::ports::{EventReader, Store, StoreError, WebhookOutcome};

/// What came of settling a parked event again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Replay {
    /// It has been settled as if it had just come. [`Outcome::Parked`] means that what was wrong is still wrong.
    Settled(Outcome),
    /// It is not parked: it has had its effect, perhaps by an earlier replay.
    NotParked,
    /// There is no such event.
    Unknown,
}

/// Settles a parked event again, after what was wrong has been put right: its body is read anew and goes through the same
/// fold as any event. Under the lock of its row `parked` becomes `processed`, so however often and at once it is
/// replayed, it has its effect once.
///
/// # Errors
///
/// [`StoreError`]: nothing has changed; the same again is harmless.
pub async fn replay_parked_event(
    store: &dyn Store,
    reader: &dyn EventReader,
    id: &EventId,
    home: &Installation,
    now: OffsetDateTime,
) -> Result<Replay, StoreError> {
    let mut work = store.begin().await?;
    let Some(parked) = work.webhooks().find_parked_webhook_for_update(id).await? else {
        let is_known = work.webhooks().is_webhook_processed(id).await?;
        work.rollback().await?;
        return Ok(if is_known { Replay::NotParked } else { Replay::Unknown });
    };
    // An id that could not be read when it came can perhaps be read now; the row keeps the one that it has.
    let read_again = reader.read_event(parked.payload.as_bytes(), parked.received_at);
    let event = WebhookEvent { id: id.clone(), source: parked.source, ..read_again };
    let events = [event];
    let held = read(work.as_mut(), &Keys::of(&events)).await?;
    let mut settlement = settle(&events, held, home, now);
    let said = std::mem::take(&mut settlement.outcomes);
    let outcome = said.into_iter().next().map_or(Outcome::Processed, |(_, outcome)| outcome);
    write(work.as_mut(), &settlement, &BTreeMap::new()).await?;
    let payload = matches!(outcome, Outcome::Parked(_)).then_some(parked.payload);
    work.webhooks().record_replay(&WebhookOutcome { id: id.clone(), outcome, payload }, now).await?;
    work.commit().await?;
    Ok(Replay::Settled(outcome))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EventContent, EventSource, Payload};
    use crate::examples::{NOW, SECOND, event, home, paid_event, payment_id, pending, store_error, store_of};
    use crate::mock::{Ending, Endings, MockEventReader, MockUnitOfWork};
    use crate::payment::PaymentStatus;
    use crate::ports::ParkedWebhook;
    use crate::settlement::ParkReason;
    use crate::transition::SettledBy;

    fn id() -> EventId {
        EventId::new("evt_1").unwrap()
    }

    /// A transaction that finds the event parked.
    fn parked(endings: &Endings, source: EventSource) -> MockUnitOfWork {
        let mut work = MockUnitOfWork::recording(endings);
        work.webhooks.expect_find_parked_webhook_for_update().withf(|asked| *asked == id()).once().returning(
            move |_| Ok(Some(ParkedWebhook { received_at: SECOND, source, payload: Payload::new(b"body") })),
        );
        work
    }

    fn reading(event: WebhookEvent) -> MockEventReader {
        let mut reader = MockEventReader::new();
        reader
            .expect_read_event()
            .withf(|payload, received_at| payload == b"body" && *received_at == SECOND)
            .returning(move |_, _| event.clone());
        reader
    }

    async fn replay(work: MockUnitOfWork, reader: &MockEventReader) -> Result<Replay, StoreError> {
        replay_parked_event(&store_of(vec![work]), reader, &id(), &home(), NOW).await
    }

    #[pollster::test]
    async fn a_parked_event_that_can_be_read_now_has_its_effect_and_is_processed() {
        let endings = Endings::default();
        let mut work = parked(&endings, EventSource::Sweep);
        work.payments.expect_find_payments_for_update().returning(|_, _| Ok(vec![pending()]));
        work.payments
            .expect_update_payment_statuses()
            .withf(|rows| {
                let row = rows[0].record();
                rows[0].id() == payment_id()
                    && row.status == PaymentStatus::Succeeded
                    && row.settled_by == Some(SettledBy::Sweep)
            })
            .once()
            .returning(|_| Ok(()));
        work.webhooks
            .expect_record_replay()
            .withf(|said, at| said.outcome == Outcome::Processed && said.payload.is_none() && *at == NOW)
            .once()
            .returning(|_, _| Ok(()));
        let answer = replay(work.accepting_the_rest(), &reading(paid_event("evt_of_another_name"))).await.unwrap();
        assert_eq!(answer, Replay::Settled(Outcome::Processed));
        assert_eq!(endings.all(), [Ending::Committed]);
    }

    #[pollster::test]
    async fn what_is_still_wrong_stays_parked_with_its_body_and_the_newest_reason() {
        let endings = Endings::default();
        let mut work = parked(&endings, EventSource::Webhook);
        let reason = ParkReason::UnreadableObject;
        work.webhooks
            .expect_record_replay()
            .withf(move |said, _| {
                said.outcome == Outcome::Parked(reason) && said.payload == Some(Payload::new(b"body"))
            })
            .once()
            .returning(|_, _| Ok(()));
        let answer = replay(work.accepting_the_rest(), &reading(event("evt_1", EventContent::Unreadable(reason))))
            .await
            .unwrap();
        assert_eq!(answer, Replay::Settled(Outcome::Parked(reason)));
        assert_eq!(endings.all(), [Ending::Committed]);
    }

    #[pollster::test]
    async fn an_event_that_is_not_parked_is_left_alone() {
        for (is_known, expected) in [(true, Replay::NotParked), (false, Replay::Unknown)] {
            let endings = Endings::default();
            let mut work = MockUnitOfWork::recording(&endings);
            work.webhooks.expect_find_parked_webhook_for_update().returning(|_| Ok(None));
            work.webhooks.expect_is_webhook_processed().returning(move |_| Ok(is_known));
            assert_eq!(replay(work, &MockEventReader::new()).await.unwrap(), expected);
            assert_eq!(endings.all(), [Ending::RolledBack]);
        }
    }

    #[pollster::test]
    async fn a_replay_that_fails_changes_nothing() {
        let endings = Endings::default();
        let mut work = parked(&endings, EventSource::Webhook);
        work.webhooks.expect_record_replay().returning(|_, _| Err(store_error()));
        assert!(replay(work.accepting_the_rest(), &reading(event("evt_1", EventContent::Unhandled))).await.is_err());
        assert_eq!(endings.all(), [Ending::RolledBack]);
    }
}
