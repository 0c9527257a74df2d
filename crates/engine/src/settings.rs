use std::num::NonZeroU16;
use std::time::Duration;

/// What a host may tune. The defaults suit one machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineSettings {
    /// How webhooks are batched.
    pub intake: IntakeSettings,
    /// How doubts are asked about at Stripe.
    pub refreshes: RefreshSettings,
    /// How payments that were left undone are found.
    pub recovery: RecoverySettings,
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

const fn count(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("no default is zero")
}
