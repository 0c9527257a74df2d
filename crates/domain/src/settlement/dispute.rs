use time::OffsetDateTime;

use super::{Outcome, Settlement};
use crate::dispute::{Dispute, DisputeSnapshot};
use crate::event::WebhookEvent;
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::subscription::News;

impl Settlement {
    /// A dispute of something that we don't know to be ours is asked about: only Stripe can tell what its charge paid for.
    pub(super) fn take_dispute(
        &mut self,
        event: &WebhookEvent,
        news: News,
        snapshot: &DisputeSnapshot,
        now: OffsetDateTime,
    ) -> Outcome {
        let object = RefreshObject::Dispute(snapshot.id.clone());
        if let Some(held) = self.disputes.get_mut(&snapshot.id) {
            let verdict = held.apply(snapshot, news, event.created, event.source.cause(), now);
            let noted = self.note(verdict, event, object, now);
            if noted.is_written {
                self.disputes.mark_changed(snapshot.id.clone());
            }
            return noted.outcome;
        }
        let Some(purchase) = snapshot.payment_intent_id.as_ref().and_then(|intent| self.purchases.get(intent)) else {
            self.refreshes.push(RefreshRequest::new(object, RefreshReason::Owner, now));
            return Outcome::Processed;
        };
        match Dispute::first(snapshot, purchase.id.clone(), event.created, event.source.cause(), now) {
            Ok((row, transition)) => {
                self.record(transition, event);
                self.disputes.insert(snapshot.id.clone(), row);
                Outcome::Processed
            }
            Err(reason) => self.park_first(reason, object, now),
        }
    }
}
