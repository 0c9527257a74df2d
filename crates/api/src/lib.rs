#![doc = include_str!("../README.md")]

mod answer;
mod config;
mod current_user;
mod error;
mod extract;
mod layers;
mod limits;
mod measures;
mod openapi;
mod pages;
mod readiness;
mod router;
mod routes;
pub mod token;
mod waiters;

pub use config::{ApiConfig, InvalidConfig, SandboxLogin};
pub use error::ErrorCode;
pub use limits::RateLimits;
pub use readiness::Readiness;
pub use router::router;
pub use token::AuthConfig;
