#![doc = include_str!("../README.md")]

mod api;
mod call;
mod catalogue;
mod config;
mod events;
mod lookups;
mod money;
mod objects;
mod operator;
mod read;
mod reader;
mod requests;
mod signature;
mod webhook;

pub use api::StripeApi;
pub use call::API_VERSION;
pub use config::{Backend, ConfigError, RetryPolicy, StripeConfig};
pub use operator::{Access, CreatedEndpoint, Difference, Operator, Permission, WebhookEndpoint};
pub use reader::StripeEventReader;
pub use webhook::handled_events;
