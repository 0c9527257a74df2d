//! The sandbox through its front door: HTTP on a port of its own, a journal of its own.

#![expect(clippy::unwrap_used, reason = "what a test's helper cannot do fails the test")]

mod api_errors;
mod bank_debits;
mod call_faults;
mod challenges;
mod checkout_page;
mod clocks;
mod dashboard;
mod deliveries;
mod delivery_faults;
mod idempotency;
mod lists;
mod offers;
mod payments;
mod purchases;
mod restart;
mod shapes;
mod subscriptions;
mod time_by_hand;
mod triggers;
mod truth;
mod webhook_endpoints;
mod world;
