use anyhow::{Context, Result, bail};
use settled_api::token;
use settled_domain::ids::UserId;
use settled_domain::ports::Clock;
use settled_engine::SystemClock;
use time::Duration;

use crate::cli::TokenArgs;
use crate::problems::Problems;
use crate::settings::{AuthSettings, KeyMode, check_auth, key_mode, read_secret};

/// Prints a token for trying things out. With a live key, tokens are the business of the host application alone.
pub(crate) fn run(args: TokenArgs) -> Result<()> {
    let mut problems = Problems::default();
    let key = read_secret("STRIPE_SECRET_KEY", args.stripe_secret_key.as_ref(), args.stripe_secret_key_file.as_ref());
    let key = problems.note("STRIPE_SECRET_KEY", key).flatten();
    let mode = key.and_then(|key| problems.note("STRIPE_SECRET_KEY", key_mode(&key)));
    let auth = check_auth(&args.auth, &mut problems);
    problems.into_result()?;
    if mode == Some(KeyMode::Live) {
        bail!("no tokens are printed for a live Stripe key: let your own application sign its users in");
    }
    let auth = match auth {
        Some(AuthSettings::Secret(auth)) => auth,
        Some(AuthSettings::Provider { .. }) => bail!("with AUTH_JWKS_URL only your identity provider can sign tokens"),
        None => bail!(
            "AUTH_JWT_SECRET is needed: the one that the service runs with (in the sandbox, sign in on the page instead)"
        ),
    };
    let user = UserId::new(args.user).context("--user")?;
    let ttl = Duration::minutes(i64::from(args.minutes));
    println!("{}", token::issue(&auth, &user, ttl, SystemClock.now())?);
    Ok(())
}
