//! What whoever runs the service asks Stripe: is the key good, may it do what we do, and where do events go. The service
//! itself never does.

mod endpoint;
mod permission;

pub use endpoint::{CreatedEndpoint, Difference, WebhookEndpoint};
pub use permission::{Access, Permission};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use settled_domain::ids::AccountId;
use settled_domain::ports::{Answer, GatewayError};

use crate::call::Client;
use crate::config::{ConfigError, StripeConfig};
use crate::requests::{self, Call};

/// More endpoints than Stripe lets an account have.
const MAX_ENDPOINTS: usize = 100;

/// Stripe, for whoever runs the service.
pub struct Operator {
    client: Client,
}

#[derive(Deserialize)]
struct Account {
    id: AccountId,
}

#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
}

impl Operator {
    /// Checks the configuration; nothing is sent yet. Signing secrets are not needed.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], which names the setting that is wrong and never its value.
    pub fn new(config: StripeConfig) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self { client: Client::new(config)? })
    }

    /// Whose key it is, and what time it is at Stripe.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    pub async fn fetch_account(&self) -> Result<Answer<AccountId>, GatewayError> {
        let reply = self.client.send(&requests::retrieve_account()).await?;
        let account: Account = reply.json()?;
        reply.answer(account.id)
    }

    /// Whether the key may do this. What is asked changes nothing, even where it asks to write: it names an object that
    /// there is not.
    ///
    /// # Errors
    ///
    /// [`GatewayError`] when Stripe says neither yes nor no.
    pub async fn probe(&self, permission: Permission) -> Result<Access, GatewayError> {
        match self.client.send(&permission.probe()).await {
            // It was let through to the object that there is not.
            Ok(_) | Err(GatewayError::Refused(_)) => Ok(Access::Granted),
            Err(GatewayError::Unauthorized { status: 403 }) => Ok(Access::Denied),
            Err(error) => Err(error),
        }
    }

    /// The webhook endpoints of the account.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    pub async fn list_endpoints(&self) -> Result<Vec<WebhookEndpoint>, GatewayError> {
        let page: Page<WebhookEndpoint> = self.ask(&requests::list_endpoints(MAX_ENDPOINTS)).await?;
        Ok(page.data)
    }

    /// Registers an endpoint for the events that we handle, in the API version that we speak; under one key only once.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]. After an ambiguous one the endpoint may be there, and its secret is lost.
    pub async fn create_endpoint(&self, url: &str, idempotency_key: &str) -> Result<CreatedEndpoint, GatewayError> {
        let created: endpoint::Created = self.ask(&endpoint::create(url, idempotency_key)).await?;
        Ok(created.into())
    }

    async fn ask<T: DeserializeOwned>(&self, call: &Call) -> Result<T, GatewayError> {
        self.client.send(call).await?.json()
    }
}
