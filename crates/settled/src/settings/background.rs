use std::num::NonZeroU16;
use std::time::Duration;

use settled_engine::{CallSettings, EngineSettings, SweepSettings};

use crate::cli::BackgroundArgs;

/// How many times the grace of events is the age at which a waiting payment is asked for: its event comes first.
const PAYMENT_GRACES: u32 = 5;

/// How the background tasks work; what is no setting of the program has the engine's default.
pub(super) fn engine_settings(args: &BackgroundArgs) -> EngineSettings {
    let grace = Duration::from_secs(args.sweep_grace_s.into());
    EngineSettings {
        calls: CallSettings { per_second: NonZeroU16::new(args.calls_per_second).unwrap_or(NonZeroU16::MIN) },
        sweep: SweepSettings {
            every: Duration::from_secs(args.sweep_every_s.into()),
            grace,
            payments_after: grace * PAYMENT_GRACES,
            keep_events: Duration::from_hours(24 * u64::from(args.event_retention_days)),
            ..SweepSettings::default()
        },
        ..EngineSettings::default()
    }
}
