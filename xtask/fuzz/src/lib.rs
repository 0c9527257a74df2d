#![doc = include_str!("../README.md")]

mod envelope;
mod signature;
mod signing;
mod token;

pub use envelope::envelope;
pub use signature::signature;
pub use token::token;
