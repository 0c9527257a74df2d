//! Events: what happened, frozen in the shape it had then.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{API_VERSION, Resource, plumbing};
use crate::store::State;

/// How the delivery of an event to the webhook endpoint stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Delivery {
    /// There was no endpoint when the event happened.
    Unwanted,
    Pending,
    Delivered,
    /// Not answered 2xx for three days.
    Abandoned,
    /// Somebody at the dashboard decided so.
    Dropped,
}

impl Delivery {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unwanted => "no endpoint",
            Self::Pending => "waiting",
            Self::Delivered => "delivered",
            Self::Abandoned => "given up",
            Self::Dropped => "dropped",
        }
    }
}

/// What an endpoint answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeliveryAttempt {
    pub(crate) at: i64,
    /// None: no answer came.
    pub(crate) status: Option<u16>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// E.g. `checkout.session.completed`.
    pub(crate) kind: String,
    /// The object as it was rendered when the event happened.
    pub(crate) object: Value,
    pub(crate) previous_attributes: Option<Value>,
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) delivery: Delivery,
    /// When it happened in real time, if `created` says something else.
    #[serde(default)]
    pub(crate) happened_at: Option<i64>,
    /// Not to be delivered before this moment.
    #[serde(default)]
    pub(crate) held_until: Option<i64>,
    /// The last of them.
    #[serde(default)]
    pub(crate) attempts: Vec<DeliveryAttempt>,
}

impl Resource for Event {
    plumbing!("event", "/v1/events", events, Event);

    /// <https://docs.stripe.com/api/events/object>
    fn render(&self, _: &State) -> Value {
        let mut data = json!({ "object": self.object });
        if let Some(before) = &self.previous_attributes {
            data["previous_attributes"] = before.clone();
        }
        json!({
            "id": self.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created,
            "data": data,
            "livemode": false,
            "pending_webhooks": i32::from(self.delivery == Delivery::Pending),
            "request": { "id": self.request_id, "idempotency_key": self.idempotency_key },
            "type": self.kind,
        })
    }
}

const ATTEMPTS_KEPT: usize = 20;

impl Event {
    /// When it happened in real time.
    pub(crate) fn happened_at(&self) -> i64 {
        self.happened_at.unwrap_or(self.created)
    }

    pub(crate) fn note(&mut self, attempt: DeliveryAttempt) {
        if self.attempts.len() == ATTEMPTS_KEPT {
            self.attempts.remove(0);
        }
        self.attempts.push(attempt);
    }
}
