//! Prices in words, for the page before its script has run.

use settled_domain::catalogue::{Recurrence, TrialDays};
use settled_domain::money::Money;

/// Currencies whose minor unit is the whole unit at Stripe: <https://docs.stripe.com/currencies#zero-decimal>. ISK and UGX
/// are counted in hundredths there although they have none.
pub(super) const ZERO_DECIMALS: &[&str] =
    &["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"];

/// Currencies that are counted in thousandths: <https://docs.stripe.com/currencies#three-decimal>.
pub(super) const THREE_DECIMALS: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];

/// `19.00 USD`
pub(super) fn amount(money: Money) -> String {
    let code = money.currency.as_str();
    let decimals = if ZERO_DECIMALS.contains(&code) {
        0
    } else if THREE_DECIMALS.contains(&code) {
        3
    } else {
        2
    };
    let digits = format!("{:0>width$}", money.minor_units.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let sign = if money.minor_units < 0 { "-" } else { "" };
    let point = if decimals == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction} {}", code.to_ascii_uppercase())
}

/// `a month`, `every 3 months`
pub(super) fn cadence(recurrence: &Recurrence) -> String {
    match recurrence.interval_count {
        0 | 1 => format!("a {}", recurrence.interval),
        count => format!("every {count} {}s", recurrence.interval),
    }
}

/// `New subscribers: 14 days free`. Who has had the plan before is not given a trial, so the words must not promise one.
pub(super) fn trial(days: TrialDays) -> String {
    match days.get() {
        1 => "New subscribers: 1 day free".to_owned(),
        days => format!("New subscribers: {days} days free"),
    }
}

#[cfg(test)]
mod tests {
    use settled_domain::money::Currency;

    use super::*;

    #[test]
    fn an_amount_has_as_many_decimals_as_its_currency_has_at_stripe() {
        for (minor_units, code, text) in [
            (1900, "usd", "19.00 USD"),
            (5, "eur", "0.05 EUR"),
            (0, "usd", "0.00 USD"),
            (-1250, "usd", "-12.50 USD"),
            (500, "jpy", "500 JPY"),
            (1234, "kwd", "1.234 KWD"),
            (7, "tnd", "0.007 TND"),
            (50_000, "isk", "500.00 ISK"),
            (i64::MIN, "jpy", "-9223372036854775808 JPY"),
        ] {
            assert_eq!(amount(Money::new(minor_units, Currency::new(code).unwrap())), text);
        }
    }

    #[test]
    fn a_trial_reads_like_speech_and_is_promised_to_new_subscribers_only() {
        let words = |days: u16| trial(TrialDays::try_from(days).unwrap());
        assert_eq!(words(1), "New subscribers: 1 day free");
        assert_eq!(words(14), "New subscribers: 14 days free");
    }

    #[test]
    fn a_recurrence_reads_like_speech() {
        let every = |interval_count, interval: &str| cadence(&Recurrence { interval: interval.into(), interval_count });
        assert_eq!(every(1, "month"), "a month");
        assert_eq!(every(3, "month"), "every 3 months");
    }
}
