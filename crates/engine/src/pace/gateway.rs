use std::sync::Arc;

use async_trait::async_trait;
use settled_domain::catalogue::Quote;
use settled_domain::checkout::CheckoutParams;
use settled_domain::customer::CustomerState;
use settled_domain::dispute::DisputeSnapshot;
use settled_domain::event::WebhookEvent;
use settled_domain::ids::{
    ChargeId, CustomerId, CustomerKey, DisputeId, InvoiceId, PaymentIntentId, PriceId, RefundId, SessionId,
    SubscriptionId, UserId,
};
use settled_domain::installation::Installation;
use settled_domain::invoice::InvoiceSnapshot;
use settled_domain::listing::{Page, PageMark, Window};
use settled_domain::payment::OpenedSession;
use settled_domain::ports::{Answer, Clock, GatewayError, PriceAnswer, SignatureError, StripeGateway};
use settled_domain::refund::RefundSnapshot;
use settled_domain::session::CheckoutSession;
use settled_domain::subscription::SubscriptionSnapshot;
use settled_domain::sweep::{ListedKind, ListedObject};
use time::OffsetDateTime;

use super::Pace;
use crate::measures;

/// A gateway each of whose calls waits for its turn, for what is asked in the background. A customer's click does not go
/// through it: customers come first.
pub(crate) struct PacedGateway {
    inner: Arc<dyn StripeGateway>,
    pace: Arc<Pace>,
    clock: Arc<dyn Clock>,
}

impl PacedGateway {
    pub(crate) fn new(inner: Arc<dyn StripeGateway>, pace: Arc<Pace>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, pace, clock }
    }

    async fn paced<T>(&self, call: impl Future<Output = Result<T, GatewayError>> + Send) -> Result<T, GatewayError> {
        self.pace.turn().await?;
        let answer = call.await;
        self.pace.note(answer.as_ref().err());
        answer
    }

    /// [`paced`](Self::paced), and tells how far Stripe's clock is from ours.
    async fn dated<T>(
        &self,
        call: impl Future<Output = Result<Option<Answer<T>>, GatewayError>> + Send,
    ) -> Result<Option<Answer<T>>, GatewayError> {
        let answer = self.paced(call).await?;
        if let Some(answer) = &answer {
            measures::clocks_compared(answer.as_of, self.clock.now());
        }
        Ok(answer)
    }
}

#[async_trait]
impl StripeGateway for PacedGateway {
    fn verify_webhook_signature(
        &self,
        payload: &[u8],
        signature: &str,
        now: OffsetDateTime,
    ) -> Result<WebhookEvent, SignatureError> {
        self.inner.verify_webhook_signature(payload, signature, now)
    }

    async fn fetch_installation(&self) -> Result<Installation, GatewayError> {
        self.paced(self.inner.fetch_installation()).await
    }

    async fn quote_price(&self, id: &PriceId) -> Result<PriceAnswer, GatewayError> {
        self.paced(self.inner.quote_price(id)).await
    }

    async fn list_quotes(&self, limit: u32) -> Result<Vec<Quote>, GatewayError> {
        self.paced(self.inner.list_quotes(limit)).await
    }

    async fn find_or_create_customer(&self, key: CustomerKey, user_id: &UserId) -> Result<CustomerId, GatewayError> {
        self.paced(self.inner.find_or_create_customer(key, user_id)).await
    }

    async fn create_checkout_session(
        &self,
        params: &CheckoutParams,
        idempotency_key: &str,
    ) -> Result<OpenedSession, GatewayError> {
        self.paced(self.inner.create_checkout_session(params, idempotency_key)).await
    }

    async fn fetch_checkout_session(&self, id: &SessionId) -> Result<Option<Answer<CheckoutSession>>, GatewayError> {
        self.dated(self.inner.fetch_checkout_session(id)).await
    }

    async fn expire_checkout_session(&self, id: &SessionId) -> Result<Option<Answer<CheckoutSession>>, GatewayError> {
        self.dated(self.inner.expire_checkout_session(id)).await
    }

    async fn fetch_subscription(
        &self,
        id: &SubscriptionId,
    ) -> Result<Option<Answer<SubscriptionSnapshot>>, GatewayError> {
        self.dated(self.inner.fetch_subscription(id)).await
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Option<Answer<InvoiceSnapshot>>, GatewayError> {
        self.dated(self.inner.fetch_invoice(id)).await
    }

    async fn fetch_refund(&self, id: &RefundId) -> Result<Option<Answer<RefundSnapshot>>, GatewayError> {
        self.dated(self.inner.fetch_refund(id)).await
    }

    async fn fetch_dispute(&self, id: &DisputeId) -> Result<Option<Answer<DisputeSnapshot>>, GatewayError> {
        self.dated(self.inner.fetch_dispute(id)).await
    }

    async fn list_refunds_of_charge(&self, id: &ChargeId) -> Result<Option<Answer<Vec<RefundSnapshot>>>, GatewayError> {
        self.dated(self.inner.list_refunds_of_charge(id)).await
    }

    async fn fetch_customer(&self, id: &CustomerId) -> Result<Option<Answer<CustomerState>>, GatewayError> {
        self.dated(self.inner.fetch_customer(id)).await
    }

    async fn find_session_of_payment_intent(
        &self,
        id: &PaymentIntentId,
    ) -> Result<Option<CheckoutSession>, GatewayError> {
        self.paced(self.inner.find_session_of_payment_intent(id)).await
    }

    async fn find_payment_intent_of_charge(&self, id: &ChargeId) -> Result<Option<PaymentIntentId>, GatewayError> {
        self.paced(self.inner.find_payment_intent_of_charge(id)).await
    }

    async fn find_invoice_of_payment_intent(&self, id: &PaymentIntentId) -> Result<Option<InvoiceId>, GatewayError> {
        self.paced(self.inner.find_invoice_of_payment_intent(id)).await
    }

    async fn list_events(
        &self,
        window: &Window,
        after: Option<PageMark>,
        now: OffsetDateTime,
    ) -> Result<Page<WebhookEvent>, GatewayError> {
        self.paced(self.inner.list_events(window, after, now)).await
    }

    async fn list_objects(
        &self,
        kind: ListedKind,
        window: &Window,
        after: Option<PageMark>,
    ) -> Result<Page<ListedObject>, GatewayError> {
        self.paced(self.inner.list_objects(kind, window, after)).await
    }

    async fn find_pay_url(&self, id: &SubscriptionId) -> Result<Option<String>, GatewayError> {
        self.paced(self.inner.find_pay_url(id)).await
    }
}
