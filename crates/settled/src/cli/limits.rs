use clap::Args;

/// What users may do, and how often.
#[derive(Debug, Args)]
pub(crate) struct LimitArgs {
    /// The only prices that users may buy, comma separated; without it every active price of the Stripe account that can
    /// be sold.
    #[arg(long, env = "ALLOWED_PRICES", value_name = "PRICE,…", value_delimiter = ',')]
    pub(crate) allowed_prices: Option<Vec<String>>,

    /// How many questions one user may ask in a minute; 0 is no limit. A page that waits for a payment asks 30.
    #[arg(
        long = "rate-limit-reads-per-minute",
        env = "RATE_LIMIT_READS_PER_MINUTE",
        value_name = "NUMBER",
        default_value_t = 600
    )]
    pub(crate) reads_per_minute: u32,

    /// How many checkouts, or other requests that may lead to a call to Stripe, one user may send in a minute; 0 is no
    /// limit.
    #[arg(
        long = "rate-limit-writes-per-minute",
        env = "RATE_LIMIT_WRITES_PER_MINUTE",
        value_name = "NUMBER",
        default_value_t = 30
    )]
    pub(crate) writes_per_minute: u32,
}
