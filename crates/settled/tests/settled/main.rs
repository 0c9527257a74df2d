//! The program as its users meet it: started as a process, spoken to by HTTP, killed, started again.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "browser-tests")]
mod browser;
mod buying;
#[cfg(target_os = "linux")]
mod full_disk;
mod harness;
mod hostile;
mod identity;
mod metrics;
mod money;
mod operators;
#[cfg(feature = "postgres-tests")]
mod postgres;
mod restarting;
mod secrets;
mod setting_up;
mod starting;
mod storm;
mod streams;
mod sweeping;
mod unread_log;
mod users;
mod webhooks;
