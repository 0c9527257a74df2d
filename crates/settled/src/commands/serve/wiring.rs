use std::sync::Arc;

use anyhow::{Context, Result, bail};
use settled_api::{ApiConfig, AuthConfig, Readiness, SandboxLogin};
use settled_domain::checkout::ReturnUrls;
use settled_domain::{Policy, Ports};
use settled_engine::{Engine, RandomIds, SystemClock};
use url::Url;

use super::home::find_home;
use super::stripe::Stripe;
use crate::database::Database;
use crate::identity::{Document, ProviderKeys};
use crate::settings::{AuthSettings, Settings};

/// Everything that runs.
pub(super) struct Service {
    pub(super) router: axum::Router,
    pub(super) engine: Engine,
    /// `sandbox`, `test` or `live`.
    pub(super) mode: &'static str,
}

pub(super) async fn wire(
    settings: &Settings,
    database: &Database,
    stripe: &Stripe,
    public_url: Url,
    readiness: Readiness,
) -> Result<Service> {
    let store = database.store();
    let home = find_home(store.as_ref(), stripe).await?;
    let mode = home.mode.as_str();
    let ports =
        Ports { store, gateway: stripe.gateway.clone(), clock: Arc::new(SystemClock), ids: Arc::new(RandomIds) };
    let engine = match database.relay() {
        Some(relay) => Engine::start_as_replica(ports, relay, home, settings.engine.clone()),
        None => Engine::start(ports, home, settings.engine.clone()),
    };
    let policy = Policy {
        return_urls: return_urls(&public_url),
        past_due_grace: settings.past_due_grace,
        assortment: settings.assortment.clone(),
        promotion_codes: settings.promotion_codes,
    };
    let router = settled_api::router(engine.settled(policy), readiness, api_config(settings, stripe, public_url)?);
    Ok(Service { router, engine, mode })
}

/// Stripe replaces the placeholder by the session's id: <https://docs.stripe.com/payments/checkout/custom-success-page>.
fn return_urls(public_url: &Url) -> ReturnUrls {
    let base = public_url.as_str().trim_end_matches('/');
    ReturnUrls {
        success: format!("{base}/success?session_id={{CHECKOUT_SESSION_ID}}"),
        cancel: format!("{base}/cancel"),
    }
}

fn api_config(settings: &Settings, stripe: &Stripe, public_url: Url) -> Result<ApiConfig> {
    let login = if stripe.token_secret().is_some() { SandboxLogin::Enabled } else { SandboxLogin::Disabled };
    let (auth, login) = match (&settings.auth, stripe.token_secret()) {
        (Some(AuthSettings::Secret(auth)), _) => (auth.clone(), login),
        // Nobody but the provider can sign visitors in.
        (Some(AuthSettings::Provider { jwks_url, issuer, audience }), _) => {
            let keys = Document::new(jwks_url.clone()).context("cannot set up the HTTP client for AUTH_JWKS_URL")?;
            let keys = Arc::new(ProviderKeys::start(keys));
            (AuthConfig::of_provider(keys, issuer, audience), SandboxLogin::Disabled)
        }
        (None, Some(secret)) => (AuthConfig::new(secret)?, login),
        (None, None) => bail!("AUTH_JWT_SECRET or AUTH_JWKS_URL is required with STRIPE_SECRET_KEY"),
    };
    Ok(ApiConfig::new(public_url, auth)?.with_sandbox_login(login).with_rate_limits(settings.rate_limits))
}
