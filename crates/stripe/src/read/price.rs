use serde::Deserialize;
use serde::de::IgnoredAny;
use settled_domain::catalogue::{Quote, Recurrence, TrialDays};
use settled_domain::ids::PriceId;
use settled_domain::money::{Currency, Money};
use settled_domain::payment::CheckoutMode;

use super::is_plain;

/// A price with its product expanded: <https://docs.stripe.com/api/prices/object>.
#[derive(Debug, Deserialize)]
pub(crate) struct PriceObject {
    id: String,
    #[serde(default)]
    active: bool,
    currency: String,
    billing_scheme: Option<String>,
    /// Absent when the amount is not one whole number: tiers, fractions of a cent, chosen by the customer.
    unit_amount: Option<i64>,
    custom_unit_amount: Option<IgnoredAny>,
    transform_quantity: Option<IgnoredAny>,
    recurring: Option<Recurring>,
    metadata: Option<PriceMetadata>,
    product: Product,
}

#[derive(Debug, Deserialize)]
struct Recurring {
    interval: String,
    interval_count: Option<u32>,
    usage_type: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PriceMetadata {
    trial_days: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Product {
    /// Absent, so `false`, in what is left of a deleted product.
    #[serde(default)]
    active: bool,
    name: Option<String>,
    description: Option<String>,
    metadata: Option<ProductMetadata>,
}

#[derive(Debug, Deserialize)]
struct ProductMetadata {
    slot: Option<String>,
    trial_days: Option<String>,
}

/// `trial_days` is no number of days.
struct UnclearTrial;

impl PriceObject {
    /// The quote, unless the price cannot be sold: what one costs must be one whole number, known beforehand.
    pub(crate) fn into_quote(self) -> Option<Quote> {
        let is_metered = self.recurring.as_ref().is_some_and(|it| it.usage_type.as_deref() == Some("metered"));
        let is_flat = self.billing_scheme.as_deref().is_none_or(|scheme| scheme == "per_unit")
            && self.custom_unit_amount.is_none()
            && self.transform_quantity.is_none()
            && !is_metered;
        if !(is_flat && self.active && self.product.active) {
            return None;
        }
        let unit = self.unit_amount.filter(|amount| *amount >= 0)?;
        let trial = self.trial().inspect_err(|UnclearTrial| self.warn_of_trial()).ok()?;
        let mode = if self.recurring.is_some() { CheckoutMode::Subscription } else { CheckoutMode::Payment };
        Some(Quote {
            price_id: PriceId::new(self.id).ok()?,
            unit: Money::new(unit, Currency::new(&self.currency).ok()?),
            mode,
            recurrence: self
                .recurring
                .map(|it| Recurrence { interval: it.interval, interval_count: it.interval_count.unwrap_or(1) }),
            trial,
            product_name: self.product.name.unwrap_or_default(),
            product_description: self.product.description,
            product_slot: self.product.metadata.and_then(|it| it.slot).filter(|slot| is_plain(slot)),
        })
    }

    /// What the price's metadata say of a trial, or else the product's. `0` is none, so that one price of a product can
    /// go without.
    fn trial(&self) -> Result<Option<TrialDays>, UnclearTrial> {
        if self.recurring.is_none() {
            return Ok(None);
        }
        let of_price = self.metadata.as_ref().and_then(|it| it.trial_days.as_deref());
        let of_product = || self.product.metadata.as_ref()?.trial_days.as_deref();
        match of_price.or_else(of_product).map(str::trim) {
            None | Some("0") => Ok(None),
            Some(days) => {
                let days: u16 = days.parse().map_err(|_| UnclearTrial)?;
                TrialDays::try_from(days).map(Some).map_err(|_| UnclearTrial)
            }
        }
    }

    /// Nobody is to pay at once who was promised a trial, so the price isn't sold until the catalogue is mended.
    fn warn_of_trial(&self) {
        tracing::warn!(price_id = %self.id, "the metadata trial_days are no number from 0 to 730; the price is not sold");
    }
}

#[cfg(test)]
mod tests;
