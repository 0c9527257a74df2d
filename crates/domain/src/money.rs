//! Amounts of money: whole minor units of one currency, with checked arithmetic.

use std::fmt;

/// A three-letter currency code in lower case, as Stripe writes it (`usd`).
///
/// Which codes exist is Stripe's business: <https://docs.stripe.com/currencies>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// The text is not three ASCII letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a three-letter currency code")]
pub struct InvalidCurrency;

impl Currency {
    /// Takes three ASCII letters of either case.
    ///
    /// # Errors
    ///
    /// [`InvalidCurrency`] for anything else.
    pub fn new(code: &str) -> Result<Self, InvalidCurrency> {
        let bytes: [u8; 3] = code.as_bytes().try_into().map_err(|_| InvalidCurrency)?;
        if bytes.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(bytes.map(|byte| byte.to_ascii_lowercase())))
        } else {
            Err(InvalidCurrency)
        }
    }

    /// The code in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The constructor lets nothing but ASCII letters in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// An amount in the currency's minor unit (cents for `usd`, whole yen for `jpy`), as Stripe counts it:
/// <https://docs.stripe.com/currencies#minor-units>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// How many minor units.
    pub minor_units: i64,
    /// Of which currency.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    #[must_use]
    pub const fn new(minor_units: i64, currency: Currency) -> Self {
        Self { minor_units, currency }
    }

    /// This amount so many times, or `None` when that does not fit.
    #[must_use]
    pub fn checked_times(self, quantity: Quantity) -> Option<Self> {
        let minor_units = self.minor_units.checked_mul(i64::from(quantity.get()))?;
        Some(Self { minor_units, ..self })
    }
}

/// How many of a price are bought: 1 to [`Quantity::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(u32);

/// The number is not between 1 and [`Quantity::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("quantity must be between 1 and {}", Quantity::MAX)]
pub struct InvalidQuantity;

impl Quantity {
    /// One.
    pub const ONE: Self = Self(1);
    /// The most that one checkout takes; what is larger is a mistake or an attack.
    pub const MAX: u32 = 999_999;

    /// Takes 1 to [`Quantity::MAX`].
    ///
    /// # Errors
    ///
    /// [`InvalidQuantity`] for anything else.
    pub fn new(quantity: i64) -> Result<Self, InvalidQuantity> {
        match u32::try_from(quantity) {
            Ok(quantity @ 1..=Self::MAX) => Ok(Self(quantity)),
            _ => Err(InvalidQuantity),
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_three_letters_in_lower_case() {
        assert_eq!(Currency::new("USD").unwrap().as_str(), "usd");
        for code in ["", "us", "usdd", "u$d", "€"] {
            assert_eq!(Currency::new(code), Err(InvalidCurrency));
        }
    }

    #[test]
    fn a_product_that_does_not_fit_is_none_and_not_a_wrong_amount() {
        let usd = Currency::new("usd").unwrap();
        let two = Quantity::new(2).unwrap();
        assert_eq!(Money::new(1900, usd).checked_times(two), Some(Money::new(3800, usd)));
        assert_eq!(Money::new(i64::MAX, usd).checked_times(two), None);
    }

    #[test]
    fn a_quantity_is_one_to_the_limit() {
        assert_eq!(Quantity::new(1), Ok(Quantity::ONE));
        assert!(Quantity::new(i64::from(Quantity::MAX)).is_ok());
        for wrong in [0, -1, i64::from(Quantity::MAX) + 1, i64::MAX] {
            assert_eq!(Quantity::new(wrong), Err(InvalidQuantity));
        }
    }
}
