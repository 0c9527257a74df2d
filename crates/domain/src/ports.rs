//! What the use cases need from outside. Each port says what an implementation must do; the adapters' documentation is
//! here and not with them.
//!
//! Every trait is object safe and has a `mockall` mock under the feature `mock` (module `mock`).

mod clock;
mod customer_repo;
mod dispute_repo;
mod event_reader;
mod history;
mod intake;
mod invoice_repo;
mod payment_repo;
mod refresh_queue;
mod refund_repo;
mod status_feed;
mod status_relay;
mod store;
mod stripe_gateway;
mod subscription_repo;
mod transition_log;
mod webhook_ledger;

pub use clock::{Clock, IdSource};
pub use customer_repo::CustomerRepo;
pub use dispute_repo::DisputeRepo;
pub use event_reader::EventReader;
pub use history::History;
pub use intake::{Intake, IntakeError};
pub use invoice_repo::InvoiceRepo;
pub use payment_repo::{PaymentRepo, PendingPayment, Reservation, SavedPayment};
pub use refresh_queue::RefreshQueue;
pub use refund_repo::RefundRepo;
pub use status_feed::{FeedError, SilentFeed, StatusChanges, StatusFeed, StatusNews};
pub use status_relay::{RelayedNews, StatusRelay};
pub use store::{Store, StoreError, UnitOfWork};
pub use stripe_gateway::{Answer, GatewayError, PriceAnswer, Refusal, SignatureError, StripeGateway};
pub use subscription_repo::SubscriptionRepo;
pub use transition_log::TransitionLog;
pub use webhook_ledger::{Claim, ClaimedWebhook, HeldWebhook, ParkedWebhook, WebhookLedger, WebhookOutcome};

#[cfg(any(test, feature = "mock"))]
pub(crate) mod mocks {
    pub use super::clock::{MockClock, MockIdSource};
    pub use super::customer_repo::MockCustomerRepo;
    pub use super::dispute_repo::MockDisputeRepo;
    pub use super::event_reader::MockEventReader;
    pub use super::history::MockHistory;
    pub use super::intake::MockIntake;
    pub use super::invoice_repo::MockInvoiceRepo;
    pub use super::payment_repo::MockPaymentRepo;
    pub use super::refresh_queue::MockRefreshQueue;
    pub use super::refund_repo::MockRefundRepo;
    pub use super::status_feed::{MockStatusChanges, MockStatusFeed};
    pub use super::status_relay::MockStatusRelay;
    pub use super::store::MockStore;
    pub use super::stripe_gateway::MockStripeGateway;
    pub use super::subscription_repo::MockSubscriptionRepo;
    pub use super::transition_log::MockTransitionLog;
    pub use super::webhook_ledger::MockWebhookLedger;
}
