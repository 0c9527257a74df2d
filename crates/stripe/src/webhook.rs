//! What a signed webhook says.

mod kinds;

pub use kinds::handled_events;

use std::fmt::Write;

use settled_domain::event::{EventContent, Payload, WebhookEvent};
use settled_domain::ids::EventId;
use settled_domain::settlement::ParkReason;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use self::kinds::{Kind, kind_of};
use crate::read::{Envelope, EnvelopeKind, read_session, read_subscription};

/// Reads an event whose signature has been verified. There is always one: what cannot be read is parked by who asked,
/// under the id that it has, or one made from its digest so that a repetition is known again.
pub(crate) fn read_event(payload: &[u8], now: OffsetDateTime) -> WebhookEvent {
    match Envelope::read(payload) {
        Ok(envelope) => WebhookEvent {
            content: content(&envelope),
            id: envelope.id,
            event_type: envelope.event_type,
            object_id: envelope.object_id,
            api_version: envelope.api_version,
            livemode: envelope.livemode,
            account: envelope.account,
            created: envelope.created,
            payload: Payload::new(payload),
        },
        Err(error) => {
            tracing::debug!(%error, bytes = payload.len(), "a signed webhook is no event");
            WebhookEvent {
                id: digest_id(payload),
                event_type: String::new(),
                object_id: None,
                api_version: None,
                livemode: None,
                account: None,
                created: now.truncate_to_second(),
                content: EventContent::Unreadable(ParkReason::UnreadableEvent),
                payload: Payload::new(payload),
            }
        }
    }
}

fn content(envelope: &Envelope<'_>) -> EventContent {
    let EnvelopeKind::Snapshot(object) = envelope.kind else {
        return EventContent::Unhandled;
    };
    let event_type = envelope.event_type.as_str();
    let read = match kind_of(event_type) {
        Some(Kind::Session(event)) => read_session(object).map(|session| EventContent::CheckoutSession(event, session)),
        Some(Kind::Subscription(news)) => {
            read_subscription(object).map(|snapshot| EventContent::Subscription(news, snapshot))
        }
        None => return EventContent::Unhandled,
    };
    read.unwrap_or_else(|error| {
        tracing::debug!(event_id = %envelope.id, event_type, %error, "a webhook lacks what we need");
        EventContent::Unreadable(ParkReason::UnreadableObject)
    })
}

fn digest_id(payload: &[u8]) -> EventId {
    let mut id = String::from("evt_unreadable_");
    for byte in Sha256::digest(payload) {
        write!(id, "{byte:02x}").expect("a String takes everything");
    }
    EventId::new(id).expect("hex digits are letters and digits")
}

#[cfg(test)]
mod tests;
