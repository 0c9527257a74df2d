use anyhow::{Context, Result, bail};
use settled_domain::installation::Installation;
use settled_domain::ports::{GatewayError, Store, StripeGateway};

use super::stripe::Stripe;

/// To which Stripe the database belongs: the one that the key belongs to, or there is no start.
///
/// A restart while Stripe does not answer goes by what the database has written down: reads and webhooks need no Stripe.
pub(super) async fn find_home(store: &dyn Store, stripe: &Stripe) -> Result<Installation> {
    let held = store.find_installation().await.context("cannot read to which Stripe the database belongs")?;
    let home = match (stripe.gateway.fetch_installation().await, held) {
        (Ok(home), _) => home,
        (Err(GatewayError::Ambiguous(error)), Some(held)) => {
            tracing::warn!(%error, account_id = %held.account_id, "stripe does not answer; going by what the database knows");
            held
        }
        (Err(error), _) => return Err(error).context("cannot ask Stripe which account STRIPE_SECRET_KEY belongs to"),
    };
    let claimed = store.claim_installation(&home).await.context("cannot write to which Stripe the database belongs")?;
    if claimed != home || home.livemode() != stripe.is_live() {
        bail!(
            "this database belongs to Stripe account {} in {} mode, and the settings are for another one: \
             use another DATABASE_URL, or the key of that account and mode",
            claimed.account_id,
            claimed.mode
        );
    }
    Ok(home)
}
