#![doc = include_str!("../README.md")]

mod backoff;
mod engine;
#[cfg(test)]
mod examples;
mod feed;
mod intake;
mod measures;
mod outage;
mod pace;
mod recovery;
mod refreshes;
mod relay;
mod settings;
mod supervision;
mod sweep;
mod system;

pub use engine::{Engine, Shutdown};
pub use intake::BatchingIntake;
pub use settings::{
    CallSettings, EngineSettings, FeedSettings, IntakeSettings, RecoverySettings, RefreshSettings, SweepSettings,
};
pub use sweep::Sweep;
pub use system::{RandomIds, SystemClock};
