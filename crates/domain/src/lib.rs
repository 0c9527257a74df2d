#![doc = include_str!("../README.md")]

pub mod catalogue;
pub mod checkout;
pub mod customer;
pub mod dispute;
pub mod event;
#[cfg(test)]
mod examples;
pub mod explain;
pub mod history;
pub mod ids;
pub mod installation;
pub mod invoice;
pub mod listing;
pub mod mirror;
#[cfg(any(test, feature = "mock"))]
pub mod mock;
pub mod money;
#[cfg(test)]
mod orderings;
pub mod payment;
pub mod ports;
pub mod purchase;
pub mod refresh;
pub mod refresh_request;
pub mod refund;
pub mod session;
mod settled;
pub mod settlement;
pub mod status;
pub mod subscription;
pub mod sweep;
mod text_enum;
pub mod transition;
pub mod waiting;
pub mod webhook;

pub use settled::{Policy, Ports, Settled};
pub use text_enum::UnknownWord;
