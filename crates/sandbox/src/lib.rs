#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod catalogue;
mod checkout;
mod clock;
mod config;
mod customers;
mod delivery;
mod errors;
mod expand;
mod form;
mod ids;
mod journal;
mod listing;
mod objects;
mod pages;
mod params;
mod sandbox;
mod server;
mod signer;
mod store;
mod subscriptions;

pub use config::SandboxConfig;
pub use journal::JournalError;
pub use sandbox::{Sandbox, SandboxError};
