//! The parameters of one request, read one by one; what nobody read is unknown and refused.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::Value;

use crate::errors::StripeError;
use crate::form::{self, Node};

/// String pairs that a caller hangs on an object.
pub(crate) type Metadata = BTreeMap<String, String>;

const METADATA_KEYS_MAX: usize = 50;
const METADATA_KEY_CHARS_MAX: usize = 40;
const METADATA_VALUE_CHARS_MAX: usize = 500;
const TEXT_CHARS_MAX: usize = 5_000;

/// A group of parameters. Every getter takes what it reads, so that [`Params::finish`] knows what
/// is left.
#[derive(Debug, Default)]
pub(crate) struct Params {
    name: Option<String>,
    fields: BTreeMap<String, Node>,
}

impl Params {
    pub(crate) fn new(fields: BTreeMap<String, Node>) -> Self {
        Self { name: None, fields }
    }

    /// The full name of a parameter of this group, e.g. `line_items[0][price]`.
    pub(crate) fn full_name(&self, key: &str) -> String {
        match &self.name {
            Some(group) => format!("{group}[{key}]"),
            None => key.to_owned(),
        }
    }

    /// A text. Empty is refused: on creation there is nothing to unset.
    pub(crate) fn text(&mut self, key: &str) -> Result<Option<String>, StripeError> {
        match self.clearable_text(key)? {
            Some(text) if text.is_empty() => Err(StripeError::empty(&self.full_name(key))),
            text => Ok(text),
        }
    }

    /// A text where empty means "unset it".
    pub(crate) fn clearable_text(&mut self, key: &str) -> Result<Option<String>, StripeError> {
        match self.fields.remove(key) {
            None => Ok(None),
            Some(Node::Text(text)) if text.chars().count() > TEXT_CHARS_MAX => {
                let name = self.full_name(key);
                Err(StripeError::invalid(format!("Invalid string: must be at most {TEXT_CHARS_MAX} characters"))
                    .with_code("parameter_invalid_string")
                    .with_param(name))
            }
            Some(Node::Text(text)) => Ok(Some(text)),
            Some(Node::Group(_)) => {
                Err(StripeError::invalid("Invalid string: expected a string, got a hash")
                    .with_param(self.full_name(key)))
            }
        }
    }

    /// An e-mail address, or empty for "unset it".
    pub(crate) fn email(&mut self, key: &str) -> Result<Option<String>, StripeError> {
        let email = self.clearable_text(key)?;
        let plausible = |text: &str| {
            let (local, domain) = text.rsplit_once('@').unwrap_or_default();
            !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace)
        };
        match email {
            Some(text) if !text.is_empty() && !plausible(&text) => {
                let shown: String = text.chars().take(100).collect();
                Err(StripeError::invalid(format!("Invalid email address: {shown}"))
                    .with_code("email_invalid")
                    .with_param(self.full_name(key)))
            }
            email => Ok(email),
        }
    }

    pub(crate) fn required_text(&mut self, key: &str) -> Result<String, StripeError> {
        let name = self.full_name(key);
        self.text(key)?.ok_or_else(|| StripeError::missing(&name))
    }

    /// A whole number within `range`.
    pub(crate) fn integer(&mut self, key: &str, range: &RangeInclusive<i64>) -> Result<Option<i64>, StripeError> {
        let name = self.full_name(key);
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        let refuse = |message: String| {
            StripeError::invalid(message).with_code("parameter_invalid_integer").with_param(name.clone())
        };
        let shown: String = text.chars().take(50).collect();
        let number: i64 = text.parse().map_err(|_| refuse(format!("Invalid integer: {shown}")))?;
        let (least, most) = (range.start(), range.end());
        if number < *least {
            return Err(refuse(format!("This value must be greater than or equal to {least}.")));
        }
        if number > *most {
            return Err(refuse(format!(
                "This value must be less than or equal to {most} (it currently is '{shown}')."
            )));
        }
        Ok(Some(number))
    }

    pub(crate) fn boolean(&mut self, key: &str) -> Result<Option<bool>, StripeError> {
        let name = self.full_name(key);
        match self.text(key)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                let shown: String = other.chars().take(50).collect();
                Err(StripeError::invalid(format!("Invalid boolean: {shown}")).with_param(name))
            }
        }
    }

    /// One of Stripe's named values.
    pub(crate) fn choice(&mut self, key: &str, choices: &[&'static str]) -> Result<Option<&'static str>, StripeError> {
        let name = self.full_name(key);
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        let known = choices.iter().copied().find(|choice| *choice == text);
        known.map(Some).ok_or_else(|| {
            StripeError::invalid(format!("Invalid {name}: must be one of {}", choices.join(", "))).with_param(name)
        })
    }

    pub(crate) fn group(&mut self, key: &str) -> Result<Option<Self>, StripeError> {
        let name = self.full_name(key);
        match self.fields.remove(key) {
            None => Ok(None),
            Some(Node::Group(fields)) => Ok(Some(Self { name: Some(name), fields })),
            Some(Node::Text(_)) => Err(StripeError::invalid("Invalid object").with_param(name)),
        }
    }

    /// A group, for parameters that may also be a text; a text is left for another getter.
    pub(crate) fn group_unless_text(&mut self, key: &str) -> Option<Self> {
        match self.fields.get(key) {
            Some(Node::Group(_)) => self.group(key).ok().flatten(),
            _ => None,
        }
    }

    /// A list of groups.
    pub(crate) fn groups(&mut self, key: &str) -> Result<Vec<Self>, StripeError> {
        let name = self.full_name(key);
        let mut groups = Vec::new();
        for (index, node) in self.list(key)?.into_iter().enumerate() {
            let name = format!("{name}[{index}]");
            match node {
                Node::Group(fields) => groups.push(Self { name: Some(name), fields }),
                Node::Text(_) => {
                    return Err(StripeError::invalid("Invalid object").with_param(name));
                }
            }
        }
        Ok(groups)
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, key: &str) -> Result<Vec<String>, StripeError> {
        let name = self.full_name(key);
        self.list(key)?
            .into_iter()
            .map(|node| match node {
                Node::Text(text) => Ok(text),
                Node::Group(_) => Err(StripeError::invalid("Invalid string").with_param(&name)),
            })
            .collect()
    }

    fn list(&mut self, key: &str) -> Result<Vec<Node>, StripeError> {
        let list = match self.fields.remove(key) {
            None => Some(Vec::new()),
            Some(Node::Group(group)) => form::members(group),
            Some(Node::Text(_)) => None,
        };
        list.ok_or_else(|| StripeError::invalid("Invalid array").with_param(self.full_name(key)))
    }

    /// Changes to metadata: an empty value removes its key, an empty text removes all.
    pub(crate) fn metadata(&mut self, key: &str) -> Result<MetadataChange, StripeError> {
        let name = self.full_name(key);
        let group = match self.fields.remove(key) {
            None => return Ok(MetadataChange::Keep),
            Some(Node::Text(text)) if text.is_empty() => return Ok(MetadataChange::Clear),
            Some(Node::Text(_)) => {
                return Err(StripeError::invalid("Invalid object").with_param(name));
            }
            Some(Node::Group(group)) => group,
        };
        let mut pairs = Metadata::new();
        for (field, node) in group {
            let param = format!("{name}[{field}]");
            let Node::Text(value) = node else {
                return Err(StripeError::invalid("Invalid string").with_param(param));
            };
            let too_long =
                field.chars().count() > METADATA_KEY_CHARS_MAX || value.chars().count() > METADATA_VALUE_CHARS_MAX;
            if too_long {
                return Err(StripeError::invalid(format!(
                    "Metadata keys can have up to {METADATA_KEY_CHARS_MAX} characters and values \
                     up to {METADATA_VALUE_CHARS_MAX}."
                ))
                .with_param(param));
            }
            pairs.insert(field, value);
        }
        Ok(MetadataChange::Merge(pairs))
    }

    /// Metadata of an object that is being created.
    pub(crate) fn new_metadata(&mut self, key: &str) -> Result<Metadata, StripeError> {
        let name = self.full_name(key);
        self.metadata(key)?.applied_to(&Metadata::new(), &name)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    /// Refuses what Stripe takes but nothing here would act on; better than ignoring it.
    pub(crate) fn refuse_unsimulated(&self, keys: &[&str]) -> Result<(), StripeError> {
        match keys.iter().find(|key| self.fields.contains_key(**key)) {
            Some(key) => Err(StripeError::not_simulated(&self.full_name(key))),
            None => Ok(()),
        }
    }

    /// Refuses what was not read.
    pub(crate) fn finish(self) -> Result<(), StripeError> {
        if self.fields.is_empty() {
            return Ok(());
        }
        let unknown: Vec<_> = self.fields.keys().map(|key| self.full_name(key)).collect();
        Err(StripeError::unknown_parameters(&unknown))
    }

    /// The same parameters in one canonical text, whatever their order was.
    pub(crate) fn canonical(fields: &BTreeMap<String, Node>) -> String {
        fn value(fields: &BTreeMap<String, Node>) -> Value {
            let pairs = fields.iter().map(|(key, node)| {
                let inner = match node {
                    Node::Text(text) => Value::String(text.clone()),
                    Node::Group(group) => value(group),
                };
                (key.clone(), inner)
            });
            Value::Object(pairs.collect())
        }
        value(fields).to_string()
    }
}

/// What a request does to an object's metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MetadataChange {
    Keep,
    Clear,
    Merge(Metadata),
}

impl MetadataChange {
    /// The metadata afterwards. `param` is named when there would be too many keys.
    pub(crate) fn applied_to(self, current: &Metadata, param: &str) -> Result<Metadata, StripeError> {
        let mut result = match self {
            Self::Clear => Metadata::new(),
            _ => current.clone(),
        };
        if let Self::Merge(pairs) = self {
            result.extend(pairs);
            result.retain(|_, value| !value.is_empty());
        }
        if result.len() > METADATA_KEYS_MAX {
            return Err(StripeError::invalid(format!("You can have up to {METADATA_KEYS_MAX} metadata keys."))
                .with_param(param));
        }
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(encoded: &str) -> Params {
        Params::new(form::parse(encoded.as_bytes()).unwrap())
    }

    #[test]
    fn what_nobody_read_is_unknown() {
        let mut params = params("mode=payment&payment_method_types[0]=card");
        params.text("mode").unwrap();
        let error = params.finish().unwrap_err();
        assert_eq!(error.code, Some("parameter_unknown"));
        assert_eq!(error.param.as_deref(), Some("payment_method_types"));
    }

    #[test]
    fn unknown_fields_of_a_list_member_are_named_in_full() {
        let mut params = params("line_items[0][prise]=p");
        let item = params.groups("line_items").unwrap().remove(0);
        let error = item.finish().unwrap_err();
        assert_eq!(error.param.as_deref(), Some("line_items[0][prise]"));
    }

    #[test]
    fn integers_are_whole_and_within_their_range() {
        for encoded in ["limit=x", "limit=1.5", "limit=0", "limit=101", "limit=99999999999999999999"] {
            let error = params(encoded).integer("limit", &(1..=100)).unwrap_err();
            assert_eq!(error.code, Some("parameter_invalid_integer"), "{encoded}");
        }
        assert_eq!(params("limit=7").integer("limit", &(1..=100)), Ok(Some(7)));
    }

    #[test]
    fn an_empty_text_is_refused_by_name() {
        let error = params("email=").text("email").unwrap_err();
        assert_eq!(error.code, Some("parameter_invalid_empty"));
    }

    #[test]
    fn metadata_merges_and_an_empty_value_removes_its_key() {
        let before = Metadata::from([("a".into(), "1".into()), ("b".into(), "2".into())]);
        let change = params("metadata[a]=&metadata[c]=3").metadata("metadata").unwrap();
        let after = change.applied_to(&before, "metadata").unwrap();
        assert_eq!(after, Metadata::from([("b".into(), "2".into()), ("c".into(), "3".into())]));
    }

    #[test]
    fn fifty_one_metadata_keys_are_too_many() {
        let pairs: Vec<_> = (0..51).map(|n| format!("metadata[k{n}]=v")).collect();
        assert!(params(&pairs.join("&")).new_metadata("metadata").is_err());
    }

    #[test]
    fn the_canonical_text_does_not_depend_on_the_order() {
        let one = form::parse(b"a=1&b[c]=2").unwrap();
        let other = form::parse(b"b[c]=2&a=1").unwrap();
        assert_eq!(Params::canonical(&one), Params::canonical(&other));
    }
}
