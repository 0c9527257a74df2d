use std::collections::BTreeMap;

use settled_domain::customer::Customer;
use settled_domain::dispute::Dispute;
use settled_domain::ids::{CustomerKey, DisputeId, EventId, InvoiceId, PaymentId, RefundId, SubscriptionId};
use settled_domain::installation::Installation;
use settled_domain::invoice::Invoice;
use settled_domain::payment::Payment;
use settled_domain::ports::{ClaimedWebhook, WebhookOutcome};
use settled_domain::refresh_request::{RefreshObject, RefreshReason};
use settled_domain::refund::Refund;
use settled_domain::subscription::{Subscription, SubscriptionRecord};
use settled_domain::sweep::SweepName;
use settled_domain::transition::Transition;
use time::OffsetDateTime;

/// Everything that is stored.
#[derive(Clone, Default)]
pub(crate) struct Tables {
    /// Counts commits, so that a transaction sees whether another one was quicker.
    pub(crate) commits: u64,
    pub(crate) installation: Option<Installation>,
    pub(crate) webhooks: BTreeMap<EventId, (ClaimedWebhook, Option<WebhookOutcome>)>,
    pub(crate) customers: BTreeMap<CustomerKey, Customer>,
    pub(crate) subscriptions: BTreeMap<SubscriptionId, Subscription>,
    pub(crate) payments: BTreeMap<PaymentId, Payment>,
    pub(crate) invoices: BTreeMap<InvoiceId, Invoice>,
    pub(crate) refunds: BTreeMap<RefundId, Refund>,
    pub(crate) disputes: BTreeMap<DisputeId, Dispute>,
    pub(crate) refreshes: BTreeMap<RefreshObject, Refresh>,
    pub(crate) transitions: BTreeMap<(String, i64), Transition>,
    /// When each part of the sweep was begun, and how far it has come.
    pub(crate) sweeps: BTreeMap<SweepName, (OffsetDateTime, Option<OffsetDateTime>)>,
}

impl Tables {
    /// Subscriptions that have not ended, that nobody is asking about, and that fit; those not asked about for longest first.
    pub(crate) fn live_subscriptions(
        &self,
        limit: u32,
        fits: impl Fn(&SubscriptionRecord) -> bool,
    ) -> Vec<SubscriptionId> {
        let live = self.subscriptions.values().filter(|held| {
            !held.status().is_terminal()
                && fits(held.record())
                && !self.refreshes.contains_key(&RefreshObject::Subscription(held.id().clone()))
        });
        oldest(live.map(|held| (held.record().checked_at, held.id().clone())).collect(), limit)
    }
}

/// The first so many by their time.
pub(crate) fn oldest<T: Ord>(mut timed: Vec<(OffsetDateTime, T)>, limit: u32) -> Vec<T> {
    timed.sort_unstable();
    timed.into_iter().map(|(_, id)| id).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
}

/// An entry of the refresh queue.
#[derive(Clone)]
pub(crate) struct Refresh {
    pub(crate) reason: RefreshReason,
    pub(crate) due_at: OffsetDateTime,
    pub(crate) generation: i64,
    pub(crate) attempts: u32,
    pub(crate) claimed_until: Option<OffsetDateTime>,
    pub(crate) answered_from: Option<OffsetDateTime>,
    pub(crate) trusted_from: Option<OffsetDateTime>,
}
