//! What the crate promises, seen from outside: signatures against those that others made, calls against a server on
//! this machine.

#![expect(clippy::unwrap_used, reason = "the lint spares test functions only, and not what they share")]

mod answers;
mod calls;
mod catalogue;
mod double;
mod events;
mod failures;
mod lookups;
mod money;
mod objects;
mod operator;
mod retries;
mod secrets;
mod signatures;
mod transport;
