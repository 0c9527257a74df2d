//! Stripe's news: verified, claimed, settled, committed; only then answered.

use std::sync::Arc;

use async_trait::async_trait;

use crate::event::WebhookEvent;
use crate::ids::EventId;
use crate::installation::Installation;
use crate::ports::{Clock, Intake, IntakeError, SignatureError, Store, StoreError};
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

    /// Whether a webhook would be taken at this moment. A host that asks first need neither read nor verify what
    /// [`handle_stripe_webhook`](Self::handle_stripe_webhook) would refuse, whatever it says, because too many are waiting.
    ///
    /// # Errors
    ///
    /// [`WebhookError::Intake`]
    pub fn admit_webhook(&self) -> Result<(), WebhookError> {
        Ok(self.intake.admit()?)
    }

    /// Whether an event has been committed: for the person who looks at Stripe's Dashboard and wonders. Acting on the
    /// answer would be a race; [`handle_stripe_webhook`](Self::handle_stripe_webhook) claims the event instead.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    pub async fn is_webhook_processed(&self, id: &EventId) -> Result<bool, StoreError> {
        let mut work = self.ports.store.begin().await?;
        let is_processed = work.webhooks().is_webhook_processed(id).await?;
        work.rollback().await?;
        Ok(is_processed)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventContent;
    use crate::examples::{NOW, clock, event, home, settled, store_error, store_of};
    use crate::mock::{Ending, Endings, MockIntake, MockStore, MockStripeGateway, MockUnitOfWork};
    use crate::settlement::IgnoreReason;

    #[pollster::test]
    async fn handle_stripe_webhook_answers_with_the_outcome_after_the_commit() {
        let mut gateway = MockStripeGateway::new();
        gateway
            .expect_verify_webhook_signature()
            .withf(|payload, signature, now| payload == b"{}" && signature == "t=1,v1=00" && *now == NOW)
            .once()
            .returning(|_, _, _| Ok(event("evt_1", EventContent::Unhandled)));
        let mut intake = MockIntake::new();
        intake.expect_submit().withf(|event| event.id.as_str() == "evt_1").once().returning(|_| Ok(Outcome::Processed));
        let settled = settled(MockStore::new(), gateway, intake);
        assert_eq!(settled.handle_stripe_webhook(b"{}", "t=1,v1=00").await.unwrap(), Outcome::Processed);
    }

    #[pollster::test]
    async fn a_webhook_that_is_not_authentic_reaches_neither_intake_nor_store() {
        for refusal in
            [SignatureError::Malformed, SignatureError::Mismatch, SignatureError::TooOld, SignatureError::FromTheFuture]
        {
            let mut gateway = MockStripeGateway::new();
            gateway.expect_verify_webhook_signature().returning(move |_, _, _| Err(refusal));
            let settled = settled(MockStore::new(), gateway, MockIntake::new());
            let error = settled.handle_stripe_webhook(b"{}", "").await.unwrap_err();
            assert!(matches!(error, WebhookError::Signature(said) if said == refusal));
        }
    }

    #[pollster::test]
    async fn a_webhook_that_could_not_be_committed_is_an_error_so_that_stripe_sends_it_again() {
        type Refusal = fn() -> IntakeError;
        let refusals: [Refusal; 4] = [
            || IntakeError::Full,
            || IntakeError::Stopping,
            || IntakeError::Abandoned,
            || IntakeError::Store(store_error()),
        ];
        for refusal in refusals {
            let mut gateway = MockStripeGateway::new();
            gateway.expect_verify_webhook_signature().returning(|_, _, _| Ok(event("evt_1", EventContent::Unhandled)));
            let mut intake = MockIntake::new();
            intake.expect_submit().returning(move |_| Err(refusal()));
            let settled = settled(MockStore::new(), gateway, intake);
            assert!(matches!(settled.handle_stripe_webhook(b"{}", "").await, Err(WebhookError::Intake(_))));
        }
    }

    #[test]
    fn whether_a_webhook_is_admitted_is_the_intakes_word() {
        let admitted = |answer: fn() -> Result<(), IntakeError>| {
            let mut intake = MockIntake::new();
            intake.expect_admit().returning(answer);
            settled(MockStore::new(), MockStripeGateway::new(), intake).admit_webhook()
        };
        assert!(admitted(|| Ok(())).is_ok());
        let refusal = admitted(|| Err(IntakeError::Full)).unwrap_err();
        assert!(matches!(refusal, WebhookError::Intake(IntakeError::Full)));
    }

    #[pollster::test]
    async fn is_webhook_processed_asks_and_changes_nothing() {
        for known in [true, false] {
            let endings = Endings::default();
            let mut work = MockUnitOfWork::recording(&endings);
            work.webhooks
                .expect_is_webhook_processed()
                .withf(|id| id.as_str() == "evt_1")
                .once()
                .returning(move |_| Ok(known));
            let settled = settled(store_of(vec![work]), MockStripeGateway::new(), MockIntake::new());
            assert_eq!(settled.is_webhook_processed(&EventId::new("evt_1").unwrap()).await.unwrap(), known);
            assert_eq!(endings.all(), [Ending::RolledBack]);
        }
    }

    #[pollster::test]
    async fn is_webhook_processed_does_not_guess_when_the_database_is_silent() {
        let mut work = MockUnitOfWork::default();
        work.webhooks.expect_is_webhook_processed().returning(|_| Err(store_error()));
        let settled = settled(store_of(vec![work]), MockStripeGateway::new(), MockIntake::new());
        assert!(settled.is_webhook_processed(&EventId::new("evt_1").unwrap()).await.is_err());
    }

    #[pollster::test]
    async fn the_direct_intake_commits_one_event_in_one_transaction() {
        let store = store_of(vec![MockUnitOfWork::default().accepting_the_rest()]);
        let intake = DirectIntake::new(Arc::new(store), Arc::new(clock()), home());
        let outcome = intake.submit(event("evt_1", EventContent::Unhandled)).await.unwrap();
        assert_eq!(outcome, Outcome::Ignored(IgnoreReason::UnhandledType));
    }

    #[pollster::test]
    async fn the_direct_intake_passes_on_what_the_store_fails_with() {
        let mut store = MockStore::new();
        store.expect_begin().returning(|| Err(store_error()));
        let intake = DirectIntake::new(Arc::new(store), Arc::new(clock()), home());
        let error = intake.submit(event("evt_1", EventContent::Unhandled)).await.unwrap_err();
        assert!(matches!(error, IntakeError::Store(_)));
    }
}
