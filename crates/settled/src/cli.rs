//! The command line; every flag can also be set by the variable that its help names.

mod auth;
mod background;
mod endpoint;
mod limits;
mod operator;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};
use secrecy::SecretString;

pub(crate) use self::auth::AuthArgs;
pub(crate) use self::background::BackgroundArgs;
pub(crate) use self::endpoint::{EndpointArgs, EndpointCommand, StripeCommand, StripeCommandArgs};
pub(crate) use self::limits::LimitArgs;
pub(crate) use self::operator::{
    EventsArgs, EventsCommand, EventsListArgs, EventsReplayArgs, EventsShowArgs, ExplainArgs, OutcomeChoice,
};

/// The database, when none is named.
pub(crate) const DATABASE_URL: &str = "sqlite://settled.db";

/// Payments and subscriptions by Stripe Checkout, settled when the customer lands.
#[derive(Debug, Parser)]
#[command(name = "settled", version, about, arg_required_else_help = false)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the service (the default); without a Stripe key with the built-in Stripe sandbox.
    Serve(Box<ServeArgs>),
    /// Bring the database's schema up to date, and stop.
    Migrate(MigrateArgs),
    /// Show the events that reached us, and replay those that are parked.
    Events(EventsArgs),
    /// Tell what happened to a payment, a subscription or a user, in one timeline.
    Explain(ExplainArgs),
    /// Run the built-in Stripe alone, for the webhook endpoint of another service.
    Sandbox(SandboxArgs),
    /// Look at everything that the service stands on, change nothing, and say what to do. Takes the settings of `serve`.
    Doctor(Box<ServeArgs>),
    /// Set up the webhook endpoint at Stripe, or check it.
    Stripe(Box<StripeCommandArgs>),
    /// Print a token that names a user, to try the API with a Stripe test key.
    Token(TokenArgs),
}

/// `settled` without a command: the settings of `serve`, from variables alone.
#[derive(Debug, Parser)]
pub(crate) struct BareServe {
    #[command(flatten)]
    pub(crate) args: ServeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Where the service listens.
    #[arg(long, env = "LISTEN_ADDR", value_name = "HOST:PORT", default_value = "127.0.0.1:3000")]
    pub(crate) listen_addr: String,

    /// Where GET /metrics is answered, for Prometheus; nowhere without it. Not for the public: use 127.0.0.1 or a private
    /// network.
    #[arg(long, env = "METRICS_ADDR", value_name = "HOST:PORT")]
    pub(crate) metrics_addr: Option<String>,

    /// The origin under which browsers reach the service; success and cancel URLs are built from it, never from a
    /// request. By default http:// and the listening address.
    #[arg(long, env = "PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,

    #[command(flatten)]
    pub(crate) database: DatabaseArgs,

    #[command(flatten)]
    pub(crate) stripe: StripeArgs,

    #[command(flatten)]
    pub(crate) auth: AuthArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    /// For how many hours a subscription that is past due still grants access.
    #[arg(long, env = "PAST_DUE_GRACE_HOURS", value_name = "HOURS", default_value = "0")]
    pub(crate) past_due_grace_hours: String,

    /// Whether customers may type promotion codes on Stripe's page: true or false [default: true in the sandbox, else
    /// false].
    #[arg(long, env = "ALLOW_PROMOTION_CODES", value_name = "BOOLEAN")]
    pub(crate) allow_promotion_codes: Option<String>,

    #[command(flatten)]
    pub(crate) background: BackgroundArgs,

    #[command(flatten)]
    pub(crate) log: LogArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DatabaseArgs {
    /// The database: sqlite:// and a path, or postgres://user:password@host:port/database?sslmode=verify-full.
    #[arg(
        long = "database-url",
        env = "DATABASE_URL",
        value_name = "URL",
        default_value = DATABASE_URL,
        hide_env_values = true
    )]
    pub(crate) url: SecretString,

    /// A file that holds the URL.
    #[arg(long = "database-url-file", env = "DATABASE_URL_FILE", value_name = "FILE")]
    pub(crate) url_file: Option<PathBuf>,

    /// The most connections to a PostgreSQL server; all replicas together must stay below what it allows.
    #[arg(
        long = "database-max-connections",
        env = "DATABASE_MAX_CONNECTIONS",
        value_name = "NUMBER",
        default_value_t = 10,
        value_parser = value_parser!(u16).range(1..)
    )]
    pub(crate) max_connections: u16,

    /// How long a request waits for one of them before it is answered with 503, in milliseconds.
    #[arg(
        long = "database-acquire-timeout-ms",
        env = "DATABASE_ACQUIRE_TIMEOUT_MS",
        value_name = "MS",
        default_value_t = 3_000,
        value_parser = value_parser!(u16).range(1..)
    )]
    pub(crate) acquire_timeout_ms: u16,
}

#[derive(Debug, Args)]
pub(crate) struct StripeArgs {
    /// Stripe's secret or restricted key. Without it the service runs with its own sandbox and no money moves.
    #[arg(long, env = "STRIPE_SECRET_KEY", value_name = "KEY", hide_env_values = true)]
    pub(crate) stripe_secret_key: Option<SecretString>,

    /// A file that holds the key.
    #[arg(long, env = "STRIPE_SECRET_KEY_FILE", value_name = "FILE")]
    pub(crate) stripe_secret_key_file: Option<PathBuf>,

    /// The signing secrets of the webhook endpoint, comma separated; all are accepted, so that one can be rolled.
    /// Required with a key.
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET", value_name = "WHSEC,…", hide_env_values = true)]
    pub(crate) stripe_webhook_secret: Option<SecretString>,

    /// A file that holds the signing secrets.
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET_FILE", value_name = "FILE")]
    pub(crate) stripe_webhook_secret_file: Option<PathBuf>,

    /// Where Stripe's API is, for a simulator; never with a live key.
    #[arg(long, env = "STRIPE_API_BASE", value_name = "URL")]
    pub(crate) stripe_api_base: Option<String>,

    /// Where the built-in sandbox listens [default: 127.0.0.1:12111].
    #[arg(long, env = "SANDBOX_ADDR", value_name = "HOST:PORT")]
    pub(crate) sandbox_addr: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// What is logged, as of the tracing crate: a level, or target=level,…
    #[arg(long = "log", env = "RUST_LOG", value_name = "FILTER", default_value = "info")]
    pub(crate) filter: String,

    /// How it is logged: pretty or json [default: pretty on a terminal, else json].
    #[arg(long = "log-format", env = "LOG_FORMAT", value_name = "FORMAT")]
    pub(crate) format: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    /// The webhook endpoint that gets the events.
    #[arg(long, value_name = "URL")]
    pub(crate) forward_to: Option<String>,

    /// For how many seconds the customer's redirect waits for the webhook to be answered, as Stripe's Checkout does;
    /// 0 redirects at once, as `stripe listen` does.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=60))]
    pub(crate) redirect_hold_s: u64,

    /// Where the sandbox listens.
    #[arg(long, env = "SANDBOX_ADDR", value_name = "HOST:PORT", default_value = "127.0.0.1:12111")]
    pub(crate) sandbox_addr: String,

    /// The file that keeps the sandbox's objects over a restart.
    #[arg(long, value_name = "FILE", default_value = "sandbox.journal")]
    pub(crate) journal: PathBuf,

    /// What is to go wrong, as JSON: lost, doubled and late webhooks, failing calls.
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) log: LogArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// The user that the token names.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: String,

    /// For how many minutes it is valid.
    #[arg(long, value_name = "MINUTES", default_value_t = 720, value_parser = clap::value_parser!(u32).range(1..=43_200))]
    pub(crate) minutes: u32,

    /// Stripe's key: no token is printed where it is a live one.
    #[arg(long, env = "STRIPE_SECRET_KEY", value_name = "KEY", hide_env_values = true)]
    pub(crate) stripe_secret_key: Option<SecretString>,

    /// A file that holds the key.
    #[arg(long, env = "STRIPE_SECRET_KEY_FILE", value_name = "FILE")]
    pub(crate) stripe_secret_key_file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) auth: AuthArgs,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn debug_shows_no_secret() {
        let line = ["settled", "serve", "--stripe-secret-key", "sk_test_tell", "--auth-jwt-secret", "tell_nobody"];
        let shown = format!("{:?}", Cli::parse_from(line));
        assert!(!shown.contains("tell"), "{shown}");
    }
}
