//! Stripe's form encoding: `line_items[0][price]=price_1` and its nesting.

use std::collections::BTreeMap;

use crate::errors::StripeError;

const MAX_DEPTH: usize = 8;
const MAX_PAIRS: usize = 1_000;

/// One parameter: a text, or a group of named ones. Lists are groups named `0`, `1`, ….
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Text(String),
    Group(BTreeMap<String, Node>),
}

/// Reads a query string or a form body.
///
/// # Errors
///
/// More pairs or deeper nesting than any request of Stripe's API has, or a name that is a text
/// and a group at once.
pub(crate) fn parse(encoded: &[u8]) -> Result<BTreeMap<String, Node>, StripeError> {
    let mut root = BTreeMap::new();
    for (count, (name, value)) in url::form_urlencoded::parse(encoded).enumerate() {
        if count >= MAX_PAIRS {
            return Err(StripeError::invalid("The request has too many parameters."));
        }
        let path = split(&name)?;
        insert(&mut root, &path, value.into_owned()).ok_or_else(|| invalid_name(&name))?;
    }
    Ok(root)
}

/// `a[b][]` is `["a", "b", ""]`.
fn split(name: &str) -> Result<Vec<&str>, StripeError> {
    let (head, tail) = name.split_once('[').map_or((name, None), |(head, tail)| (head, Some(tail)));
    let mut path = vec![head];
    if let Some(tail) = tail {
        let inner = tail.strip_suffix(']').ok_or_else(|| invalid_name(name))?;
        path.extend(inner.split("]["));
    }
    let malformed = head.is_empty() || path.len() > MAX_DEPTH || path.iter().any(|part| part.contains(['[', ']']));
    if malformed {
        return Err(invalid_name(name));
    }
    Ok(path)
}

fn insert(group: &mut BTreeMap<String, Node>, path: &[&str], value: String) -> Option<()> {
    let (first, rest) = path.split_first()?;
    let key = if first.is_empty() { group.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        // Of two texts with one name the last counts, as in every form parser of Stripe's SDKs.
        return match group.insert(key, Node::Text(value)) {
            None | Some(Node::Text(_)) => Some(()),
            Some(Node::Group(_)) => None,
        };
    }
    match group.entry(key).or_insert_with(|| Node::Group(BTreeMap::new())) {
        Node::Group(inner) => insert(inner, rest, value),
        Node::Text(_) => None,
    }
}

fn invalid_name(name: &str) -> StripeError {
    let shown: String = name.chars().take(100).collect();
    StripeError::invalid(format!("Invalid parameter name: {shown}"))
}

/// The members of a list in the order of their numbers.
pub(crate) fn members(group: BTreeMap<String, Node>) -> Option<Vec<Node>> {
    let mut numbered =
        group.into_iter().map(|(key, node)| Some((key.parse::<usize>().ok()?, node))).collect::<Option<Vec<_>>>()?;
    numbered.sort_by_key(|(index, _)| *index);
    Some(numbered.into_iter().map(|(_, node)| node).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Node {
        Node::Text(value.to_owned())
    }

    fn group<const N: usize>(entries: [(&str, Node); N]) -> Node {
        Node::Group(entries.map(|(key, node)| (key.to_owned(), node)).into())
    }

    #[test]
    fn brackets_nest() {
        let parsed = parse(b"line_items[0][price]=price_1&line_items[0][quantity]=2&mode=payment");
        assert_eq!(
            Node::Group(parsed.unwrap()),
            group([
                ("line_items", group([("0", group([("price", text("price_1")), ("quantity", text("2"))]))])),
                ("mode", text("payment")),
            ])
        );
    }

    #[test]
    fn empty_brackets_append() {
        let parsed = parse(b"expand[]=customer&expand%5B%5D=line_items").unwrap();
        assert_eq!(parsed["expand"], group([("0", text("customer")), ("1", text("line_items"))]));
    }

    #[test]
    fn eleven_members_keep_their_order() {
        let encoded = "a[0]=v0&a[1]=v1&a[2]=v2&a[3]=v3&a[4]=v4&a[5]=v5&a[6]=v6&a[7]=v7&a[8]=v8&\
                       a[9]=v9&a[10]=v10";
        let Node::Group(list) = parse(encoded.as_bytes()).unwrap().remove("a").unwrap() else {
            panic!("a list is a group");
        };
        assert_eq!(members(list).unwrap()[10], text("v10"));
    }

    #[test]
    fn malformed_and_bottomless_names_are_refused() {
        let deep = format!("a{}=1", "[b]".repeat(1_000));
        for encoded in ["a[=1", "a]=1", "[a]=1", "a[b=1", "a=1&a[b]=2", deep.as_str()] {
            assert!(parse(encoded.as_bytes()).is_err(), "{encoded}");
        }
    }

    #[test]
    fn a_flood_of_pairs_is_refused() {
        assert!(parse("a=1&".repeat(1_001).as_bytes()).is_err());
    }
}
