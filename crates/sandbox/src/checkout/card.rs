//! What a customer types into the card fields. Only test cards; no number is ever kept.

/// The fields of the payment form.
#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Form {
    pub(crate) email: String,
    pub(crate) card_number: String,
    pub(crate) card_expiry: String,
    pub(crate) card_cvc: String,
    pub(crate) cardholder_name: String,
}

/// A card that the bank has been asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) last4: &'static str,
    pub(crate) exp_month: u8,
    pub(crate) exp_year: u16,
    pub(crate) verdict: Verdict,
}

/// What the bank says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Approved,
    Declined,
}

/// What is wrong with each field, in words for the customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Problems {
    pub(crate) email: Option<&'static str>,
    pub(crate) number: Option<&'static str>,
    pub(crate) expiry: Option<&'static str>,
    pub(crate) cvc: Option<&'static str>,
    pub(crate) name: Option<&'static str>,
}

impl Problems {
    pub(crate) fn any(&self) -> bool {
        *self != Self::default()
    }
}

const FIELD_CHARS_MAX: usize = 500;

impl Form {
    /// The card, if every field is right. `now` is the year and the month.
    pub(crate) fn read(&self, now: (i32, u8)) -> Result<Card, Problems> {
        let email = valid_email(self.email.trim());
        let number = test_card(&self.card_number);
        let expiry = expiry(&self.card_expiry, now);
        let cvc = valid_cvc(self.card_cvc.trim());
        let name = valid_name(self.cardholder_name.trim());
        match (&email, &number, &expiry, &cvc, &name) {
            (Ok(email), Ok((last4, verdict)), Ok((month, year)), Ok(()), Ok(name)) => Ok(Card {
                email: (*email).to_owned(),
                name: (*name).to_owned(),
                last4,
                exp_month: *month,
                exp_year: *year,
                verdict: *verdict,
            }),
            _ => Err(Problems {
                email: email.err(),
                number: number.err(),
                expiry: expiry.err(),
                cvc: cvc.err(),
                name: name.err(),
            }),
        }
    }
}

fn valid_email(email: &str) -> Result<&str, &'static str> {
    if email.is_empty() {
        return Err("Your email is missing.");
    }
    let (local, domain) = email.rsplit_once('@').unwrap_or_default();
    let valid = !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !email.contains(char::is_whitespace)
        && email.chars().count() <= FIELD_CHARS_MAX;
    valid.then_some(email).ok_or("Your email is invalid.")
}

/// <https://docs.stripe.com/testing>
fn test_card(typed: &str) -> Result<(&'static str, Verdict), &'static str> {
    let number: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    match number.as_str() {
        "" => Err("Your card number is missing."),
        "4242424242424242" => Ok(("4242", Verdict::Approved)),
        "4000000000000002" => Ok(("0002", Verdict::Declined)),
        other if !passes_luhn(other) => Err("Your card number is invalid."),
        _ => Err("This sandbox takes only the test cards named above."),
    }
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
fn expiry(typed: &str, (this_year, this_month): (i32, u8)) -> Result<(u8, u16), &'static str> {
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

fn valid_cvc(cvc: &str) -> Result<(), &'static str> {
    let valid = cvc.len() == 3 && cvc.bytes().all(|byte| byte.is_ascii_digit());
    valid.then_some(()).ok_or("Your card's security code is incomplete.")
}

fn valid_name(name: &str) -> Result<&str, &'static str> {
    if name.is_empty() {
        return Err("The name on the card is missing.");
    }
    let valid = name.chars().count() <= FIELD_CHARS_MAX && !name.contains(char::is_control);
    valid.then_some(name).ok_or("The name on the card is invalid.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: (i32, u8) = (2026, 11);

    fn form(number: &str, expiry: &str) -> Form {
        Form {
            email: "ada@example.com".to_owned(),
            card_number: number.to_owned(),
            card_expiry: expiry.to_owned(),
            card_cvc: "123".to_owned(),
            cardholder_name: "Ada Lovelace".to_owned(),
        }
    }

    #[test]
    fn the_card_of_4242s_is_approved() {
        let card = form("4242 4242 4242 4242", "12 / 34").read(NOW).unwrap();
        assert_eq!((card.last4, card.verdict), ("4242", Verdict::Approved));
        assert_eq!((card.exp_month, card.exp_year), (12, 2034));
    }

    #[test]
    fn the_card_ending_in_0002_is_declined() {
        let card = form("4000000000000002", "12/2034").read(NOW).unwrap();
        assert_eq!(card.verdict, Verdict::Declined);
    }

    #[test]
    fn wrong_digits_and_unknown_cards_are_told_apart() {
        let problem = |number| form(number, "12/34").read(NOW).unwrap_err().number;
        assert_eq!(problem("4242 4242 4242 4243"), Some("Your card number is invalid."));
        assert_eq!(problem("5555 5555 5555 4444"), Some("This sandbox takes only the test cards named above."));
    }

    #[test]
    fn a_card_is_good_until_the_end_of_its_month() {
        assert!(form("4242424242424242", "11/26").read(NOW).is_ok());
        let problems = form("4242424242424242", "10/26").read(NOW).unwrap_err();
        assert_eq!(problems.expiry, Some("Your card's expiration date is in the past."));
    }

    #[test]
    fn every_empty_field_is_named() {
        let problems = Form::default().read(NOW).unwrap_err();
        let Problems { email, number, expiry, cvc, name } = problems;
        assert!([email, number, expiry, cvc, name].iter().all(Option::is_some));
    }
}
