use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// A reference that Stripe writes as an id, or as the whole object when it was asked to expand it:
/// <https://docs.stripe.com/api/expanding_objects>. Only the id is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expandable {
    pub(crate) id: String,
}

impl<'de> Deserialize<'de> for Expandable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

/// By hand and not `#[serde(untagged)]`, which would copy the whole object to look at it twice.
struct IdVisitor;

impl<'de> Visitor<'de> for IdVisitor {
    type Value = Expandable;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an id or an object with an id")
    }

    fn visit_str<E: Error>(self, id: &str) -> Result<Expandable, E> {
        Ok(Expandable { id: id.to_owned() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Expandable, A::Error> {
        let mut id = None;
        while let Some(name) = fields.next_key::<String>()? {
            if name == "id" {
                id = Some(fields.next_value()?);
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        id.map(|id| Expandable { id }).ok_or_else(|| A::Error::missing_field("id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_and_an_expanded_object_are_the_same() {
        for json in
            [r#""cus_1""#, r#"{"id":"cus_1"}"#, r#"{"object":"customer","n":[{"id":"x"}],"id":"cus_1","e":1e999}"#]
        {
            assert_eq!(serde_json::from_str::<Expandable>(json).unwrap().id, "cus_1");
        }
    }

    #[test]
    fn neither_is_an_error() {
        for json in ["1", "[]", "{}", r#"{"id":1}"#, r#"{"id":null}"#] {
            assert!(serde_json::from_str::<Expandable>(json).is_err(), "{json}");
        }
    }
}
