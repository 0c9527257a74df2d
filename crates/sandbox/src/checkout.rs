//! Checkout: from a session's creation to its payment or its end.

pub(crate) mod card;
pub(crate) mod create;
pub(crate) mod expire;
mod line_items;
mod one_time;
pub(crate) mod pay;
mod subscribe;
