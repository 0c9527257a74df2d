use settled_domain::event::{EventContent, EventSource, Payload, WebhookEvent};
use settled_domain::ids::EventId;
use settled_domain::ports::{Claim, ClaimedWebhook, Store, StoreError};
use time::OffsetDateTime;
use time::macros::datetime;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-24 10:00:00.123_456 UTC);

pub(crate) fn event_id(n: u32) -> EventId {
    EventId::new(format!("evt_{n}")).expect("an event id")
}

pub(crate) fn webhook(n: u32, event_type: &str) -> ClaimedWebhook {
    ClaimedWebhook {
        id: event_id(n),
        event_type: event_type.into(),
        object_id: Some(format!("cs_{n}")),
        api_version: None,
        livemode: true,
        created: NOW.truncate_to_second(),
        received_at: NOW,
        source: EventSource::Webhook,
    }
}

/// An event of a type that changes nothing: its row in the ledger is its effect.
pub(crate) fn event(n: u32) -> WebhookEvent {
    WebhookEvent {
        id: event_id(n),
        event_type: "payment_intent.payment_failed".into(),
        object_id: None,
        api_version: None,
        livemode: Some(false),
        account: None,
        created: NOW.truncate_to_second(),
        received_at: NOW,
        source: EventSource::Webhook,
        content: EventContent::Unhandled,
        payload: Payload::new(b"{}"),
    }
}

/// Claims one event in a transaction of its own.
pub(crate) async fn claim(store: &dyn Store, n: u32) -> Result<Claim, StoreError> {
    let mut work = store.begin().await?;
    let claims = work.webhooks().mark_webhooks_processed(&[webhook(n, "a.type")]).await?;
    work.commit().await?;
    Ok(claims[0])
}
