#![doc = include_str!("../README.md")]

mod api;
mod call;
mod catalogue;
mod config;
mod events;
mod lookups;
mod objects;
mod read;
mod reader;
mod requests;
mod signature;
mod webhook;

pub use api::StripeApi;
pub use config::{Backend, ConfigError, RetryPolicy, StripeConfig};
pub use reader::StripeEventReader;
pub use webhook::handled_events;
