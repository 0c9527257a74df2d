//! The click on *Subscribe*: a payment row is committed first, then Stripe is asked for a Checkout Session.

mod assortment;
mod create;
mod customer;
mod error;
mod open_session;
mod params;
mod revisit;
mod slot;

pub use assortment::Assortment;
pub use create::{Checkout, Order};
pub use error::CheckoutError;
pub(crate) use open_session::open_session;
pub use params::{CheckoutParams, PromotionCodes, ReturnUrls};
pub(crate) use revisit::{SessionNews, take_session_answer};

#[cfg(test)]
mod tests;
