//! Stripe's news: verified, claimed, settled, committed; only then answered.

use std::sync::Arc;

use async_trait::async_trait;

use crate::event::WebhookEvent;
use crate::installation::Installation;
use crate::ports::{Clock, Intake, IntakeError, SignatureError, Store};
use crate::settled::Settled;
use crate::settlement::{Outcome, settle_batch};

/// Why a webhook is not answered with a 2xx.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// It is not from Stripe, or not for us, or too old. Nothing was stored.
    #[error("the webhook is not authentic")]
    Signature(#[from] SignatureError),
    /// It is authentic but could not be committed. Stripe must send it again.
    #[error("the webhook is not committed")]
    Intake(#[from] IntakeError),
}

impl Settled {
    /// Verifies a webhook, claims it and commits its effects, all before it returns.
    ///
    /// `payload` is the body byte for byte, `signature` the header `Stripe-Signature`. Stripe's Checkout holds the
    /// customer's redirect until this is answered, 10 s at most
    /// (<https://docs.stripe.com/checkout/fulfillment#redirect-hosted-checkout>): who commits first lets the customer
    /// land on a settled payment.
    ///
    /// # Errors
    ///
    /// [`WebhookError`]
    pub async fn handle_stripe_webhook(&self, payload: &[u8], signature: &str) -> Result<Outcome, WebhookError> {
        let event = self.verify_webhook_signature(payload, signature)?;
        Ok(self.intake.submit(event).await?)
    }

    /// Checks that Stripe signed this body for us just now, and reads it.
    ///
    /// # Errors
    ///
    /// [`SignatureError`]
    pub fn verify_webhook_signature(&self, payload: &[u8], signature: &str) -> Result<WebhookEvent, SignatureError> {
        self.ports.gateway.verify_webhook_signature(payload, signature, self.ports.clock.now())
    }
}

/// An intake without a queue: each event is a transaction of its own. For hosts that embed the domain alone, and for
/// tests; `settled-engine` has one that commits together what arrives together.
pub struct DirectIntake {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    home: Installation,
}

impl DirectIntake {
    /// Commits to this store the events that belong to this installation.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, home: Installation) -> Self {
        Self { store, clock, home }
    }
}

#[async_trait]
impl Intake for DirectIntake {
    async fn submit(&self, event: WebhookEvent) -> Result<Outcome, IntakeError> {
        let outcomes = settle_batch(self.store.as_ref(), &[event], &self.home, self.clock.now()).await;
        outcomes.map_err(IntakeError::Store)?.pop().ok_or(IntakeError::Abandoned)
    }
}
