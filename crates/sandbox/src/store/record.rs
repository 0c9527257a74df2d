//! One line of the journal: one change of the sandbox's state.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::objects::{
    Charge, Customer, Delivery, Event, Installation, Invoice, PaymentIntent, PaymentMethod, Price, Product, Session,
    Subscription,
};

/// Everything that can happen to the state. Replaying all of them in order rebuilds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "record", content = "of", rename_all = "snake_case")]
pub(crate) enum Record {
    Installation(Installation),
    Product(Product),
    Price(Price),
    Customer(Customer),
    Session(Session),
    Subscription(Subscription),
    Invoice(Invoice),
    PaymentIntent(PaymentIntent),
    Charge(Charge),
    PaymentMethod(PaymentMethod),
    Event(Event),
    Delivery { event: String, delivery: Delivery },
    Answer(Answer),
}

/// The stored answer to a POST with an idempotency key.
///
/// <https://docs.stripe.com/api/idempotent_requests>
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) key: String,
    /// A digest of the path and the parameters.
    pub(crate) fingerprint: String,
    pub(crate) request_id: String,
    pub(crate) at: i64,
    pub(crate) body: Value,
}
