//! What a signed webhook says.

mod kinds;
mod thin;

pub use kinds::handled_events;

use std::fmt::Write;

use settled_domain::event::{EventContent, EventSource, Payload, WebhookEvent};
use settled_domain::ids::{CustomerId, EventId};
use settled_domain::invoice::InvoiceStatus;
use settled_domain::settlement::ParkReason;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use self::kinds::{Kind, kind_of};
use crate::read::{
    Envelope, EnvelopeKind, Unreadable, read_dispute, read_invoice, read_refund, read_refunded_charge, read_session,
    read_subscription,
};

/// Reads an event that reached us `now`, and whose signature has been verified. There is always one: what cannot be read is
/// parked by who asked, under the id that it has, or one made from its digest so that a repetition is known again.
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
            received_at: now,
            source: EventSource::Webhook,
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
                received_at: now,
                source: EventSource::Webhook,
                content: EventContent::Unreadable(ParkReason::UnreadableEvent),
                payload: Payload::new(payload),
            }
        }
    }
}

fn content(envelope: &Envelope<'_>) -> EventContent {
    let EnvelopeKind::Snapshot(object) = envelope.kind else {
        return thin::content(&envelope.event_type, envelope.object_id.as_deref());
    };
    let event_type = envelope.event_type.as_str();
    let Some(kind) = kind_of(event_type) else {
        return EventContent::Unhandled;
    };
    read_object(kind, object, envelope.object_id.as_deref()).unwrap_or_else(|error| {
        tracing::debug!(event_id = %envelope.id, event_type, %error, "a webhook lacks what we need");
        EventContent::Unreadable(ParkReason::UnreadableObject)
    })
}

fn read_object(kind: Kind, object: &str, object_id: Option<&str>) -> Result<EventContent, Unreadable> {
    match kind {
        Kind::Session(event) => read_session(object).map(|session| EventContent::CheckoutSession(event, session)),
        Kind::Subscription(news) => read_subscription(object).map(|it| EventContent::Subscription(news, it)),
        Kind::Invoice => read_invoice(object).map(EventContent::Invoice),
        Kind::DeletedInvoice => read_invoice(object).map(|mut snapshot| {
            // Nobody will have to pay it.
            snapshot.status = Some(InvoiceStatus::Void);
            EventContent::Invoice(snapshot)
        }),
        Kind::Refund => read_refund(object).map(EventContent::Refund),
        Kind::RefundedCharge => read_refunded_charge(object).map(EventContent::ChargeRefunded),
        Kind::Dispute(news) => read_dispute(object).map(|snapshot| EventContent::Dispute(news, snapshot)),
        Kind::DeletedCustomer => match object_id.map(CustomerId::new) {
            Some(Ok(id)) => Ok(EventContent::CustomerDeleted(id)),
            Some(Err(_)) | None => Err(Unreadable { what: "a customer's id" }),
        },
    }
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
