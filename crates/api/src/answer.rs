//! Values as the API writes them.

use serde::Serialize;
use settled_domain::money::Money;

/// `{ "minor_units": 1900, "currency": "usd" }`
#[derive(Serialize)]
pub(crate) struct MoneyAnswer {
    minor_units: i64,
    currency: String,
}

impl From<Money> for MoneyAnswer {
    fn from(money: Money) -> Self {
        Self { minor_units: money.minor_units, currency: money.currency.to_string() }
    }
}
