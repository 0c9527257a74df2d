#![doc = include_str!("../README.md")]

mod backoff;
mod engine;
#[cfg(test)]
mod examples;
mod intake;
mod outage;
mod recovery;
mod refreshes;
mod settings;
mod supervision;
mod system;

pub use engine::{Engine, Shutdown};
pub use intake::BatchingIntake;
pub use settings::{EngineSettings, IntakeSettings, RecoverySettings, RefreshSettings};
pub use system::{RandomIds, SystemClock};
