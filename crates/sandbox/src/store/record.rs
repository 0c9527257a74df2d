//! One line of the journal: one change of the sandbox's state.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::objects::{
    Charge, Coupon, Customer, Delivery, DeliveryAttempt, Discount, Dispute, Event, Installation, Invoice, InvoiceItem,
    PaymentIntent, PaymentMethod, Price, Product, PromotionCode, Refund, Session, Subscription, TestClock,
    WebhookEndpoint,
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
    Refund(Refund),
    Dispute(Dispute),
    Coupon(Coupon),
    PromotionCode(PromotionCode),
    Discount(Discount),
    InvoiceItem(InvoiceItem),
    TestClock(TestClock),
    WebhookEndpoint(WebhookEndpoint),
    Event(Event),
    Delivery {
        event: String,
        delivery: Delivery,
    },
    /// What the endpoint answered.
    Attempt {
        event: String,
        attempt: DeliveryAttempt,
    },
    /// The event is not to be delivered before this moment.
    HeldUntil {
        event: String,
        until: i64,
    },
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
    /// The status it came with. A payment that was declined was executed, too.
    #[serde(default = "ok")]
    pub(crate) status: u16,
    pub(crate) body: Value,
}

fn ok() -> u16 {
    200
}
