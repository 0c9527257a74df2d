#![doc = include_str!("../README.md")]
#![expect(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "a case's name is the promise it checks; it panics when the promise is broken and fails when the store does"
)]

mod fixtures;
mod list;
mod steps;
mod told;

pub mod batches;
pub mod customers;
pub mod disputes;
pub mod examples;
pub mod history;
pub mod installation;
pub mod invoices;
pub mod orders;
pub mod parked;
pub mod payments;
pub mod refreshes;
pub mod refunds;
pub mod slots;
pub mod subscriptions;
pub mod sweeps;
pub mod transactions;
pub mod transitions;
pub mod webhooks;
