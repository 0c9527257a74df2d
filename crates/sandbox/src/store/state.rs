//! What the sandbox knows, and the one way it changes.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::record::{Answer, Record};
use super::table::Table;
use crate::objects::{
    Charge, Customer, Event, Installation, Invoice, PaymentIntent, PaymentMethod, Price, Product, Resource, Session,
    SessionStatus, Subscription,
};

/// Stripe serves events for 30 days.
const EVENTS_KEPT_S: i64 = 30 * 24 * 3_600;
/// Stripe forgets an idempotency key after 24 hours.
const ANSWERS_KEPT_S: i64 = 24 * 3_600;

/// Every object, in memory. It is rebuilt from the journal at start.
#[derive(Default)]
pub(crate) struct State {
    /// Where this sandbox is reached; hosted pages live below it.
    pub(crate) base_url: String,
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
    pub(crate) events: Table<Event>,
    answers: HashMap<String, Answer>,
    /// Open sessions by the second they expire.
    expiring: BTreeSet<(i64, String)>,
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
                let key = (row.expires_at, row.id.clone());
                if row.status == SessionStatus::Open {
                    self.expiring.insert(key);
                } else {
                    self.expiring.remove(&key);
                }
                self.put(row);
            }
            Record::Subscription(row) => self.put(row),
            Record::Invoice(row) => self.put(row),
            Record::PaymentIntent(row) => self.put(row),
            Record::Charge(row) => self.put(row),
            Record::PaymentMethod(row) => self.put(row),
            Record::Event(row) => self.put(row),
            Record::Delivery { event, delivery } => {
                if let Some(row) = self.events.get_mut(&event) {
                    row.delivery = delivery;
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
            _ => None,
        }
    }

    /// The answer given for this key within the last 24 hours.
    pub(crate) fn answer(&self, key: &str, now: i64) -> Option<&Answer> {
        self.answers.get(key).filter(|answer| now - answer.at < ANSWERS_KEPT_S)
    }

    /// Open sessions whose time is over.
    pub(crate) fn overdue_sessions(&self, now: i64) -> Vec<Session> {
        self.expiring
            .iter()
            .take_while(|(expires_at, _)| *expires_at <= now)
            .filter_map(|(_, id)| self.sessions.get(id).cloned())
            .collect()
    }

    /// Forgets what Stripe forgets too.
    pub(crate) fn prune(&mut self, now: i64) {
        self.answers.retain(|_, answer| now - answer.at < ANSWERS_KEPT_S);
        self.events.retain(|event| now - event.created < EVENTS_KEPT_S);
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
        records.extend(rows::<Event>(self));
        records.extend(self.answers.values().cloned().map(Record::Answer));
        records
    }
}
