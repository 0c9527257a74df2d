//! What the arguments and variables mean, checked as a whole before anything is opened or listens.

mod auth;
mod background;
mod limits;
mod secrets;

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use settled_api::RateLimits;
use settled_domain::checkout::{Assortment, PromotionCodes};
use settled_engine::EngineSettings;
use settled_postgres::PgSettings;
use settled_stripe::StripeConfig;
use time::Duration;
use url::Url;

use crate::cli::{DATABASE_URL, DatabaseArgs, ServeArgs, StripeArgs};
use crate::database;
use crate::problems::Problems;

pub(crate) use auth::{AuthSettings, check_auth};
pub(crate) use secrets::{KeyMode, key_mode, read_secret};

const SANDBOX_ADDR: &str = "127.0.0.1:12111";
const STRIPE: &str = "https://api.stripe.com/";

/// The settings of `serve`.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) listen_addr: SocketAddr,
    /// Where metrics are served, if anywhere.
    pub(crate) metrics_addr: Option<SocketAddr>,
    /// `None`: http:// and the address that is really listened on.
    pub(crate) public_url: Option<Url>,
    pub(crate) database_url: SecretString,
    pub(crate) postgres: PgSettings,
    pub(crate) stripe: StripeSettings,
    /// `None` only with the sandbox, which has a secret of its own.
    pub(crate) auth: Option<AuthSettings>,
    pub(crate) rate_limits: RateLimits,
    pub(crate) assortment: Assortment,
    pub(crate) past_due_grace: Duration,
    pub(crate) promotion_codes: PromotionCodes,
    pub(crate) engine: EngineSettings,
}

/// Which Stripe.
#[derive(Debug)]
pub(crate) enum StripeSettings {
    /// The built-in one.
    Sandbox { addr: SocketAddr, journal: PathBuf },
    /// An account.
    Account(Box<StripeConfig>),
}

impl Settings {
    pub(crate) fn check(args: &ServeArgs) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let listen_addr = problems.note("LISTEN_ADDR", parse_addr(&args.listen_addr));
        let metrics_addr =
            args.metrics_addr.as_deref().and_then(|addr| problems.note("METRICS_ADDR", parse_addr(addr)));
        let database_url = check_database(&args.database, &mut problems);
        let stripe = check_stripe(&args.stripe, &database_url, &mut problems);
        let public_url =
            args.public_url.as_deref().and_then(|url| check_public_url(url, stripe.as_ref(), &mut problems));
        let is_sandbox = matches!(stripe, None | Some(StripeSettings::Sandbox { .. }));
        let auth = check_auth(&args.auth, &mut problems);
        if !is_sandbox && auth.is_none() && !args.auth.is_given() {
            problems
                .add("AUTH_JWT_SECRET or AUTH_JWKS_URL is required with STRIPE_SECRET_KEY: it tells who a caller is");
        }
        let grace = problems.note("PAST_DUE_GRACE_HOURS", parse_hours(&args.past_due_grace_hours));
        let codes = args.allow_promotion_codes.as_deref();
        let codes = problems.note("ALLOW_PROMOTION_CODES", parse_promotion_codes(codes, is_sandbox));
        let rate_limits = limits::rate_limits(&args.limits);
        let assortment = limits::assortment(&args.limits, &mut problems);
        problems.into_result()?;
        match (listen_addr, stripe, grace, codes) {
            (Some(listen_addr), Some(stripe), Some(past_due_grace), Some(promotion_codes)) => {
                let postgres = postgres_settings(&args.database);
                let engine = background::engine_settings(&args.background);
                Ok(Self {
                    listen_addr,
                    metrics_addr,
                    public_url,
                    database_url,
                    postgres,
                    stripe,
                    auth,
                    rate_limits,
                    assortment,
                    past_due_grace,
                    promotion_codes,
                    engine,
                })
            }
            _ => Err(Problems::default()),
        }
    }
}

fn parse_addr(text: &str) -> Result<SocketAddr, String> {
    text.replace("localhost:", "127.0.0.1:")
        .parse()
        .map_err(|_| format!("{text:?} is not HOST:PORT with a numeric host"))
}

fn parse_hours(text: &str) -> Result<Duration, String> {
    let hours: u16 = text.parse().map_err(|_| format!("{text:?} is not a number of hours from 0 to 65535"))?;
    Ok(Duration::hours(i64::from(hours)))
}

/// The sandbox shows what there is; an account whose codes were made for something else must choose.
fn parse_promotion_codes(text: Option<&str>, is_sandbox: bool) -> Result<PromotionCodes, String> {
    match text.map(str::trim) {
        Some("true") => Ok(PromotionCodes::Taken),
        Some("false") => Ok(PromotionCodes::NotTaken),
        Some(text) => Err(format!("{text:?} is neither true nor false")),
        None => Ok(if is_sandbox { PromotionCodes::Taken } else { PromotionCodes::NotTaken }),
    }
}

/// The database's URL, which may hold a password.
fn check_database(args: &DatabaseArgs, problems: &mut Problems) -> SecretString {
    let is_default = args.url.expose_secret() == DATABASE_URL;
    let url = (!is_default || args.url_file.is_none()).then_some(&args.url);
    let url = problems.note("DATABASE_URL", read_secret("DATABASE_URL", url, args.url_file.as_ref())).flatten();
    let url = url.as_ref().map_or(DATABASE_URL, |url| url.expose_secret().trim());
    if database::kind_of(url).is_none() {
        let scheme = url.split(':').next().unwrap_or_default();
        problems.add(format!("DATABASE_URL: it must begin with sqlite:// or postgres:// (it begins with {scheme:?})"));
    }
    SecretString::from(url)
}

/// The same for commands that need nothing else.
pub(crate) fn database_url(args: &DatabaseArgs) -> Result<SecretString, Problems> {
    let mut problems = Problems::default();
    let url = check_database(args, &mut problems);
    problems.into_result().map(|()| url)
}

/// How a PostgreSQL server is used; no matter for a file.
pub(crate) fn postgres_settings(args: &DatabaseArgs) -> PgSettings {
    PgSettings {
        max_connections: args.max_connections.into(),
        acquire_timeout: std::time::Duration::from_millis(args.acquire_timeout_ms.into()),
        ..PgSettings::default()
    }
}

fn check_stripe(args: &StripeArgs, database_url: &SecretString, problems: &mut Problems) -> Option<StripeSettings> {
    let key = read_secret("STRIPE_SECRET_KEY", args.stripe_secret_key.as_ref(), args.stripe_secret_key_file.as_ref());
    let secrets = read_secret(
        "STRIPE_WEBHOOK_SECRET",
        args.stripe_webhook_secret.as_ref(),
        args.stripe_webhook_secret_file.as_ref(),
    );
    let key = problems.note("STRIPE_SECRET_KEY", key)?;
    let secrets = problems.note("STRIPE_WEBHOOK_SECRET", secrets)?;
    let Some(key) = key else {
        if secrets.is_some() {
            problems
                .add("STRIPE_WEBHOOK_SECRET is set without STRIPE_SECRET_KEY: set both, or neither for the sandbox");
        }
        if args.stripe_api_base.is_some() {
            problems.add("STRIPE_API_BASE is set without STRIPE_SECRET_KEY: set both, or neither for the sandbox");
        }
        let addr = parse_addr(args.sandbox_addr.as_deref().unwrap_or(SANDBOX_ADDR));
        let addr = problems.note("SANDBOX_ADDR", addr)?;
        return Some(StripeSettings::Sandbox {
            addr,
            journal: database::sandbox_journal(database_url.expose_secret()),
        });
    };
    if key_mode(&key).ok() == Some(KeyMode::Live) && args.sandbox_addr.is_some() {
        problems.add("SANDBOX_ADDR is set with a live key: the sandbox and real money do not go together");
    }
    let webhook_secrets = check_webhook_secrets(secrets.as_ref(), problems);
    let config = account(key, args.stripe_api_base.as_deref(), problems)?;
    Some(StripeSettings::Account(Box::new(StripeConfig { webhook_secrets, ..config })))
}

/// The account that the key belongs to, for commands that need no signing secret; `None` when there is no key, or
/// something is wrong.
pub(crate) fn check_account(args: &StripeArgs, problems: &mut Problems) -> Option<StripeConfig> {
    let key = read_secret("STRIPE_SECRET_KEY", args.stripe_secret_key.as_ref(), args.stripe_secret_key_file.as_ref());
    let key = problems.note("STRIPE_SECRET_KEY", key)??;
    account(key, args.stripe_api_base.as_deref(), problems)
}

fn account(key: SecretString, api_base: Option<&str>, problems: &mut Problems) -> Option<StripeConfig> {
    let mode = problems.note("STRIPE_SECRET_KEY", key_mode(&key));
    let api_base = check_api_base(api_base.unwrap_or(STRIPE), mode, problems)?;
    Some(StripeConfig { api_base, ..StripeConfig::new(key, Vec::new()) })
}

fn check_webhook_secrets(secrets: Option<&SecretString>, problems: &mut Problems) -> Vec<SecretString> {
    let Some(secrets) = secrets else {
        problems
            .add("STRIPE_WEBHOOK_SECRET is required with STRIPE_SECRET_KEY: `stripe listen` or the Dashboard shows it");
        return Vec::new();
    };
    let each: Vec<&str> = secrets.expose_secret().split(',').map(str::trim).collect();
    if each.iter().any(|secret| secret.is_empty()) {
        problems.add("STRIPE_WEBHOOK_SECRET: a secret is blank, and anybody could sign with it");
    }
    each.into_iter().map(SecretString::from).collect()
}

fn check_api_base(text: &str, mode: Option<KeyMode>, problems: &mut Problems) -> Option<Url> {
    let url = problems.note("STRIPE_API_BASE", Url::parse(text))?;
    let is_stripe = url.origin() == Url::parse(STRIPE).ok()?.origin();
    if mode == Some(KeyMode::Live) && !is_stripe {
        problems.add("STRIPE_API_BASE is not Stripe: a live key is sent to nobody else");
    } else if url.scheme() != "https" && !is_loopback(&url) {
        problems.add("STRIPE_API_BASE: a key is only sent by https, or to this machine");
    }
    Some(url)
}

fn check_public_url(text: &str, stripe: Option<&StripeSettings>, problems: &mut Problems) -> Option<Url> {
    let url = problems.note("PUBLIC_URL", Url::parse(text))?;
    let live = match stripe {
        Some(StripeSettings::Account(config)) => key_mode(&config.secret_key).ok() == Some(KeyMode::Live),
        Some(StripeSettings::Sandbox { .. }) | None => false,
    };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        problems.add("PUBLIC_URL must begin with https:// or http:// and name a host");
    } else if live && url.scheme() != "https" {
        problems.add("PUBLIC_URL must begin with https:// when the key is live");
    }
    Some(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(host)) => host.is_loopback(),
        Some(url::Host::Ipv6(host)) => host.is_loopback(),
        Some(url::Host::Domain(host)) => host == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests;
