//! The router over mocks: what each route answers to what, laid out like the routes. What really happens behind it is
//! tested with the adapters.
#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here has failed the test")]

mod app;
mod auth;
mod checkout;
mod contract;
mod description;
mod errors;
mod headers;
mod health;
mod limits;
mod log;
mod metrics;
mod pages;
mod payment_status;
mod payment_stream;
mod payment_wait;
mod provider;
mod rows;
mod sandbox_login;
mod subscription_status;
mod success_page;
mod watched;
mod webhook;
