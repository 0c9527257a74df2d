use std::collections::BTreeSet;
use std::fmt;

use secrecy::SecretString;
use serde::Deserialize;

use crate::call::API_VERSION;
use crate::requests::{self, Call};
use crate::webhook::handled_events;

/// All events, as an endpoint's list of events names them.
const ALL: &str = "*";

/// A webhook endpoint as Stripe has it: <https://docs.stripe.com/api/webhook_endpoints/object>.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WebhookEndpoint {
    /// `we_…`
    pub id: String,
    /// Where events are sent.
    pub url: String,
    /// `enabled` or `disabled`.
    pub status: String,
    /// The version that events are written in; without one, the account's.
    pub api_version: Option<String>,
    /// The types of the events that are sent.
    pub enabled_events: Vec<String>,
}

/// A new endpoint, with the secret that Stripe tells only this once.
#[derive(Debug)]
pub struct CreatedEndpoint {
    /// `we_…`
    pub id: String,
    /// `whsec_…`
    pub secret: SecretString,
}

/// As Stripe writes it.
#[derive(Deserialize)]
pub(super) struct Created {
    id: String,
    secret: String,
}

impl From<Created> for CreatedEndpoint {
    fn from(Created { id, secret }: Created) -> Self {
        Self { id, secret: SecretString::from(secret) }
    }
}

/// What an endpoint is not as it should be, and what comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// Nothing is sent.
    Disabled,
    /// These events are handled and not sent.
    Missing(Vec<&'static str>),
    /// These are sent and have no effect.
    Superfluous(Vec<String>),
    /// Events are written in another version. They are read all the same.
    Version(Option<String>),
}

impl Difference {
    /// News are lost because of it.
    #[must_use]
    pub const fn is_harmful(&self) -> bool {
        matches!(self, Self::Disabled | Self::Missing(_))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled => {
                formatter.write_str("it is disabled, so nothing is sent: enable it in Stripe's Dashboard")
            }
            Self::Missing(types) => write!(formatter, "it is not sent {}: add them", types.join(", ")),
            Self::Superfluous(types) => write!(formatter, "it is sent {}, which have no effect", types.join(", ")),
            Self::Version(version) => write!(
                formatter,
                "its events are written in version {}, and not in {API_VERSION}: they are read, but an endpoint's version \
                 cannot be changed, so make a new one some day",
                version.as_deref().unwrap_or("of the account")
            ),
        }
    }
}

impl WebhookEndpoint {
    /// What is not as [`Operator::create_endpoint`](super::Operator::create_endpoint) would make it.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let sent: BTreeSet<&str> = self.enabled_events.iter().map(String::as_str).collect();
        let handled: BTreeSet<&str> = handled_events().collect();
        let missing: Vec<_> = handled_events().filter(|event_type| !sent.contains(event_type)).collect();
        let superfluous: Vec<_> = sent.difference(&handled).map(|&event_type| event_type.to_owned()).collect();
        let mut differences = Vec::new();
        if self.status != "enabled" {
            differences.push(Difference::Disabled);
        }
        if !missing.is_empty() && !sent.contains(ALL) {
            differences.push(Difference::Missing(missing));
        }
        if !superfluous.is_empty() {
            differences.push(Difference::Superfluous(superfluous));
        }
        if self.api_version.as_deref() != Some(API_VERSION) {
            differences.push(Difference::Version(self.api_version.clone()));
        }
        differences
    }
}

pub(super) fn create(url: &str, key: &str) -> Call {
    let events = handled_events().map(|event_type| ("enabled_events[]", event_type));
    let rest = [("url", url), ("api_version", API_VERSION), ("description", "Settled")];
    Call { key: Some(key.to_owned()), ..requests::plain_post("/webhook_endpoints", events.chain(rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(events: &[&str]) -> WebhookEndpoint {
        WebhookEndpoint {
            id: "we_1".to_owned(),
            url: "https://shop.example/api/webhook/stripe".to_owned(),
            status: "enabled".to_owned(),
            api_version: Some(API_VERSION.to_owned()),
            enabled_events: events.iter().map(|&event_type| event_type.to_owned()).collect(),
        }
    }

    fn all() -> Vec<&'static str> {
        handled_events().collect()
    }

    #[test]
    fn an_endpoint_with_our_events_and_version_is_as_it_should_be() {
        assert_eq!(endpoint(&all()).differences(), []);
        let mut other_order = all();
        other_order.reverse();
        assert_eq!(endpoint(&other_order).differences(), []);
    }

    #[test]
    fn what_is_missing_is_harmful_and_what_is_too_much_is_not() {
        let found = endpoint(&[&all()[1..], &["invoice.upcoming"]].concat()).differences();
        let superfluous = Difference::Superfluous(vec!["invoice.upcoming".to_owned()]);
        assert_eq!(found, [Difference::Missing(vec![all()[0]]), superfluous]);
        assert_eq!(found.iter().map(Difference::is_harmful).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn all_events_are_ours_and_too_many() {
        assert_eq!(endpoint(&["*"]).differences(), [Difference::Superfluous(vec!["*".to_owned()])]);
    }

    #[test]
    fn a_disabled_endpoint_and_another_version_are_told() {
        let disabled = WebhookEndpoint { status: "disabled".to_owned(), ..endpoint(&all()) };
        assert_eq!(disabled.differences(), [Difference::Disabled]);
        for version in [None, Some("2023-10-16".to_owned())] {
            let old = WebhookEndpoint { api_version: version.clone(), ..endpoint(&all()) };
            assert_eq!(old.differences(), [Difference::Version(version)]);
        }
    }
}
