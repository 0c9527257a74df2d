use serde::Deserialize;
use settled_domain::ids::{CustomerId, PriceId, SubscriptionId};
use settled_domain::subscription::SubscriptionSnapshot;

use super::{Expandable, Metadata, Unreadable, second, unreadable, web_address};

/// A subscription as JSON: <https://docs.stripe.com/api/subscriptions/object>.
#[derive(Debug, Deserialize)]
pub(crate) struct SubscriptionObject {
    id: String,
    customer: Expandable,
    status: Option<String>,
    metadata: Option<Metadata>,
    items: Option<Items>,
    cancel_at_period_end: Option<bool>,
    cancel_at: Option<i64>,
    trial_end: Option<i64>,
    /// Only in API versions before 2025-03-31; the items have it since.
    current_period_end: Option<i64>,
    /// From the time before prices; so is `quantity` here.
    plan: Option<Expandable>,
    quantity: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Items {
    #[serde(default)]
    data: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    price: Option<Expandable>,
    plan: Option<Expandable>,
    quantity: Option<u32>,
    current_period_end: Option<i64>,
}

/// Reads a subscription out of JSON.
pub(crate) fn read_subscription(json: &str) -> Result<SubscriptionSnapshot, Unreadable> {
    serde_json::from_str::<SubscriptionObject>(json).map_err(|_| unreadable("a subscription"))?.try_into()
}

impl TryFrom<SubscriptionObject> for SubscriptionSnapshot {
    type Error = Unreadable;

    fn try_from(object: SubscriptionObject) -> Result<Self, Unreadable> {
        let items = object.items.map(|items| items.data).unwrap_or_default();
        let ends = items.iter().filter_map(|item| item.current_period_end);
        let current_period_end = second(ends.min().or(object.current_period_end))?;
        let first = items.into_iter().next();
        let quantity = first.as_ref().and_then(|item| item.quantity).or(object.quantity).unwrap_or(1);
        let price = first.and_then(|item| item.price.or(item.plan)).or(object.plan);
        let metadata = object.metadata.unwrap_or_default();
        Ok(Self {
            id: SubscriptionId::new(object.id).map_err(|_| unreadable("a subscription's id"))?,
            customer_id: CustomerId::new(object.customer.id).map_err(|_| unreadable("a subscription's customer"))?,
            status: object.status.and_then(|word| word.parse().ok()),
            payment_id: metadata.payment_id(),
            slot: metadata.into_slot(),
            price_id: price.and_then(|it| PriceId::new(it.id).ok()).ok_or(unreadable("a subscription's price"))?,
            quantity,
            current_period_end,
            cancel_at_period_end: object.cancel_at_period_end.unwrap_or(false),
            cancel_at: second(object.cancel_at)?,
            trial_end: second(object.trial_end)?,
        })
    }
}

/// A subscription whose latest invoice was asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct PayableSubscription {
    latest_invoice: Option<Invoice>,
}

#[derive(Debug, Deserialize)]
struct Invoice {
    status: Option<String>,
    hosted_invoice_url: Option<String>,
}

impl PayableSubscription {
    /// The page of the latest invoice, if it is open.
    pub(crate) fn into_pay_url(self) -> Option<String> {
        let open = self.latest_invoice.filter(|invoice| invoice.status.as_deref() == Some("open"))?;
        web_address(open.hosted_invoice_url)
    }
}

#[cfg(test)]
mod tests;
