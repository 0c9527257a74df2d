//! The whole journey through the real pages, in a real browser.
//!
//! `cargo xtask test` finds or installs Chromium and its driver and names them in `SETTLED_CHROMIUM` and
//! `SETTLED_CHROMEDRIVER`. With `SETTLED_SCREENSHOTS` naming a folder, each page that matters is saved there.

mod accessibility;
mod dashboard;
mod driver;
mod journeys;
mod offers;
mod paying;
mod waiting;
mod words;

pub(crate) use driver::{Page, browse};
