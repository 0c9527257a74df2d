use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// A `PaymentIntent` as JSON, or only its id where nobody asked for the whole of it:
/// <https://docs.stripe.com/api/payment_intents/object>.
#[derive(Debug)]
pub(crate) struct PaymentIntentObject {
    pub(crate) id: String,
    status: Option<String>,
    was_declined: bool,
}

impl PaymentIntentObject {
    /// Nothing will come of what it was tried with; of one that is only named nobody knows. One without an error was not
    /// tried yet: <https://docs.stripe.com/payments/paymentintents/lifecycle>.
    pub(crate) fn has_failed(&self) -> bool {
        match self.status.as_deref() {
            Some("requires_payment_method") => self.was_declined,
            Some("canceled") => true,
            _ => false,
        }
    }
}

impl<'de> Deserialize<'de> for PaymentIntentObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IntentVisitor)
    }
}

#[derive(Deserialize)]
struct Whole {
    id: String,
    status: Option<String>,
    last_payment_error: Option<IgnoredAny>,
}

struct IntentVisitor;

impl<'de> Visitor<'de> for IntentVisitor {
    type Value = PaymentIntentObject;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a PaymentIntent or its id")
    }

    fn visit_str<E: Error>(self, id: &str) -> Result<PaymentIntentObject, E> {
        Ok(PaymentIntentObject { id: id.to_owned(), status: None, was_declined: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<PaymentIntentObject, A::Error> {
        let Whole { id, status, last_payment_error } = Whole::deserialize(MapAccessDeserializer::new(fields))?;
        Ok(PaymentIntentObject { id, status, was_declined: last_payment_error.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> PaymentIntentObject {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_payment_intent_has_failed_when_it_was_declined_or_canceled_and_not_while_it_is_under_way() {
        let table = [
            (r#""pi_1""#, false),
            (r#"{"id":"pi_1"}"#, false),
            (r#"{"id":"pi_1","status":"processing","last_payment_error":{"code":"card_declined"}}"#, false),
            (r#"{"id":"pi_1","status":"requires_action","last_payment_error":null}"#, false),
            (r#"{"id":"pi_1","status":"succeeded","last_payment_error":null}"#, false),
            (r#"{"id":"pi_1","status":"requires_payment_method","last_payment_error":null}"#, false),
            (
                r#"{"status":"requires_payment_method","last_payment_error":{"code":"account_closed"},"id":"pi_1"}"#,
                true,
            ),
            (r#"{"id":"pi_1","status":"canceled","last_payment_error":null}"#, true),
            (r#"{"id":"pi_1","status":"mysterious","last_payment_error":{}}"#, false),
        ];
        for (json, has_failed) in table {
            let intent = read(json);
            assert_eq!((intent.id.as_str(), intent.has_failed()), ("pi_1", has_failed), "{json}");
        }
    }

    #[test]
    fn neither_a_payment_intent_nor_its_id_is_an_error() {
        for json in ["1", "[]", "{}", r#"{"id":1}"#, r#"{"id":null}"#, r#"{"id":"pi_1","status":1}"#] {
            assert!(serde_json::from_str::<PaymentIntentObject>(json).is_err(), "{json}");
        }
    }
}
