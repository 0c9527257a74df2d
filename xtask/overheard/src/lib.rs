#![doc = include_str!("../README.md")]

mod keep;
mod kinds;
mod search;
mod settings;

pub use keep::{FOLDER, LogWriter, Said, keep};
pub use kinds::Kind;
pub use search::{Find, Searched, search};
pub use settings::note_setting;
