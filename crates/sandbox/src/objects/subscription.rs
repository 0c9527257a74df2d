//! Subscriptions: a price that is charged every period.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Price, Resource, merged, plumbing};
use crate::params::Metadata;
use crate::store::State;

/// <https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SubscriptionStatus {
    Incomplete,
    IncompleteExpired,
    Trialing,
    Active,
    PastDue,
    Canceled,
}

impl SubscriptionStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Canceled => "canceled",
        }
    }

    /// Nothing follows after it.
    pub(crate) fn has_ended(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }
}

/// A first payment that is not made within this time ends its subscription.
const INCOMPLETE_S: i64 = 23 * 3_600;
/// The end of a trial is announced this long before.
const REMINDER_S: i64 = 3 * 86_400;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SubscriptionItem {
    pub(crate) id: String,
    pub(crate) price: String,
    pub(crate) quantity: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) status: SubscriptionStatus,
    pub(crate) customer: String,
    pub(crate) currency: String,
    pub(crate) metadata: Metadata,
    pub(crate) description: Option<String>,
    pub(crate) items: Vec<SubscriptionItem>,
    pub(crate) current_period_start: i64,
    pub(crate) current_period_end: i64,
    pub(crate) cancel_at_period_end: bool,
    pub(crate) canceled_at: Option<i64>,
    pub(crate) ended_at: Option<i64>,
    pub(crate) default_payment_method: Option<String>,
    pub(crate) latest_invoice: Option<String>,
    #[serde(default)]
    pub(crate) trial_start: Option<i64>,
    #[serde(default)]
    pub(crate) trial_end: Option<i64>,
    /// The end of the trial was announced.
    #[serde(default)]
    pub(crate) trial_reminded: bool,
    /// What the periods are counted from: the end of the trial, or (None) the creation.
    #[serde(default)]
    pub(crate) anchor: Option<i64>,
    #[serde(default)]
    pub(crate) discounts: Vec<String>,
    /// Why it was canceled; None if somebody asked for it.
    #[serde(default)]
    pub(crate) cancellation_reason: Option<String>,
    #[serde(default)]
    pub(crate) test_clock: Option<String>,
}

impl Resource for Subscription {
    plumbing!("subscription", "/v1/subscriptions", subscriptions, Subscription);

    /// <https://docs.stripe.com/api/subscriptions/object>
    ///
    /// Periods are on the items only, since 2025-03-31.basil.
    fn render(&self, state: &State) -> Value {
        let items: Vec<_> = self.items.iter().map(|item| self.render_item(item, state)).collect();
        let fields = json!({
            "id": self.id,
            "object": "subscription",
            "billing_cycle_anchor": self.anchor(),
            "cancel_at": self.cancel_at_period_end.then_some(self.current_period_end),
            "cancel_at_period_end": self.cancel_at_period_end,
            "canceled_at": self.canceled_at,
            "cancellation_details": {
                "comment": null,
                "feedback": null,
                "feedback_option": null,
                "reason": self.canceled_at.map(|_| {
                    self.cancellation_reason.as_deref().unwrap_or("cancellation_requested")
                }),
            },
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "default_payment_method": self.default_payment_method,
            "description": self.description,
            "discounts": self.discounts,
            "ended_at": self.ended_at,
            "items": {
                "object": "list",
                "data": items,
                "has_more": false,
                "url": format!("/v1/subscription_items?subscription={}", self.id),
            },
            "latest_invoice": self.latest_invoice,
            "metadata": self.metadata,
            "start_date": self.created,
            "status": self.status,
            "test_clock": self.test_clock,
            "trial_end": self.trial_end,
            "trial_start": self.trial_start,
        });
        merged(fields, unused())
    }
}

impl Subscription {
    /// When something happens to it by itself, and on which clock.
    pub(crate) fn due(&self) -> Option<(Option<String>, i64)> {
        let at = match self.status {
            SubscriptionStatus::Incomplete => self.created + INCOMPLETE_S,
            SubscriptionStatus::Trialing => match self.trial_end {
                Some(end) if !self.trial_reminded => end - REMINDER_S,
                Some(end) => end,
                None => self.current_period_end,
            },
            SubscriptionStatus::Active | SubscriptionStatus::PastDue => self.current_period_end,
            SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired => return None,
        };
        Some((self.test_clock.clone(), at))
    }

    /// What its periods are counted from.
    pub(crate) fn anchor(&self) -> i64 {
        self.anchor.unwrap_or(self.created)
    }

    fn render_item(&self, item: &SubscriptionItem, state: &State) -> Value {
        let price = state.prices.get(&item.price);
        json!({
            "id": item.id,
            "object": "subscription_item",
            "billing_thresholds": null,
            "created": self.created,
            "current_period_end": self.current_period_end,
            "current_period_start": self.current_period_start,
            "current_trial": null,
            "discounts": [],
            "metadata": {},
            "plan": price.map(Price::render_plan),
            "price": price.map(|price| price.render(state)),
            "quantity": item.quantity,
            "subscription": self.id,
            "tax_rates": [],
        })
    }
}

fn unused() -> Value {
    json!({
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
        "billing_cycle_anchor_config": null,
        "billing_mode": {
            "flexible": { "proration_discounts": "included" },
            "type": "flexible",
        },
        "billing_schedules": [],
        "billing_thresholds": null,
        "collection_method": "charge_automatically",
        "customer_account": null,
        "days_until_due": null,
        "default_source": null,
        "default_tax_rates": [],
        "invoice_settings": {
            "account_tax_ids": null,
            "custom_fields": null,
            "description": null,
            "footer": null,
            "issuer": { "type": "self" },
        },
        "livemode": false,
        "managed_payments": null,
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pause_collection": null,
        "payment_settings": {
            "payment_method_options": {
                "acss_debit": null,
                "bancontact": null,
                "card": { "network": null, "request_three_d_secure": "automatic" },
                "customer_balance": null,
                "konbini": null,
                "payto": null,
                "pix": null,
                "sepa_debit": null,
                "upi": null,
                "us_bank_account": null,
            },
            "payment_method_types": null,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": null,
        "transfer_data": null,
        "trial_settings": {
            "end_behavior": {
                "billing_cycle_anchor": null,
                "missing_payment_method": "create_invoice",
            },
        },
    })
}
