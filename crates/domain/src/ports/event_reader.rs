use time::OffsetDateTime;

use crate::event::WebhookEvent;

/// Reads the bytes of an event whose signature was verified when they came. Pure: no I/O.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait EventReader: Send + Sync {
    /// The event in these bytes, which reached us then. Bytes that cannot be read are an event, too, as in
    /// [`verify_webhook_signature`](super::StripeGateway::verify_webhook_signature).
    fn read_event(&self, payload: &[u8], received_at: OffsetDateTime) -> WebhookEvent;
}
