#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod agenda;
mod by_hand;
mod catalogue;
mod checkout;
mod clock;
mod config;
mod customers;
mod delivery;
mod discounts;
mod errors;
mod expand;
mod faults;
mod form;
mod hindsight;
mod ids;
mod invoices;
mod journal;
mod listing;
mod objects;
mod pages;
mod params;
mod payments;
mod products;
mod reply;
mod sandbox;
mod server;
mod signer;
mod store;
mod subscriptions;
mod test_clocks;
mod truth;
mod webhook_endpoints;

pub use clock::ManualClock;
pub use config::SandboxConfig;
pub use faults::FaultPlan;
pub use journal::JournalError;
pub use sandbox::{Sandbox, SandboxError};
