//! Stripe's objects: what the sandbox keeps of each, and the shape in which the API shows it.
//!
//! Shapes are those of API version 2026-09-30.endive, complete: what the sandbox does not simulate
//! is there with the value it has in an account that does not use it.
//! <https://docs.stripe.com/api>

mod account;
mod address;
mod behaviour;
mod charge;
mod coupon;
mod customer;
mod discount;
mod dispute;
mod event;
mod invoice;
mod invoice_item;
mod invoice_line;
mod line_item;
mod payment_intent;
mod payment_method;
mod price;
mod product;
mod refund;
mod session;
mod subscription;
mod test_clock;
mod webhook_endpoint;

use serde_json::Value;

pub(crate) use account::Installation;
pub(crate) use address::{Address, Shipping};
pub(crate) use behaviour::{Behaviour, Decline};
pub(crate) use charge::{Charge, Outcome};
pub(crate) use coupon::{Coupon, Lasts, Off, PromotionCode};
pub(crate) use customer::Customer;
pub(crate) use discount::Discount;
pub(crate) use dispute::{Dispute, DisputeStatus};
pub(crate) use event::{Delivery, DeliveryAttempt, Event};
pub(crate) use invoice::{BillingReason, Invoice, InvoiceStatus};
pub(crate) use invoice_item::InvoiceItem;
pub(crate) use invoice_line::InvoiceLine;
pub(crate) use line_item::LineItem;
pub(crate) use payment_intent::{PaymentIntent, PaymentIntentStatus};
pub(crate) use payment_method::{MethodKind, PaymentMethod};
pub(crate) use price::{Interval, Price};
pub(crate) use product::Product;
pub(crate) use refund::{Refund, RefundStatus};
pub(crate) use session::{AppliedCoupon, Mode, Payer, PaymentStatus, Session, SessionStatus, Trial};
pub(crate) use subscription::{Subscription, SubscriptionItem, SubscriptionStatus};
pub(crate) use test_clock::TestClock;
pub(crate) use webhook_endpoint::WebhookEndpoint;

use crate::store::{Record, State, Table};

/// The API version whose shapes the sandbox speaks.
pub(crate) const API_VERSION: &str = "2026-09-30.endive";

/// An object that the API can retrieve by its id.
pub(crate) trait Resource: Clone + Send + Sync + 'static {
    /// What Stripe calls it, e.g. `checkout.session`.
    const OBJECT: &'static str;
    /// Where it is listed, e.g. `/v1/customers`.
    const PATH: &'static str;

    fn id(&self) -> &str;
    /// Its JSON, with ids where other objects are named.
    fn render(&self, state: &State) -> Value;

    fn table(state: &State) -> &Table<Self>;
    fn table_mut(state: &mut State) -> &mut Table<Self>;
    fn into_record(self) -> Record;

    /// Whether it was deleted: Stripe still shows that it was there, and lists it no more.
    fn is_deleted(&self) -> bool {
        false
    }
}

/// The part of [`Resource`] that is the same for every object but for the names.
macro_rules! plumbing {
    ($object:literal, $path:literal, $table:ident, $record:ident, deletable) => {
        plumbing!($object, $path, $table, $record);

        fn is_deleted(&self) -> bool {
            self.deleted
        }
    };
    ($object:literal, $path:literal, $table:ident, $record:ident) => {
        const OBJECT: &'static str = $object;
        const PATH: &'static str = $path;

        fn id(&self) -> &str {
            &self.id
        }
        fn table(state: &crate::store::State) -> &crate::store::Table<Self> {
            &state.$table
        }
        fn table_mut(state: &mut crate::store::State) -> &mut crate::store::Table<Self> {
            &mut state.$table
        }
        fn into_record(self) -> crate::store::Record {
            crate::store::Record::$record(self)
        }
    };
}
use plumbing;

/// `first` with the fields of `second`.
fn merged(mut first: Value, second: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut first, second) {
        fields.extend(more);
    }
    first
}
