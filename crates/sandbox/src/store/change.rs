//! One change in the making: what it puts, and the events it causes.

use serde_json::Value;

use super::record::{Answer, Record};
use super::state::State;
use crate::errors::StripeError;
use crate::faults::{Consignment, Drawn};
use crate::ids;
use crate::objects::{Delivery, Event, Resource};

/// Who asked for a change; events name it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

/// Whether events have somewhere to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forwarding {
    On,
    Off,
}

/// The state under its lock, and the records that this change adds to the journal.
///
/// A change checks everything before its first `put`: after that it does not fail.
pub(crate) struct Change<'a> {
    pub(crate) state: &'a mut State,
    /// Seconds since the epoch on the clock of what is being changed.
    pub(crate) now: i64,
    /// The same moment in real time.
    pub(crate) real_now: i64,
    origin: &'a Origin,
    forwarding: Forwarding,
    records: Vec<Record>,
    outgoing: Vec<Consignment>,
}

impl<'a> Change<'a> {
    pub(crate) fn new(state: &'a mut State, now: i64, origin: &'a Origin, forwarding: Forwarding) -> Self {
        Self { state, now, real_now: now, origin, forwarding, records: Vec::new(), outgoing: Vec::new() }
    }

    /// Goes on with the time of a test clock, or with the real one.
    pub(crate) fn enter_clock(&mut self, test_clock: Option<&str>) {
        let clock = test_clock.and_then(|id| self.state.test_clocks.get(id));
        self.now = clock.map_or(self.real_now, |clock| clock.frozen_time);
    }

    /// Goes on with the time of this customer's clock.
    pub(crate) fn enter_clock_of(&mut self, customer: Option<&str>) -> Option<String> {
        let customer = customer.and_then(|id| self.state.customers.get(id));
        let clock = customer.and_then(|customer| customer.test_clock.clone());
        self.enter_clock(clock.as_deref());
        clock
    }

    /// Inserts or replaces an object.
    pub(crate) fn put<R: Resource>(&mut self, row: &R) {
        self.record(row.clone().into_record());
    }

    /// Stores the answer to the request's idempotency key.
    pub(crate) fn remember(&mut self, answer: Answer) {
        self.record(Record::Answer(answer));
    }

    pub(crate) fn record(&mut self, record: Record) {
        self.state.apply(record.clone());
        self.records.push(record);
    }

    /// Emits an event that carries the object as it is now.
    pub(crate) fn emit<R: Resource>(&mut self, kind: &'static str, row: &R) {
        self.emit_with(kind, row, None);
    }

    /// Emits an `….updated` event that also says what the changed fields were before.
    pub(crate) fn emit_update<R: Resource>(&mut self, kind: &'static str, row: &R, before: Value) {
        self.emit_with(kind, row, Some(before));
    }

    fn emit_with<R: Resource>(&mut self, kind: &'static str, row: &R, previous_attributes: Option<Value>) {
        let faults = self.state.adversity.draw_delivery(kind, self.real_now);
        if faults.is_unmade() {
            return;
        }
        let delivery = match self.forwarding {
            Forwarding::Off => Delivery::Unwanted,
            Forwarding::On if faults.is_dropped() => Delivery::Dropped,
            Forwarding::On => Delivery::Pending,
        };
        let created = self.now + self.state.adversity.skew_of(row.id(), self.real_now);
        let event = Event {
            id: ids::object_id("evt_1", 23),
            created,
            kind: kind.to_owned(),
            object: row.render(self.state),
            previous_attributes,
            request_id: self.origin.request_id.clone(),
            idempotency_key: self.origin.idempotency_key.clone(),
            delivery,
            happened_at: (created != self.real_now).then_some(self.real_now),
            held_until: None,
            attempts: Vec::new(),
        };
        if faults.has_twin() {
            self.send(&Event { id: ids::object_id("evt_1", 23), ..event.clone() }, &faults);
        }
        self.send(&event, &faults);
    }

    fn send(&mut self, event: &Event, faults: &Drawn) {
        if self.forwarding == Forwarding::On {
            let ways = self.state.adversity.consign(&event.id, faults, self.real_now);
            self.outgoing.extend(ways);
        }
        self.put(event);
    }

    /// The records for the journal and the events for the courier.
    pub(super) fn into_parts(self) -> (Vec<Record>, Vec<Consignment>) {
        (self.records, self.outgoing)
    }

    /// The object, or Stripe's 404.
    pub(crate) fn find<R: Resource>(&self, id: &str) -> Result<R, StripeError> {
        let row = R::table(self.state).get(id).filter(|row| !row.is_deleted());
        row.cloned().ok_or_else(|| StripeError::no_such(R::OBJECT, id))
    }

    /// The object that a parameter names, or Stripe's 400.
    pub(crate) fn find_named<R: Resource>(&self, id: &str, param: &str) -> Result<R, StripeError> {
        let row = R::table(self.state).get(id).filter(|row| !row.is_deleted());
        row.cloned().ok_or_else(|| StripeError::no_such_reference(R::OBJECT, id, param))
    }
}
