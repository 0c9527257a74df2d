//! Checkout: from a session's creation to its payment or its end.

mod bank;
mod card;
pub(crate) mod create;
pub(crate) mod debit;
pub(crate) mod expire;
pub(crate) mod form;
mod line_items;
mod one_time;
pub(crate) mod pay;
pub(crate) mod payment_page;
pub(crate) mod promotion;
mod subscribe;
