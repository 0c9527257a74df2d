//! The store on a real server: the contract of every store, and what only PostgreSQL has.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod columns;
mod contract;
mod encryption;
mod faults;
mod harness;
mod opening;
mod relay;
mod statements;
mod status_reads;
mod upgrading;
mod waiting;
