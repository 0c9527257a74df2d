//! Thin events: the object's name and no more.
//!
//! <https://docs.stripe.com/event-destinations#thin-events>

use serde_json::{Value, json};

use crate::clock;
use crate::objects::Event;

/// The thin event of the same fact, with an id of its own.
pub(super) fn of(event: &Event) -> Value {
    let object = &event.object;
    let id = event.id.strip_prefix("evt_1").unwrap_or(&event.id);
    let kind = object["object"].as_str().unwrap_or_default();
    let path = match kind {
        "checkout.session" => "checkout/sessions".to_owned(),
        other => format!("{other}s"),
    };
    json!({
        "id": format!("evt_2{id}"),
        "object": "v2.core.event",
        "changes": null,
        "context": null,
        "created": clock::rfc3339(event.created),
        "data": {},
        "livemode": false,
        "reason": null,
        "related_object": {
            "id": object["id"],
            "type": kind,
            "url": format!("/v1/{path}/{}", object["id"].as_str().unwrap_or_default()),
        },
        "snapshot_event": event.id,
        "type": format!("v1.{}", event.kind),
    })
}
