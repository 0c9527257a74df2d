//! The use cases of the flow, as one value that a host keeps.

use std::sync::Arc;

use time::Duration;

use crate::checkout::{Assortment, PromotionCodes, ReturnUrls};
use crate::ports::{Clock, IdSource, Intake, SilentFeed, StatusFeed, Store, StripeGateway};

/// The ports that the use cases stand on. Cloning is cheap.
#[derive(Clone)]
pub struct Ports {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Stripe.
    pub gateway: Arc<dyn StripeGateway>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
}

/// What a host may decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Where Stripe sends the customer's browser.
    pub return_urls: ReturnUrls,
    /// How long a subscription that is `past_due` still grants access.
    pub past_due_grace: Duration,
    /// What users may buy.
    pub assortment: Assortment,
    /// Whether customers may type a promotion code on Stripe's page.
    pub promotion_codes: PromotionCodes,
}

/// The payment backend: every method of the flow, over the ports.
///
/// - [`create_checkout_session`](Self::create_checkout_session): the click on *Subscribe*;
/// - [`handle_stripe_webhook`](Self::handle_stripe_webhook): Stripe's news;
/// - [`get_payment_status_by_session_id`](Self::get_payment_status_by_session_id): the success page's question;
/// - [`watch_payment`](Self::watch_payment): the same without asking again and again;
/// - [`get_user_subscription_status`](Self::get_user_subscription_status): may this user use the product?
#[derive(Clone)]
pub struct Settled {
    pub(crate) ports: Ports,
    pub(crate) intake: Arc<dyn Intake>,
    pub(crate) feed: Arc<dyn StatusFeed>,
    pub(crate) policy: Policy,
}

impl Settled {
    /// The use cases over these ports; webhooks are committed by this intake.
    #[must_use]
    pub fn new(ports: Ports, intake: Arc<dyn Intake>, policy: Policy) -> Self {
        Self { ports, intake, feed: Arc::new(SilentFeed), policy }
    }

    /// With a feed that wakes those who wait for a payment. Whoever commits changes of payments has to publish them there.
    #[must_use]
    pub fn with_status_feed(self, feed: Arc<dyn StatusFeed>) -> Self {
        Self { feed, ..self }
    }

    /// What the host has decided.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The ports.
    #[must_use]
    pub const fn ports(&self) -> &Ports {
        &self.ports
    }
}
