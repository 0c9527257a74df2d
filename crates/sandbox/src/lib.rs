#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod agenda;
mod catalogue;
mod checkout;
mod clock;
mod config;
mod customers;
mod delivery;
mod discounts;
mod errors;
mod expand;
mod form;
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

pub use config::SandboxConfig;
pub use journal::JournalError;
pub use sandbox::{Sandbox, SandboxError};
