//! What a customer types into the payment page.

use super::{bank, card};
use crate::objects::{MethodKind, PaymentMethod};
use crate::payments::test_methods::TestMethod;

/// The fields of the payment form.
#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Form {
    pub(crate) email: String,
    /// `card` or `us_bank_account`; empty, as of an older page, is a card.
    pub(crate) payment_method: String,
    pub(crate) card_number: String,
    pub(crate) card_expiry: String,
    pub(crate) card_cvc: String,
    pub(crate) cardholder_name: String,
    pub(crate) routing_number: String,
    pub(crate) account_number: String,
    pub(crate) account_holder: String,
    pub(crate) promotion_code: String,
    /// Which button was pressed: `apply` and `remove` are those of the promotion code.
    pub(crate) action: String,
}

/// What the session can be paid with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payable {
    Nothing,
    ByCard,
    ByCardOrAccount,
}

impl Payable {
    pub(crate) fn needs_method(self) -> bool {
        self != Self::Nothing
    }

    pub(crate) fn takes_account(self) -> bool {
        self == Self::ByCardOrAccount
    }
}

/// A form whose every field is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) means: Option<Means>,
}

/// What is paid with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Means {
    Card { card: TestMethod, expiry: (u8, u16) },
    Account(TestMethod),
}

impl Entry {
    /// The payment method as an object, nobody's yet. Of its number only the last digits are kept.
    pub(crate) fn payment_method(&self, now: i64) -> Option<PaymentMethod> {
        let mut method = match self.means.as_ref()? {
            Means::Card { card, expiry } => card.payment_method(MethodKind::Card, now, *expiry),
            Means::Account(account) => account.payment_method(MethodKind::UsBankAccount, now, (0, 0)),
        };
        method.email = Some(self.email.clone());
        method.name = Some(self.name.clone());
        Some(method)
    }
}

/// What is wrong with each field, in words for the customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Problems {
    pub(crate) email: Option<&'static str>,
    pub(crate) number: Option<&'static str>,
    pub(crate) expiry: Option<&'static str>,
    pub(crate) cvc: Option<&'static str>,
    pub(crate) name: Option<&'static str>,
    pub(crate) routing: Option<&'static str>,
    pub(crate) account: Option<&'static str>,
    pub(crate) holder: Option<&'static str>,
    pub(crate) code: Option<&'static str>,
}

impl Problems {
    /// A field of the payment itself is wrong; the promotion code has a form of its own.
    pub(crate) fn in_payment(&self) -> bool {
        *self != Self { code: self.code, ..Self::default() }
    }
}

const FIELD_CHARS_MAX: usize = 500;

impl Form {
    pub(crate) fn is_by_account(&self) -> bool {
        self.payment_method == MethodKind::UsBankAccount.name()
    }

    /// The entry, if every field is right. `now` is the year and the month.
    pub(crate) fn read(&self, payable: Payable, now: (i32, u8)) -> Result<Entry, Box<Problems>> {
        match payable {
            Payable::Nothing => self.read_person(),
            Payable::ByCardOrAccount if self.is_by_account() => self.read_account(),
            Payable::ByCard | Payable::ByCardOrAccount => self.read_card(now),
        }
    }

    fn read_person(&self) -> Result<Entry, Box<Problems>> {
        let email = valid_email(self.email.trim());
        let email = email.map_err(|problem| Box::new(Problems { email: Some(problem), ..Problems::default() }))?;
        Ok(Entry { email: email.to_owned(), name: self.cardholder_name.trim().to_owned(), means: None })
    }

    fn read_card(&self, now: (i32, u8)) -> Result<Entry, Box<Problems>> {
        let email = valid_email(self.email.trim());
        let number = card::number(&self.card_number);
        let expiry = card::expiry(&self.card_expiry, now);
        let cvc = card::cvc(self.card_cvc.trim());
        let name = valid_name(self.cardholder_name.trim());
        match (email, number, expiry, cvc, name) {
            (Ok(email), Ok(card), Ok(expiry), Ok(()), Ok(name)) => {
                Ok(Entry { email: email.to_owned(), name: name.to_owned(), means: Some(Means::Card { card, expiry }) })
            }
            _ => Err(Box::new(Problems {
                email: email.err(),
                number: number.err(),
                expiry: expiry.err(),
                cvc: cvc.err(),
                name: name.err(),
                ..Problems::default()
            })),
        }
    }

    fn read_account(&self) -> Result<Entry, Box<Problems>> {
        let email = valid_email(self.email.trim());
        let routing = bank::routing_number(&self.routing_number);
        let account = bank::account_number(&self.account_number);
        let holder = valid_name(self.account_holder.trim());
        match (email, routing, account, holder) {
            (Ok(email), Ok(()), Ok(account), Ok(holder)) => {
                Ok(Entry { email: email.to_owned(), name: holder.to_owned(), means: Some(Means::Account(account)) })
            }
            _ => Err(Box::new(Problems {
                email: email.err(),
                routing: routing.err(),
                account: account.err(),
                holder: holder.err(),
                ..Problems::default()
            })),
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

fn valid_name(name: &str) -> Result<&str, &'static str> {
    if name.is_empty() {
        return Err("The name is missing.");
    }
    let valid = name.chars().count() <= FIELD_CHARS_MAX && !name.contains(char::is_control);
    valid.then_some(name).ok_or("The name is invalid.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: (i32, u8) = (2026, 11);

    #[test]
    fn every_empty_field_is_named() {
        let problems = Form::default().read(Payable::ByCard, NOW).unwrap_err();
        let Problems { email, number, expiry, cvc, name, .. } = *problems;
        assert!([email, number, expiry, cvc, name].iter().all(Option::is_some));
    }

    #[test]
    fn a_bank_account_needs_no_card() {
        let form = Form {
            email: "ada@example.com".to_owned(),
            payment_method: "us_bank_account".to_owned(),
            routing_number: "110000000".to_owned(),
            account_number: "000123456789".to_owned(),
            account_holder: "Ada Lovelace".to_owned(),
            ..Form::default()
        };
        let entry = form.read(Payable::ByCardOrAccount, NOW).unwrap();
        assert!(matches!(entry.means, Some(Means::Account(_))));
        assert!(form.read(Payable::ByCard, NOW).is_err());
    }

    #[test]
    fn what_costs_nothing_needs_only_an_email() {
        let form = Form { email: "ada@example.com".to_owned(), ..Form::default() };
        assert_eq!(form.read(Payable::Nothing, NOW).unwrap().means, None);
    }
}
