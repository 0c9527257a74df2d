//! Sending a call: attempts, their answers, and what an answer means.
//!
//! async-stripe puts the calls together, reqwest sends them: async-stripe's own client shows neither the time of an
//! answer (`Date`), nor how long to wait (`Retry-After`), nor the id of the request, and makes up a new idempotency key
//! for every call that it would repeat.

mod client;
mod failure;
mod reply;

pub use client::API_VERSION;
pub(crate) use client::Client;
pub(crate) use failure::{NotUsable, is_not_open, is_unknown_object};
pub(crate) use reply::Reply;
