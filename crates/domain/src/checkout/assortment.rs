use std::collections::BTreeSet;

use crate::ids::PriceId;

/// What users may buy out of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Assortment {
    /// Every price that is active and can be quoted.
    #[default]
    Everything,
    /// Of those, only these.
    Only(BTreeSet<PriceId>),
}

impl Assortment {
    /// These prices and no others.
    #[must_use]
    pub fn only(prices: impl IntoIterator<Item = PriceId>) -> Self {
        Self::Only(prices.into_iter().collect())
    }

    /// The price may be sold, if the catalogue has it.
    #[must_use]
    pub fn has(&self, price_id: &PriceId) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(prices) => prices.contains(price_id),
        }
    }
}
