#![doc = include_str!("../README.md")]

mod customers;
mod database;
mod error;
mod installation;
mod payments;
mod refreshes;
mod store;
mod subscriptions;
mod time_column;
mod transitions;
mod unit_of_work;
mod webhook_events;

pub use database::OpenError;
pub use store::SqliteStore;
