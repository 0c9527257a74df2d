//! A new subscription and the invoice of its first period.

use crate::discounts;
use crate::ids;
use crate::invoices::draft;
use crate::objects::{
    AppliedCoupon, BillingReason, Customer, Interval, Invoice, Subscription, SubscriptionItem, SubscriptionStatus,
    Trial,
};
use crate::params::Metadata;
use crate::store::{Change, State};

/// What somebody subscribes to.
pub(crate) struct Plan<'a> {
    pub(crate) customer: &'a Customer,
    pub(crate) currency: String,
    /// Prices and how many of each.
    pub(crate) items: Vec<(String, i64)>,
    pub(crate) metadata: Metadata,
    pub(crate) description: Option<String>,
    pub(crate) trial: Option<Trial>,
    pub(crate) discount: Option<&'a AppliedCoupon>,
    pub(crate) session: Option<&'a str>,
}

/// Makes both, the invoice a draft, and tells nobody yet.
pub(crate) fn start(change: &mut Change<'_>, plan: Plan<'_>) -> (Subscription, Invoice) {
    let trial_end = plan.trial.map(|trial| trial.end(change.now));
    let item = |(price, quantity)| SubscriptionItem { id: ids::object_id("si_", 14), price, quantity };
    let mut subscription = Subscription {
        id: ids::object_id("sub_1", 23),
        created: change.now,
        status: if trial_end.is_some() { SubscriptionStatus::Trialing } else { SubscriptionStatus::Incomplete },
        customer: plan.customer.id.clone(),
        currency: plan.currency,
        metadata: plan.metadata,
        description: plan.description,
        items: plan.items.into_iter().map(item).collect(),
        current_period_start: change.now,
        current_period_end: change.now,
        cancel_at_period_end: false,
        canceled_at: None,
        ended_at: None,
        default_payment_method: None,
        latest_invoice: None,
        trial_start: trial_end.map(|_| change.now),
        trial_end,
        trial_reminded: false,
        anchor: trial_end,
        discounts: Vec::new(),
        cancellation_reason: None,
        test_clock: plan.customer.test_clock.clone(),
    };
    subscription.current_period_end =
        trial_end.unwrap_or_else(|| next_period_end(change.state, &subscription, change.now));
    if let Some(applied) = plan.discount
        && let Some(discount) = discounts::redeem(change, applied, plan.session, Some(&subscription))
    {
        subscription.discounts.push(discount.id.clone());
        change.emit("customer.discount.created", &discount);
    }
    // A coupon for one invoice is gone from the subscription once that invoice exists.
    let invoice = draft::for_period(change, &mut subscription, BillingReason::SubscriptionCreate);
    change.put(&subscription);
    (subscription, invoice)
}

/// The first end of a period after `moment`, counted from the anchor.
///
/// <https://docs.stripe.com/billing/subscriptions/billing-cycle>
pub(crate) fn next_period_end(state: &State, subscription: &Subscription, moment: i64) -> i64 {
    let (interval, count) = rhythm(state, subscription);
    let anchor = subscription.anchor();
    let mut periods = 1;
    loop {
        let end = interval.after(anchor, count.saturating_mul(periods));
        // A date beyond the calendar comes back unchanged; better a long period than none.
        if end > moment || end <= anchor {
            return end.max(moment + 1);
        }
        periods += 1;
    }
}

/// How often it is charged: every `count` intervals.
pub(crate) fn rhythm(state: &State, subscription: &Subscription) -> (Interval, i64) {
    let price = subscription.items.first().and_then(|item| state.prices.get(&item.price));
    price.and_then(|price| Some((price.interval?, price.interval_count.max(1)))).unwrap_or((Interval::Month, 1))
}
