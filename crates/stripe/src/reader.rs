use settled_domain::event::WebhookEvent;
use settled_domain::ports::EventReader;
use time::OffsetDateTime;

use crate::webhook::read_event;

/// Reads events of Stripe's whose signature was verified before. It needs no key and no network.
#[derive(Debug, Clone, Copy, Default)]
pub struct StripeEventReader;

impl EventReader for StripeEventReader {
    fn read_event(&self, payload: &[u8], received_at: OffsetDateTime) -> WebhookEvent {
        read_event(payload, received_at)
    }
}
