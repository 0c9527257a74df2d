//! A made-up payment provider behind the `StripeGateway` port. Its webhooks are a line of words.
//!
//! To talk to Stripe itself, use `settled-stripe`; this shows that nothing in the rules depends on it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use settled_domain::catalogue::{Quote, Recurrence};
use settled_domain::checkout::CheckoutParams;
use settled_domain::customer::CustomerState;
use settled_domain::dispute::DisputeSnapshot;
use settled_domain::event::{EventContent, EventSource, Payload, WebhookEvent};
use settled_domain::ids::{
    AccountId, ChargeId, CustomerId, CustomerKey, DisputeId, EventId, InvoiceId, PaymentIntentId, PriceId, RefundId,
    SessionId, SubscriptionId, UserId,
};
use settled_domain::installation::{Installation, StripeMode};
use settled_domain::invoice::InvoiceSnapshot;
use settled_domain::listing::{Page, PageMark, Window};
use settled_domain::money::{Currency, Money};
use settled_domain::payment::{CheckoutMode, OpenedSession, whole_second};
use settled_domain::ports::{Answer, Clock, GatewayError, PriceAnswer, SignatureError, StripeGateway};
use settled_domain::refund::RefundSnapshot;
use settled_domain::session::{CheckoutSession, SessionEvent, SessionPaymentStatus, SessionStatus};
use settled_domain::settlement::ParkReason;
use settled_domain::subscription::{News, SubscriptionSnapshot, SubscriptionStatus};
use settled_domain::sweep::{ListedKind, ListedObject};
use time::OffsetDateTime;

use crate::ambient::WallClock;

const SIGNATURE: &str = "signed on paper";
const MONTHLY_MINOR: i64 = 1900;

/// What the provider knows: the sessions by their idempotency keys, and which of them are paid.
#[derive(Default)]
pub(crate) struct PaperStripe(Mutex<BTreeMap<String, Session>>);

#[derive(Clone)]
struct Session {
    id: SessionId,
    params: CheckoutParams,
    is_paid: bool,
}

/// What the provider posts.
pub(crate) struct Webhook {
    pub(crate) body: String,
    pub(crate) signature: String,
}

impl PaperStripe {
    /// The customer pays.
    pub(crate) fn pay(&self, id: &SessionId) -> Vec<Webhook> {
        self.sessions().values_mut().filter(|session| session.id == *id).for_each(|session| session.is_paid = true);
        let bodies = [format!("evt_1 paid {id}"), format!("evt_2 subscribed {id}")];
        bodies.map(|body| Webhook { body, signature: SIGNATURE.to_owned() }).into()
    }

    fn sessions(&self) -> MutexGuard<'_, BTreeMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: &str) -> Option<Session> {
        self.sessions().values().find(|session| session.id.as_str() == id).cloned()
    }

    fn read(&self, kind: &str, id: &str) -> Option<EventContent> {
        let session = self.find(id)?;
        match kind {
            "paid" => Some(EventContent::CheckoutSession(SessionEvent::Completed, session.described()?)),
            "subscribed" => Some(EventContent::Subscription(News::Created, session.subscription()?)),
            _ => Some(EventContent::Unhandled),
        }
    }
}

impl Session {
    fn subscription_id(&self) -> Option<SubscriptionId> {
        SubscriptionId::new(self.id.as_str().replacen("cs_", "sub_", 1)).ok()
    }

    /// As the provider describes it when asked, and in its events.
    fn described(&self) -> Option<CheckoutSession> {
        Some(CheckoutSession {
            id: self.id.clone(),
            payment_id: self.params.metadata.get("payment_id")?.parse().ok(),
            status: Some(if self.is_paid { SessionStatus::Complete } else { SessionStatus::Open }),
            payment_status: Some(if self.is_paid { SessionPaymentStatus::Paid } else { SessionPaymentStatus::Unpaid }),
            has_failed: false,
            currency: Currency::new("usd").ok(),
            amount_subtotal: Some(MONTHLY_MINOR * i64::from(self.params.quantity)),
            amount_total: Some(MONTHLY_MINOR * i64::from(self.params.quantity)),
            customer_id: Some(self.params.customer_id.clone()),
            payment_intent_id: None,
            subscription_id: self.is_paid.then(|| self.subscription_id()).flatten(),
            invoice_id: None,
            url: Some(self.url()),
            expires_at: None,
        })
    }

    fn subscription(&self) -> Option<SubscriptionSnapshot> {
        Some(SubscriptionSnapshot {
            id: self.subscription_id()?,
            customer_id: self.params.customer_id.clone(),
            status: Some(SubscriptionStatus::Active),
            payment_id: self.params.metadata.get("payment_id")?.parse().ok(),
            slot: self.params.metadata.get("slot").cloned(),
            price_id: self.params.price_id.clone(),
            quantity: self.params.quantity,
            current_period_end: None,
            cancel_at_period_end: false,
            cancel_at: None,
            trial_end: None,
        })
    }

    fn url(&self) -> String {
        format!("https://paper.example/pay/{}", self.id)
    }

    fn opened(&self) -> OpenedSession {
        OpenedSession { session_id: self.id.clone(), url: Some(self.url()), expires_at: None }
    }
}

fn answer<T>(object: T) -> Answer<T> {
    Answer { object, as_of: whole_second(WallClock.now()) }
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> GatewayError {
    GatewayError::Ambiguous(Box::new(error))
}

#[async_trait]
impl StripeGateway for PaperStripe {
    fn verify_webhook_signature(
        &self,
        payload: &[u8],
        signature: &str,
        now: OffsetDateTime,
    ) -> Result<WebhookEvent, SignatureError> {
        if signature != SIGNATURE {
            return Err(SignatureError::Mismatch);
        }
        let text = String::from_utf8_lossy(payload);
        let words: Vec<&str> = text.split(' ').collect();
        let [id, kind, object] = words[..] else { return Err(SignatureError::Malformed) };
        Ok(WebhookEvent {
            id: EventId::new(id).map_err(|_| SignatureError::Malformed)?,
            event_type: kind.to_owned(),
            object_id: Some(object.to_owned()),
            api_version: None,
            livemode: Some(false),
            account: None,
            created: whole_second(now),
            received_at: now,
            source: EventSource::Webhook,
            content: self.read(kind, object).unwrap_or(EventContent::Unreadable(ParkReason::UnreadableObject)),
            payload: Payload::new(payload),
        })
    }

    async fn fetch_installation(&self) -> Result<Installation, GatewayError> {
        let account_id = AccountId::new("acct_paper").map_err(unreadable)?;
        Ok(Installation { mode: StripeMode::Sandbox, account_id })
    }

    async fn quote_price(&self, id: &PriceId) -> Result<PriceAnswer, GatewayError> {
        let quotes = self.list_quotes(1).await?;
        let quote = quotes.into_iter().find(|quote| quote.price_id == *id);
        Ok(quote.map_or(PriceAnswer::NotAvailable, PriceAnswer::Quoted))
    }

    async fn list_quotes(&self, _limit: u32) -> Result<Vec<Quote>, GatewayError> {
        Ok(vec![Quote {
            price_id: PriceId::new("price_monthly").map_err(unreadable)?,
            unit: Money::new(MONTHLY_MINOR, Currency::new("usd").map_err(unreadable)?),
            mode: CheckoutMode::Subscription,
            recurrence: Some(Recurrence { interval: "month".to_owned(), interval_count: 1 }),
            trial: None,
            product_name: "Paper".to_owned(),
            product_description: None,
            product_slot: None,
        }])
    }

    async fn find_or_create_customer(&self, _key: CustomerKey, user_id: &UserId) -> Result<CustomerId, GatewayError> {
        CustomerId::new(format!("cus_{user_id}")).map_err(unreadable)
    }

    async fn create_checkout_session(
        &self,
        params: &CheckoutParams,
        idempotency_key: &str,
    ) -> Result<OpenedSession, GatewayError> {
        let mut sessions = self.sessions();
        let id = SessionId::new(format!("cs_{}", sessions.len() + 1)).map_err(unreadable)?;
        let made = Session { id, params: params.clone(), is_paid: false };
        // The same key gives the same session.
        Ok(sessions.entry(idempotency_key.to_owned()).or_insert(made).opened())
    }

    async fn fetch_checkout_session(&self, id: &SessionId) -> Result<Option<Answer<CheckoutSession>>, GatewayError> {
        Ok(self.find(id.as_str()).and_then(|session| session.described()).map(answer))
    }

    async fn expire_checkout_session(&self, _id: &SessionId) -> Result<Option<Answer<CheckoutSession>>, GatewayError> {
        Ok(None)
    }

    async fn fetch_subscription(
        &self,
        id: &SubscriptionId,
    ) -> Result<Option<Answer<SubscriptionSnapshot>>, GatewayError> {
        let session = self.find(&id.as_str().replacen("sub_", "cs_", 1));
        Ok(session.filter(|session| session.is_paid).and_then(|session| session.subscription()).map(answer))
    }

    // Paper makes no invoices, gives nothing back and is never disputed.

    async fn fetch_invoice(&self, _id: &InvoiceId) -> Result<Option<Answer<InvoiceSnapshot>>, GatewayError> {
        Ok(None)
    }

    async fn fetch_refund(&self, _id: &RefundId) -> Result<Option<Answer<RefundSnapshot>>, GatewayError> {
        Ok(None)
    }

    async fn fetch_dispute(&self, _id: &DisputeId) -> Result<Option<Answer<DisputeSnapshot>>, GatewayError> {
        Ok(None)
    }

    async fn list_refunds_of_charge(
        &self,
        _id: &ChargeId,
    ) -> Result<Option<Answer<Vec<RefundSnapshot>>>, GatewayError> {
        Ok(None)
    }

    async fn fetch_customer(&self, _id: &CustomerId) -> Result<Option<Answer<CustomerState>>, GatewayError> {
        Ok(Some(answer(CustomerState::Living)))
    }

    async fn find_session_of_payment_intent(
        &self,
        _id: &PaymentIntentId,
    ) -> Result<Option<CheckoutSession>, GatewayError> {
        Ok(None)
    }

    async fn find_payment_intent_of_charge(&self, _id: &ChargeId) -> Result<Option<PaymentIntentId>, GatewayError> {
        Ok(None)
    }

    async fn find_invoice_of_payment_intent(&self, _id: &PaymentIntentId) -> Result<Option<InvoiceId>, GatewayError> {
        Ok(None)
    }

    async fn list_events(
        &self,
        _window: &Window,
        _after: Option<PageMark>,
        _now: OffsetDateTime,
    ) -> Result<Page<WebhookEvent>, GatewayError> {
        Ok(Page { items: Vec::new(), next: None })
    }

    async fn list_objects(
        &self,
        _kind: ListedKind,
        _window: &Window,
        _after: Option<PageMark>,
    ) -> Result<Page<ListedObject>, GatewayError> {
        Ok(Page { items: Vec::new(), next: None })
    }

    async fn find_pay_url(&self, _id: &SubscriptionId) -> Result<Option<String>, GatewayError> {
        Ok(None)
    }
}
