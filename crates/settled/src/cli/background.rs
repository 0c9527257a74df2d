use clap::{Args, value_parser};

/// What is done without anybody asking for it.
#[derive(Debug, Args)]
pub(crate) struct BackgroundArgs {
    /// How many calls a second one process makes to Stripe in the background at most. A customer's click is not counted.
    #[arg(
        long = "stripe-calls-per-second",
        env = "STRIPE_CALLS_PER_SECOND",
        value_name = "NUMBER",
        default_value_t = 10,
        value_parser = value_parser!(u16).range(1..=100)
    )]
    pub(crate) calls_per_second: u16,

    /// How often it is looked for what nobody has told: events that never arrived, and rows that were left alone.
    #[arg(
        long = "sweep-every-s",
        env = "SWEEP_EVERY_S",
        value_name = "SECONDS",
        default_value_t = 60,
        value_parser = value_parser!(u16).range(1..)
    )]
    pub(crate) sweep_every_s: u16,

    /// How late Stripe's events may be before they are looked for. A payment that waits is asked for at five times that age.
    #[arg(
        long = "sweep-grace-s",
        env = "SWEEP_GRACE_S",
        value_name = "SECONDS",
        default_value_t = 120,
        value_parser = value_parser!(u16).range(1..)
    )]
    pub(crate) sweep_grace_s: u16,

    /// For how many days processed and ignored events are remembered; parked ones are kept.
    #[arg(
        long = "event-retention-days",
        env = "EVENT_RETENTION_DAYS",
        value_name = "DAYS",
        default_value_t = 60,
        value_parser = value_parser!(u16).range(35..)
    )]
    pub(crate) event_retention_days: u16,
}
