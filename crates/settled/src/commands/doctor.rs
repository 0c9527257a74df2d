//! Looks at everything that the service stands on, changes nothing, and says what to do.

mod findings;
mod stripe;

use anyhow::{Result, bail};
use secrecy::ExposeSecret;

use self::findings::Findings;
use crate::cli::ServeArgs;
use crate::database::Database;
use crate::identity::{Document, KeySource};
use crate::settings::{AuthSettings, Settings, StripeSettings};

/// Fails when something is broken; what is only odd is told.
pub(crate) async fn run(args: &ServeArgs) -> Result<()> {
    let settings = Settings::check(args)?;
    let mut findings = Findings::default();
    findings.good("settings", "they fit together");
    examine_database(&settings, &mut findings).await;
    examine_tokens(&settings, &mut findings).await;
    match &settings.stripe {
        StripeSettings::Sandbox { addr, .. } => {
            findings.good("stripe", format!("the built-in sandbox, to listen on {addr}; no money moves"));
        }
        StripeSettings::Account(config) => stripe::examine(config, settings.public_url.as_ref(), &mut findings).await?,
    }
    print!("{findings}");
    match findings.broken() {
        0 => Ok(()),
        1 => bail!("one thing is broken"),
        count => bail!("{count} things are broken"),
    }
}

async fn examine_database(settings: &Settings, findings: &mut Findings) {
    let url = settings.database_url.expose_secret();
    match Database::inspect(url, &settings.postgres).await {
        Err(error) => findings.broken_because("database", format!("{error:#}")),
        Ok((Some(found), known)) if found == known => findings.good("database", format!("schema version {found}")),
        Ok((Some(found), known)) if found > known => {
            findings.broken_because(
                "database",
                format!("schema version {found} is newer than this program's, {known}: use the newer program"),
            );
        }
        Ok((Some(found), known)) => findings.odd(
            "database",
            format!("schema version {found}: `settled migrate`, or the next start, brings it to {known}"),
        ),
        Ok((None, _)) => {
            findings.odd("database", "there is no schema yet: `settled migrate`, or the first start, makes it");
        }
    }
}

async fn examine_tokens(settings: &Settings, findings: &mut Findings) {
    match &settings.auth {
        None => findings.good("tokens", "signed by the sandbox itself"),
        Some(AuthSettings::Secret(_)) => findings.good("tokens", "HS256 with AUTH_JWT_SECRET"),
        Some(AuthSettings::Provider { jwks_url, .. }) => {
            let fetched = match Document::new(jwks_url.clone()) {
                Ok(document) => document.fetch().await.map_err(anyhow::Error::from),
                Err(error) => Err(error.into()),
            };
            match fetched {
                Ok(set) if set.is_empty() => findings.broken_because(
                    "tokens",
                    "AUTH_JWKS_URL has no key for RS256, ES256 or EdDSA that names itself (kid)",
                ),
                Ok(set) => findings.good("tokens", format!("keys of the identity provider: {set:?}")),
                Err(error) => findings.broken_because("tokens", format!("AUTH_JWKS_URL: {error:#}")),
            }
        }
    }
}
