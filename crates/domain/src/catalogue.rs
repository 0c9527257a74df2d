//! What is for sale, as Stripe's catalogue has it. Amounts come from here and never from a client.

mod trial;

use std::fmt;

pub use trial::{InvalidTrial, TrialDays};

use crate::ids::{MAX_ID_BYTES, PriceId};
use crate::money::Money;
use crate::payment::CheckoutMode;

/// What a user may have one of: two open checkouts or two live subscriptions in one slot are impossible.
///
/// A one-time price is its own slot. Recurring prices share `default` unless their product's metadata names a `slot`, so
/// a user has one subscription unless the catalogue says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(String);

impl Slot {
    /// The slot of recurring prices whose product names none.
    pub const DEFAULT: &str = "default";

    /// A slot of this name; a blank or overlong name counts as none.
    #[must_use]
    pub fn named(name: Option<&str>) -> Self {
        match name.map(str::trim) {
            Some(name) if (1..=MAX_ID_BYTES).contains(&name.len()) => Self(name.to_owned()),
            _ => Self(Self::DEFAULT.to_owned()),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// How often a recurring price is charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    /// `day`, `week`, `month` or `year`.
    pub interval: String,
    /// Every how many of them.
    pub interval_count: u32,
}

/// A price that can be sold: active, with one whole amount per unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The price.
    pub price_id: PriceId,
    /// What one costs.
    pub unit: Money,
    /// What buying it makes.
    pub mode: CheckoutMode,
    /// How often it is charged, in mode `subscription`.
    pub recurrence: Option<Recurrence>,
    /// How long it is free for a user who has never had a subscription in its slot, in mode `subscription`.
    pub trial: Option<TrialDays>,
    /// The product's name, for the storefront.
    pub product_name: String,
    /// The product's description, for the storefront.
    pub product_description: Option<String>,
    /// `metadata.slot` of the product.
    pub product_slot: Option<String>,
}

impl Quote {
    /// What the user may have one of when buying this.
    #[must_use]
    pub fn slot(&self) -> Slot {
        match self.mode {
            CheckoutMode::Payment => Slot(self.price_id.as_str().to_owned()),
            CheckoutMode::Subscription => Slot::named(self.product_slot.as_deref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::one_time_quote;

    /// A store reads a slot back with `Slot::named`.
    #[test]
    fn the_slot_of_the_longest_price_id_is_read_back_as_it_was() {
        let price_id = PriceId::new(format!("price_{}", "a".repeat(MAX_ID_BYTES - 6))).unwrap();
        let slot = Quote { price_id, ..one_time_quote() }.slot();
        assert_eq!(Slot::named(Some(slot.as_str())), slot);
    }

    #[test]
    fn a_blank_or_overlong_name_is_no_name() {
        for name in [None, Some(""), Some(" "), Some(&*"a".repeat(MAX_ID_BYTES + 1))] {
            assert_eq!(Slot::named(name).as_str(), Slot::DEFAULT);
        }
    }
}
