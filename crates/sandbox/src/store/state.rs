//! What the sandbox knows, and the one way it changes.

use std::collections::HashMap;

use serde_json::Value;

use super::agenda::{Agenda, Task};
use super::record::{Answer, Record};
use super::table::Table;
use crate::clock::Clock;
use crate::faults::Adversity;
use crate::objects::{
    Charge, Coupon, Customer, Discount, Dispute, Event, Installation, Invoice, InvoiceItem, PaymentIntent,
    PaymentMethod, Price, Product, PromotionCode, Refund, Resource, Session, Subscription, TestClock, WebhookEndpoint,
};

/// Stripe serves events for 30 days.
const EVENTS_KEPT_S: i64 = 30 * 24 * 3_600;
/// Stripe forgets an idempotency key after 24 hours.
const ANSWERS_KEPT_S: i64 = 24 * 3_600;

/// Every object, in memory. It is rebuilt from the journal at start.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    /// Not journaled: a sandbox that starts again starts without faults, or with those of its configuration.
    pub(crate) adversity: Adversity,
    /// Where this sandbox is reached; hosted pages live below it.
    pub(crate) base_url: String,
    /// How long a bank debit takes to settle by itself.
    pub(crate) debit_delay_s: i64,
    pub(crate) installation: Option<Installation>,
    pub(crate) products: Table<Product>,
    pub(crate) prices: Table<Price>,
    pub(crate) customers: Table<Customer>,
    pub(crate) sessions: Table<Session>,
    pub(crate) subscriptions: Table<Subscription>,
    pub(crate) invoices: Table<Invoice>,
    pub(crate) payment_intents: Table<PaymentIntent>,
    pub(crate) charges: Table<Charge>,
    pub(crate) payment_methods: Table<PaymentMethod>,
    pub(crate) refunds: Table<Refund>,
    pub(crate) disputes: Table<Dispute>,
    pub(crate) coupons: Table<Coupon>,
    pub(crate) promotion_codes: Table<PromotionCode>,
    pub(crate) discounts: Table<Discount>,
    pub(crate) invoice_items: Table<InvoiceItem>,
    pub(crate) test_clocks: Table<TestClock>,
    pub(crate) webhook_endpoints: Table<WebhookEndpoint>,
    pub(crate) events: Table<Event>,
    pub(crate) agenda: Agenda,
    answers: HashMap<String, Answer>,
}

impl State {
    /// Makes one change.
    pub(crate) fn apply(&mut self, record: Record) {
        match record {
            Record::Installation(installation) => self.installation = Some(installation),
            Record::Product(row) => self.put(row),
            Record::Price(row) => self.put(row),
            Record::Customer(row) => self.put(row),
            Record::Session(row) => {
                self.agenda.set(Task::Session(row.id.clone()), row.due());
                self.put(row);
            }
            Record::Subscription(row) => {
                self.agenda.set(Task::Subscription(row.id.clone()), row.due());
                self.put(row);
            }
            Record::Invoice(row) => {
                self.agenda.set(Task::Invoice(row.id.clone()), row.due());
                self.put(row);
            }
            Record::PaymentIntent(row) => {
                self.agenda.set(Task::Debit(row.id.clone()), row.settles_at.map(|at| (None, at)));
                self.put(row);
            }
            Record::Refund(row) => {
                self.agenda.set(Task::Refund(row.id.clone()), row.turns.map(|(at, _)| (None, at)));
                self.put(row);
            }
            Record::TestClock(row) => {
                let due = row.target.filter(|_| !row.deleted).map(|_| (None, i64::MIN));
                self.agenda.set(Task::Clock(row.id.clone()), due);
                self.put(row);
            }
            Record::Charge(row) => self.put(row),
            Record::PaymentMethod(row) => self.put(row),
            Record::Dispute(row) => self.put(row),
            Record::Coupon(row) => self.put(row),
            Record::PromotionCode(row) => self.put(row),
            Record::Discount(row) => self.put(row),
            Record::InvoiceItem(row) => self.put(row),
            Record::WebhookEndpoint(row) => self.put(row),
            Record::Event(row) => self.put(row),
            Record::Delivery { event, delivery } => {
                if let Some(row) = self.events.get_mut(&event) {
                    row.delivery = delivery;
                }
            }
            Record::Attempt { event, attempt } => {
                if let Some(row) = self.events.get_mut(&event) {
                    row.note(attempt);
                }
            }
            Record::HeldUntil { event, until } => {
                if let Some(row) = self.events.get_mut(&event) {
                    row.held_until = Some(until);
                }
            }
            Record::Answer(answer) => {
                self.answers.insert(answer.key.clone(), answer);
            }
        }
    }

    fn put<R: Resource>(&mut self, row: R) {
        let id = row.id().to_owned();
        R::table_mut(self).put(&id, row);
    }

    /// The object with this id, whatever its kind, as the API shows it.
    pub(crate) fn render(&self, id: &str) -> Option<Value> {
        fn find<R: Resource>(state: &State, id: &str) -> Option<Value> {
            Some(R::table(state).get(id)?.render(state))
        }
        match id.split('_').next()? {
            "prod" => find::<Product>(self, id),
            "price" => find::<Price>(self, id),
            "cus" => find::<Customer>(self, id),
            "cs" => find::<Session>(self, id),
            "sub" => find::<Subscription>(self, id),
            "in" => find::<Invoice>(self, id),
            "pi" => find::<PaymentIntent>(self, id),
            "ch" => find::<Charge>(self, id),
            "pm" => find::<PaymentMethod>(self, id),
            "re" => find::<Refund>(self, id),
            "du" => find::<Dispute>(self, id),
            "promo" => find::<PromotionCode>(self, id),
            "di" => find::<Discount>(self, id),
            "ii" => find::<InvoiceItem>(self, id),
            "we" => find::<WebhookEndpoint>(self, id),
            "clock" => find::<TestClock>(self, id),
            _ => find::<Coupon>(self, id),
        }
    }

    /// The answer given for this key within the last 24 hours.
    pub(crate) fn answer(&self, key: &str, now: i64) -> Option<&Answer> {
        self.answers.get(key).filter(|answer| now - answer.at < ANSWERS_KEPT_S)
    }

    /// The time on a clock: a test clock's own, or the real one.
    pub(crate) fn time_of(&self, test_clock: Option<&str>) -> i64 {
        let clock = test_clock.and_then(|id| self.test_clocks.get(id));
        clock.map_or_else(|| self.clock.now(), |clock| clock.frozen_time)
    }

    /// Forgets what Stripe forgets too.
    pub(crate) fn prune(&mut self, now: i64) {
        self.answers.retain(|_, answer| now - answer.at < ANSWERS_KEPT_S);
        self.events.retain(|event| now - event.happened_at() < EVENTS_KEPT_S);
    }

    /// The records that rebuild this state, and nothing of its history.
    pub(crate) fn snapshot(&self) -> Vec<Record> {
        fn rows<R: Resource>(state: &State) -> impl Iterator<Item = Record> {
            R::table(state).oldest_first().map(|row| row.clone().into_record())
        }
        let mut records: Vec<_> = self.installation.iter().cloned().map(Record::Installation).collect();
        records.extend(rows::<Product>(self));
        records.extend(rows::<Price>(self));
        records.extend(rows::<Customer>(self));
        records.extend(rows::<PaymentMethod>(self));
        records.extend(rows::<Charge>(self));
        records.extend(rows::<PaymentIntent>(self));
        records.extend(rows::<Invoice>(self));
        records.extend(rows::<Subscription>(self));
        records.extend(rows::<Session>(self));
        records.extend(rows::<Refund>(self));
        records.extend(rows::<Dispute>(self));
        records.extend(rows::<Coupon>(self));
        records.extend(rows::<PromotionCode>(self));
        records.extend(rows::<Discount>(self));
        records.extend(rows::<InvoiceItem>(self));
        records.extend(rows::<TestClock>(self));
        records.extend(rows::<WebhookEndpoint>(self));
        records.extend(rows::<Event>(self));
        records.extend(self.answers.values().cloned().map(Record::Answer));
        records
    }
}
