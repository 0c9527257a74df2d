//! Stripe's objects: what the sandbox keeps of each, and the shape in which the API shows it.
//!
//! Shapes are those of API version 2026-09-30.endive, complete: what the sandbox does not simulate
//! is there with the value it has in an account that does not use it.
//! <https://docs.stripe.com/api>

mod account;
mod address;
mod charge;
mod customer;
mod event;
mod invoice;
mod line_item;
mod payment_intent;
mod payment_method;
mod price;
mod product;
mod session;
mod subscription;

use serde_json::Value;

pub(crate) use account::Installation;
pub(crate) use charge::{Charge, Outcome};
pub(crate) use customer::Customer;
pub(crate) use event::{Delivery, Event};
pub(crate) use invoice::{Invoice, InvoiceLine, InvoiceStatus};
pub(crate) use line_item::LineItem;
pub(crate) use payment_intent::{PaymentIntent, PaymentIntentStatus};
pub(crate) use payment_method::PaymentMethod;
pub(crate) use price::{Interval, Price};
pub(crate) use product::Product;
pub(crate) use session::{Mode, Payer, PaymentStatus, Session, SessionStatus};
pub(crate) use subscription::{Subscription, SubscriptionItem, SubscriptionStatus};

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
    fn created(&self) -> i64;
    /// Its JSON, with ids where other objects are named.
    fn render(&self, state: &State) -> Value;

    fn table(state: &State) -> &Table<Self>;
    fn table_mut(state: &mut State) -> &mut Table<Self>;
    fn into_record(self) -> Record;
}

/// The part of [`Resource`] that is the same for every object but for the names.
macro_rules! plumbing {
    ($object:literal, $path:literal, $table:ident, $record:ident) => {
        const OBJECT: &'static str = $object;
        const PATH: &'static str = $path;

        fn id(&self) -> &str {
            &self.id
        }
        fn created(&self) -> i64 {
            self.created
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
