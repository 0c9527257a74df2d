//! Amounts as people read them.

/// Currencies without a smaller unit.
///
/// <https://docs.stripe.com/currencies#zero-decimal>
const ZERO_DECIMAL: [&str; 16] =
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"];

/// An amount in a currency's smallest unit, e.g. `$19.05` or `1500 JPY`.
pub(crate) fn money(minor_units: i64, currency: &str) -> String {
    let sign = if minor_units < 0 { "−" } else { "" };
    let amount = minor_units.unsigned_abs();
    let code = currency.to_uppercase();
    if ZERO_DECIMAL.contains(&currency) {
        return format!("{sign}{amount} {code}");
    }
    let (whole, cents) = (amount / 100, amount % 100);
    match currency {
        "usd" => format!("{sign}${whole}.{cents:02}"),
        _ => format!("{sign}{whole}.{cents:02} {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::money;

    #[test]
    fn dollars_have_cents_and_yen_have_none() {
        assert_eq!(money(1_905, "usd"), "$19.05");
        assert_eq!(money(-980, "usd"), "−$9.80");
        assert_eq!(money(1_905, "eur"), "19.05 EUR");
        assert_eq!(money(1_905, "jpy"), "1905 JPY");
    }
}
