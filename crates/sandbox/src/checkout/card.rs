//! The card fields. Only test cards; no number is ever kept.
//!
//! <https://docs.stripe.com/testing>

use crate::payments::test_methods::{self, TestMethod};

/// The test card of this number.
pub(super) fn number(typed: &str) -> Result<TestMethod, &'static str> {
    let number = digits(typed);
    match test_methods::card_by_number(&number) {
        Some(card) => Ok(card),
        None if number.is_empty() => Err("Your card number is missing."),
        None if !passes_luhn(&number) => Err("Your card number is invalid."),
        None => Err("This sandbox takes only the test cards named above."),
    }
}

/// A number without the gaps that people leave in it.
pub(super) fn digits(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

fn passes_luhn(number: &str) -> bool {
    if !(12..=19).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            let doubled = if place % 2 == 1 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

/// `MM / YY` or `MM/YYYY`, not in the past.
pub(super) fn expiry(typed: &str, (this_year, this_month): (i32, u8)) -> Result<(u8, u16), &'static str> {
    const INCOMPLETE: &str = "Your card's expiration date is incomplete.";
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let (month, year) = digits.split_at_checked(2).ok_or(INCOMPLETE)?;
    let month: u8 = month.parse().map_err(|_| INCOMPLETE)?;
    let year: u16 = match (year.len(), year.parse::<u16>()) {
        (2, Ok(year)) => 2_000 + year,
        (4, Ok(year)) => year,
        _ => return Err(INCOMPLETE),
    };
    if !(1..=12).contains(&month) {
        return Err("Your card's expiration month is invalid.");
    }
    if (i32::from(year), month) < (this_year, this_month) {
        return Err("Your card's expiration date is in the past.");
    }
    if i32::from(year) > this_year + 50 {
        return Err("Your card's expiration year is invalid.");
    }
    Ok((month, year))
}

pub(super) fn cvc(cvc: &str) -> Result<(), &'static str> {
    let valid = cvc.len() == 3 && cvc.bytes().all(|byte| byte.is_ascii_digit());
    valid.then_some(()).ok_or("Your card's security code is incomplete.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Behaviour;

    const NOW: (i32, u8) = (2026, 11);

    #[test]
    fn cards_are_known_by_their_numbers() {
        assert_eq!(number("4242 4242 4242 4242").unwrap().behaviour, Behaviour::Pays);
        assert_eq!(number("4000-0000-0000-0002").unwrap().behaviour, Behaviour::Declines);
    }

    #[test]
    fn wrong_digits_and_unknown_cards_are_told_apart() {
        assert_eq!(number("4242 4242 4242 4243"), Err("Your card number is invalid."));
        assert_eq!(number("5555 5555 5555 4444"), Err("This sandbox takes only the test cards named above."));
    }

    #[test]
    fn a_card_is_good_until_the_end_of_its_month() {
        assert_eq!(expiry("11/26", NOW), Ok((11, 2026)));
        assert_eq!(expiry("12 / 2034", NOW), Ok((12, 2034)));
        assert_eq!(expiry("10/26", NOW), Err("Your card's expiration date is in the past."));
    }
}
