#![doc = include_str!("../README.md")]

pub mod catalogue;
pub mod checkout;
pub mod customer;
pub mod event;
#[cfg(test)]
mod examples;
pub mod ids;
pub mod installation;
#[cfg(any(test, feature = "mock"))]
pub mod mock;
pub mod money;
pub mod payment;
pub mod ports;
pub mod refresh;
pub mod refresh_request;
pub mod session;
mod settled;
pub mod settlement;
pub mod status;
pub mod subscription;
mod text_enum;
pub mod transition;
pub mod webhook;

pub use settled::{Policy, Ports, Settled};
pub use text_enum::UnknownWord;
