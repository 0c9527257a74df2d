use std::fmt;

use async_trait::async_trait;
use serde::Deserialize;
use settled_domain::catalogue::Quote;
use settled_domain::checkout::CheckoutParams;
use settled_domain::customer::CustomerState;
use settled_domain::dispute::DisputeSnapshot;
use settled_domain::event::WebhookEvent;
use settled_domain::ids::{
    AccountId, ChargeId, CustomerId, CustomerKey, DisputeId, InvoiceId, PaymentIntentId, PriceId, RefundId, SessionId,
    SubscriptionId, UserId,
};
use settled_domain::installation::{Installation, StripeMode};
use settled_domain::invoice::InvoiceSnapshot;
use settled_domain::listing::{Page, PageMark, Window};
use settled_domain::payment::OpenedSession;
use settled_domain::ports::{Answer, GatewayError, PriceAnswer, SignatureError, StripeGateway};
use settled_domain::refund::RefundSnapshot;
use settled_domain::session::CheckoutSession;
use settled_domain::subscription::SubscriptionSnapshot;
use settled_domain::sweep::{ListedKind, ListedObject};
use time::OffsetDateTime;

use crate::call::{Client, NotUsable, Reply, is_not_open, is_unknown_object};
use crate::catalogue::Catalogue;
use crate::config::{Backend, ConfigError, StripeConfig};
use crate::events;
use crate::lookups::{find_intent, find_invoice, find_session, list_refunds};
use crate::money::{session, session_answer, with_money};
use crate::objects;
use crate::read::{
    CustomerObject, DisputeObject, InvoiceObject, PayableSubscription, PriceObject, RefundObject, SubscriptionObject,
};
use crate::requests::{self, Call};
use crate::signature::Verifier;
use crate::webhook::read_event;

/// How many keys a user's customer is tried with, when Stripe fails and keeps its failure under the key.
const CUSTOMER_KEYS: u32 = 3;

/// Stripe, or the sandbox that stands in for it.
pub struct StripeApi {
    client: Client,
    verifier: Verifier,
    catalogue: Catalogue,
    mode: StripeMode,
}

#[derive(Deserialize)]
struct Account {
    id: AccountId,
}

#[derive(Deserialize)]
struct Customer {
    id: CustomerId,
}

impl StripeApi {
    /// Checks the configuration; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], which names the setting that is wrong and never its value.
    pub fn new(config: StripeConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let mode = match config.backend {
            Backend::Sandbox => StripeMode::Sandbox,
            Backend::Stripe if config.has_live_key() => StripeMode::Live,
            Backend::Stripe => StripeMode::Test,
        };
        let verifier = Verifier::new(&config.webhook_secrets)?;
        Ok(Self { client: Client::new(config)?, verifier, catalogue: Catalogue::new(), mode })
    }

    /// `None` when Stripe knows no such object.
    async fn find(&self, call: &Call) -> Result<Option<Reply>, GatewayError> {
        match self.client.send(call).await {
            Ok(reply) => Ok(Some(reply)),
            Err(error) if is_unknown_object(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for StripeApi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StripeApi").field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// An object with its time, provided it is the one that was asked for.
fn answer_about<T>(reply: &Reply, is_the_one: bool, object: T) -> Result<Option<Answer<T>>, GatewayError> {
    if is_the_one { reply.answer(object).map(Some) } else { Err(NotUsable::OtherObject.into()) }
}

#[async_trait]
impl StripeGateway for StripeApi {
    fn verify_webhook_signature(
        &self,
        payload: &[u8],
        signature: &str,
        now: OffsetDateTime,
    ) -> Result<WebhookEvent, SignatureError> {
        self.verifier.verify(payload, signature, now)?;
        Ok(read_event(payload, now))
    }

    async fn fetch_installation(&self) -> Result<Installation, GatewayError> {
        let account: Account = self.client.send(&requests::retrieve_account()).await?.json()?;
        Ok(Installation { mode: self.mode, account_id: account.id })
    }

    async fn quote_price(&self, id: &PriceId) -> Result<PriceAnswer, GatewayError> {
        let Some(reply) = self.find(&requests::retrieve_price(id)).await? else {
            return Ok(PriceAnswer::NotAvailable);
        };
        Ok(match reply.json::<PriceObject>()?.into_quote() {
            Some(quote) if quote.price_id != *id => return Err(NotUsable::OtherObject.into()),
            Some(quote) => PriceAnswer::Quoted(quote),
            None => PriceAnswer::NotAvailable,
        })
    }

    async fn list_quotes(&self, limit: u32) -> Result<Vec<Quote>, GatewayError> {
        self.catalogue.list(&self.client, limit).await
    }

    /// When a key is spent, the next one is made from it, so that everybody who tries comes to the same customer. The
    /// customer that a failed call may have made stays unused.
    async fn find_or_create_customer(&self, key: CustomerKey, user_id: &UserId) -> Result<CustomerId, GatewayError> {
        let mut generation = 0;
        loop {
            match self.client.send(&requests::create_customer(key, generation, user_id)).await {
                Ok(reply) => return Ok(reply.json::<Customer>()?.id),
                Err(GatewayError::KeySpent { .. }) if generation + 1 < CUSTOMER_KEYS => generation += 1,
                Err(error) => return Err(error),
            }
        }
    }

    async fn create_checkout_session(
        &self,
        params: &CheckoutParams,
        idempotency_key: &str,
    ) -> Result<OpenedSession, GatewayError> {
        let reply = self.client.send(&requests::create_session(params, idempotency_key)).await?;
        let created = session(&reply)?;
        Ok(OpenedSession { session_id: created.id, url: created.url, expires_at: created.expires_at })
    }

    async fn fetch_checkout_session(&self, id: &SessionId) -> Result<Option<Answer<CheckoutSession>>, GatewayError> {
        let Some(reply) = self.find(&requests::retrieve_session(id)).await? else {
            return Ok(None);
        };
        with_money(&self.client, session_answer(&reply, id)?).await.map(Some)
    }

    async fn expire_checkout_session(&self, id: &SessionId) -> Result<Option<Answer<CheckoutSession>>, GatewayError> {
        match self.find(&requests::expire_session(id)).await {
            Ok(reply) => reply.map(|reply| session_answer(&reply, id)).transpose(),
            Err(error) if is_not_open(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn fetch_subscription(
        &self,
        id: &SubscriptionId,
    ) -> Result<Option<Answer<SubscriptionSnapshot>>, GatewayError> {
        let Some(reply) = self.find(&requests::retrieve_subscription(id)).await? else {
            return Ok(None);
        };
        let snapshot: SubscriptionSnapshot = reply.json::<SubscriptionObject>()?.try_into().map_err(NotUsable::from)?;
        if snapshot.id != *id {
            return Err(NotUsable::OtherObject.into());
        }
        reply.answer(snapshot).map(Some)
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Option<Answer<InvoiceSnapshot>>, GatewayError> {
        let Some(reply) = self.find(&requests::retrieve_invoice(id)).await? else {
            return Ok(None);
        };
        let snapshot: InvoiceSnapshot = reply.json::<InvoiceObject>()?.try_into().map_err(NotUsable::from)?;
        answer_about(&reply, snapshot.id == *id, snapshot)
    }

    async fn fetch_refund(&self, id: &RefundId) -> Result<Option<Answer<RefundSnapshot>>, GatewayError> {
        let Some(reply) = self.find(&requests::retrieve_refund(id)).await? else {
            return Ok(None);
        };
        let snapshot: RefundSnapshot = reply.json::<RefundObject>()?.try_into().map_err(NotUsable::from)?;
        answer_about(&reply, snapshot.id == *id, snapshot)
    }

    async fn fetch_dispute(&self, id: &DisputeId) -> Result<Option<Answer<DisputeSnapshot>>, GatewayError> {
        let Some(reply) = self.find(&requests::retrieve_dispute(id)).await? else {
            return Ok(None);
        };
        let snapshot: DisputeSnapshot = reply.json::<DisputeObject>()?.try_into().map_err(NotUsable::from)?;
        answer_about(&reply, snapshot.id == *id, snapshot)
    }

    async fn list_refunds_of_charge(&self, id: &ChargeId) -> Result<Option<Answer<Vec<RefundSnapshot>>>, GatewayError> {
        list_refunds(&self.client, id).await
    }

    async fn fetch_customer(&self, id: &CustomerId) -> Result<Option<Answer<CustomerState>>, GatewayError> {
        let Some(reply) = self.find(&requests::retrieve_customer(id)).await? else {
            return Ok(None);
        };
        let customer = reply.json::<CustomerObject>()?;
        let state = if customer.deleted { CustomerState::Deleted } else { CustomerState::Living };
        answer_about(&reply, customer.id == id.as_str(), state)
    }

    async fn find_session_of_payment_intent(
        &self,
        id: &PaymentIntentId,
    ) -> Result<Option<CheckoutSession>, GatewayError> {
        find_session(&self.client, id).await
    }

    async fn find_payment_intent_of_charge(&self, id: &ChargeId) -> Result<Option<PaymentIntentId>, GatewayError> {
        find_intent(&self.client, id).await
    }

    async fn find_invoice_of_payment_intent(&self, id: &PaymentIntentId) -> Result<Option<InvoiceId>, GatewayError> {
        find_invoice(&self.client, id).await
    }

    async fn list_events(
        &self,
        window: &Window,
        after: Option<PageMark>,
        now: OffsetDateTime,
    ) -> Result<Page<WebhookEvent>, GatewayError> {
        events::list(&self.client, window, after.as_ref(), now).await
    }

    async fn list_objects(
        &self,
        kind: ListedKind,
        window: &Window,
        after: Option<PageMark>,
    ) -> Result<Page<ListedObject>, GatewayError> {
        objects::list(&self.client, kind, window, after.as_ref()).await
    }

    async fn find_pay_url(&self, id: &SubscriptionId) -> Result<Option<String>, GatewayError> {
        let reply = self.find(&requests::retrieve_subscription_and_invoice(id)).await?;
        Ok(reply
            .map(|reply| reply.json::<PayableSubscription>())
            .transpose()?
            .and_then(PayableSubscription::into_pay_url))
    }
}
