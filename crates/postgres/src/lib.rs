#![doc = include_str!("../README.md")]

mod columns;
mod customers;
mod database;
mod disputes;
mod error;
mod history;
mod installation;
mod invoices;
mod payments;
mod purchase_columns;
mod refreshes;
mod refunds;
mod settings;
mod status_reads;
mod status_relay;
mod store;
mod subscriptions;
mod sweeps;
mod transitions;
mod unit_of_work;
mod webhook_events;

pub use database::{OpenError, SchemaVersion};
pub use settings::PgSettings;
pub use status_relay::PgStatusRelay;
pub use store::PgStore;
