use anyhow::Result;
use secrecy::ExposeSecret;
use settled_domain::ports::{Clock, GatewayError};
use settled_engine::SystemClock;
use settled_stripe::{Access, Operator, Permission, StripeConfig};
use url::Url;

use super::Findings;
use crate::commands::stripe::{endpoint_url, find};
use crate::settings::{KeyMode, key_mode};

/// A signature is refused when the clocks differ by 300 s; this is where to begin to worry.
const SKEW_ODD_S: u64 = 10;
const SKEW_BROKEN_S: u64 = 240;

pub(super) async fn examine(config: &StripeConfig, public_url: Option<&Url>, findings: &mut Findings) -> Result<()> {
    let operator = Operator::new(config.clone())?;
    if !examine_key(config, &operator, findings).await {
        return Ok(());
    }
    for &permission in Permission::ALL {
        match operator.probe(permission).await {
            Ok(Access::Granted) => {}
            Ok(Access::Denied) => findings.broken_because(
                "permission",
                format!("{permission} is missing: add it to the restricted key in Stripe's Dashboard"),
            ),
            Err(error) => findings.odd("permission", format!("{permission} could not be found out: {error}")),
        }
    }
    examine_endpoint(&operator, public_url, findings).await;
    Ok(())
}

/// Whether there is any point in going on.
async fn examine_key(config: &StripeConfig, operator: &Operator, findings: &mut Findings) -> bool {
    let mode = match key_mode(&config.secret_key) {
        Ok(KeyMode::Live) => "live",
        Ok(KeyMode::Test) | Err(_) => "test",
    };
    let account = match operator.fetch_account().await {
        Ok(account) => account,
        Err(GatewayError::Unauthorized { status: 401 }) => {
            findings.broken_because("key", "Stripe does not know STRIPE_SECRET_KEY: it is mistyped, expired or rolled");
            return false;
        }
        Err(GatewayError::Unauthorized { .. }) => {
            findings.broken_because("key", "STRIPE_SECRET_KEY may not read its own account: add that permission");
            return false;
        }
        Err(error) => {
            findings.broken_because("key", format!("Stripe cannot be asked: {error}"));
            return false;
        }
    };
    let text = format!("of account {} in {mode} mode", account.object);
    if config.secret_key.expose_secret().starts_with("sk_") {
        findings.odd("key", format!("{text}; it may do everything: a restricted key (rk_…) would do"));
    } else {
        findings.good("key", text);
    }
    examine_clock((SystemClock.now() - account.as_of).whole_seconds(), findings);
    true
}

/// By how many seconds our clock is ahead of Stripe's.
fn examine_clock(ahead_s: i64, findings: &mut Findings) {
    let text = format!("{ahead_s} s ahead of Stripe's");
    match ahead_s.unsigned_abs() {
        0..SKEW_ODD_S => findings.good("clock", text),
        SKEW_ODD_S..SKEW_BROKEN_S => findings.odd("clock", format!("{text}: let NTP set it")),
        _ => findings
            .broken_because("clock", format!("{text}: let NTP set it; at 300 s every webhook is refused as too old")),
    }
}

async fn examine_endpoint(operator: &Operator, public_url: Option<&Url>, findings: &mut Findings) {
    let Some(public_url) = public_url else {
        findings.odd("endpoint", "PUBLIC_URL is not set, so Stripe cannot send news here but by `stripe listen`");
        return;
    };
    let url = endpoint_url(public_url);
    match find(operator, &url).await {
        Err(error) => findings.odd(
            "endpoint",
            format!(
                "{error:#}; looking at it needs the permission Webhook Endpoints: read, which the service does not"
            ),
        ),
        Ok(None) => findings.broken_because(
            "endpoint",
            format!("no endpoint of this account is {url}: `settled stripe endpoint create` registers it"),
        ),
        Ok(Some(endpoint)) => {
            let differences = endpoint.differences();
            if differences.is_empty() {
                findings.good("endpoint", format!("{} is sent exactly our events, in our version", endpoint.id));
            }
            for difference in differences {
                let text = format!("{}: {difference}", endpoint.id);
                if difference.is_harmful() {
                    findings.broken_because("endpoint", text);
                } else {
                    findings.odd("endpoint", text);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_differ_are_told_before_webhooks_are_refused() {
        for (ahead_s, mark) in
            [(0, "ok"), (-9, "ok"), (10, "note"), (-239, "note"), (240, "BROKEN"), (-86_400, "BROKEN")]
        {
            let mut findings = Findings::default();
            examine_clock(ahead_s, &mut findings);
            assert!(findings.to_string().starts_with(mark), "{ahead_s}: {findings}");
        }
    }
}
