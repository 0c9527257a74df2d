use std::num::NonZeroU16;
use std::time::Duration;

/// What a host may tune. The defaults suit one machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineSettings {
    /// How webhooks are batched.
    pub intake: IntakeSettings,
    /// How often Stripe is asked in the background.
    pub calls: CallSettings,
    /// How doubts are asked about at Stripe.
    pub refreshes: RefreshSettings,
    /// How payments that were left undone are found.
    pub recovery: RecoverySettings,
    /// How what nobody has told us is found out.
    pub sweep: SweepSettings,
    /// How those who wait for a payment are looked after.
    pub feed: FeedSettings,
}

/// How webhooks are batched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeSettings {
    /// How many events may wait while a transaction is in flight; the next one is refused at once. Default 4096.
    pub capacity: NonZeroU16,
    /// How many events one transaction commits at most. Default 128.
    pub batch_limit: NonZeroU16,
    /// How long a batch that the database cannot commit is tried again; then as long again event by event, if the
    /// database is there. Twice this should stay well below the 10 s for which Stripe holds the customer's redirect.
    /// Default 3 s.
    pub retry_for: Duration,
}

impl Default for IntakeSettings {
    fn default() -> Self {
        Self { capacity: count(4096), batch_limit: count(128), retry_for: Duration::from_secs(3) }
    }
}

/// How often Stripe is asked in the background. The calls of a customer's click are not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSettings {
    /// How many calls a process makes in a second at most. All replicas together should stay well below Stripe's limit:
    /// 100 a second for live keys, 25 for others (<https://docs.stripe.com/rate-limits>). Default 10.
    pub per_second: NonZeroU16,
}

impl Default for CallSettings {
    fn default() -> Self {
        Self { per_second: count(10) }
    }
}

/// How doubts are asked about at Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshSettings {
    /// How many objects are asked about at once. Default 4.
    pub concurrency: NonZeroU16,
    /// How often the queue is looked at when it was found empty. Default 1 s.
    pub poll_every: Duration,
    /// How long an entry that one process has taken on is hidden from the others. Should be more than twice the longest
    /// time that the gateway may take for one call. Default 60 s.
    pub lease: Duration,
    /// How long an entry waits after its first failure, doubled with each further one. Default 2 s.
    pub first_delay: Duration,
    /// The longest that an entry waits after a failure, unless Stripe asks for more. Default 5 min.
    pub longest_delay: Duration,
}

impl Default for RefreshSettings {
    fn default() -> Self {
        Self {
            concurrency: count(4),
            poll_every: Duration::from_secs(1),
            lease: Duration::from_mins(1),
            first_delay: Duration::from_secs(2),
            longest_delay: Duration::from_mins(5),
        }
    }
}

/// How payments that were left undone are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoverySettings {
    /// How often payments left in `creating` are looked for, beside once at start. Default 15 s.
    pub every: Duration,
    /// How old a payment in `creating` is before its request counts as gone. Must be longer than the gateway may take for
    /// the whole of one checkout. Default 30 s.
    pub left_after: Duration,
    /// How many are queued at a time. Default 100.
    pub limit: NonZeroU16,
}

impl Default for RecoverySettings {
    fn default() -> Self {
        Self { every: Duration::from_secs(15), left_after: Duration::from_secs(30), limit: count(100) }
    }
}

/// How what nobody has told us is found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepSettings {
    /// How often it is looked for, by one of the replicas. Default 1 min.
    pub every: Duration,
    /// How late Stripe's news may be before they are asked for. Default 2 min.
    pub grace: Duration,
    /// How old a payment is that waits for its customer or its money before Stripe is asked for it; then again when three
    /// times its age has passed, and so on. Default 10 min.
    pub payments_after: Duration,
    /// The longest that such a payment is left alone. Default 1 day.
    pub payments_every: Duration,
    /// How long a subscription that may still change is left alone when nothing else speaks for asking. Default 1 day.
    pub recheck_after: Duration,
    /// How many rows of each kind are queued at a time. Default 60.
    pub limit: NonZeroU16,
    /// How much of Stripe's lists is looked through again each time. Default 10 min.
    pub overlap: Duration,
    /// How far back the first look into that list goes. Default 1 day.
    pub first_look: Duration,
    /// How long the ledger of events remembers one that is not parked. Must be longer than the 30 days for which Stripe
    /// lists them. Default 60 days.
    pub keep_events: Duration,
}

impl Default for SweepSettings {
    fn default() -> Self {
        let day = Duration::from_hours(24);
        Self {
            every: Duration::from_mins(1),
            grace: Duration::from_mins(2),
            payments_after: Duration::from_mins(10),
            payments_every: day,
            recheck_after: day,
            limit: count(60),
            overlap: Duration::from_mins(10),
            first_look: day,
            keep_events: 60 * day,
        }
    }
}

/// How those who wait for a payment are looked after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedSettings {
    /// How many may wait at once; the next one is refused. Each holds a connection, and Stripe's webhooks need some, too:
    /// less than the server takes in all. Default 8,000.
    pub capacity: NonZeroU16,
    /// How often the payments of all who wait are looked at in one query, in case that news were lost. Default 2 s.
    pub look_every: Duration,
}

impl Default for FeedSettings {
    fn default() -> Self {
        Self { capacity: count(8_000), look_every: Duration::from_secs(2) }
    }
}

const fn count(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("no default is zero")
}
