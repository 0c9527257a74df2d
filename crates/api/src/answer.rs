//! Values as the API writes them.

use serde::Serialize;
use settled_domain::money::Money;
use utoipa::ToSchema;

/// An amount of money.
#[derive(Serialize, ToSchema)]
#[schema(as = Money)]
pub(crate) struct MoneyAnswer {
    /// In the currency's smallest unit: cents for most.
    minor_units: i64,
    /// The ISO 4217 code in lower case.
    #[schema(pattern = "^[a-z]{3}$")]
    currency: String,
}

impl From<Money> for MoneyAnswer {
    fn from(money: Money) -> Self {
        Self { minor_units: money.minor_units, currency: money.currency.to_string() }
    }
}
