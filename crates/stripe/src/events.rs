//! Stripe's list of events: <https://docs.stripe.com/api/events/list>.

use serde::Deserialize;
use serde_json::value::RawValue;
use settled_domain::event::{EventSource, WebhookEvent};
use settled_domain::ids::EventId;
use settled_domain::listing::{Page, PageMark, Window};
use settled_domain::ports::GatewayError;
use time::OffsetDateTime;

use crate::call::Client;
use crate::requests;
use crate::webhook::{handled_events, read_event};

/// How many types Stripe takes at a time: they are asked for group by group.
const GROUP: usize = 20;

#[derive(Deserialize)]
struct List {
    data: Vec<Box<RawValue>>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Named {
    id: EventId,
}

/// Where a page begins: the group of types, and the last event of the page before.
#[derive(Debug, Default, PartialEq, Eq)]
struct Place {
    group: usize,
    after: Option<EventId>,
}

impl Place {
    /// A mark that is none of ours begins anew: reading twice is harmless.
    fn of(mark: Option<&PageMark>) -> Self {
        let read = |mark: &PageMark| {
            let (group, after) = mark.0.split_once(':')?;
            let group = group.parse().ok().filter(|group| *group < groups())?;
            Some(Self { group, after: EventId::new(after).ok() })
        };
        mark.and_then(read).unwrap_or_default()
    }

    fn mark(&self) -> PageMark {
        PageMark(format!("{}:{}", self.group, self.after.as_ref().map_or("", EventId::as_str)))
    }

    /// Where the page after one begins that ended with `last`, if there is one.
    fn next(self, has_more: bool, last: Option<EventId>) -> Option<Self> {
        match last {
            Some(last) if has_more => Some(Self { group: self.group, after: Some(last) }),
            _ => Some(Self { group: self.group + 1, after: None }).filter(|place| place.group < groups()),
        }
    }
}

/// How many groups of types there are.
fn groups() -> usize {
    handled_events().count().div_ceil(GROUP)
}

fn types_of(group: usize) -> Vec<&'static str> {
    handled_events().skip(group * GROUP).take(GROUP).collect()
}

/// One page of the events of a window, read as webhooks are.
pub(crate) async fn list(
    client: &Client,
    window: &Window,
    after: Option<&PageMark>,
    now: OffsetDateTime,
) -> Result<Page<WebhookEvent>, GatewayError> {
    let place = Place::of(after);
    let call = requests::list_events(&types_of(place.group), window, place.after.as_ref());
    let page: List = client.send(&call).await?.json()?;
    let read = |json: &RawValue| WebhookEvent { source: EventSource::Sweep, ..read_event(json.get().as_bytes(), now) };
    let items = page.data.iter().map(|json| read(json)).collect();
    let named: Option<Named> = page.data.last().and_then(|json| serde_json::from_str(json.get()).ok());
    let next = place.next(page.has_more, named.map(|named| named.id));
    Ok(Page { items, next: next.map(|place| place.mark()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_in_a_group_that_stripe_takes() {
        let all: Vec<_> = (0..groups()).map(types_of).collect();
        assert!(all.iter().all(|group| (1..=20).contains(&group.len())));
        assert_eq!(all.concat(), handled_events().collect::<Vec<_>>());
    }

    #[test]
    fn a_place_is_read_back_from_its_mark_and_nonsense_is_the_beginning() {
        let place = || Place { group: 0, after: EventId::new("evt_1").ok() };
        assert_eq!(Place::of(Some(&place().mark())), place());
        for nonsense in ["", "evt_1", "99:evt_1", "x:evt_1", "-1:"] {
            assert_eq!(Place::of(Some(&PageMark(nonsense.into()))), Place::default(), "{nonsense}");
        }
        assert_eq!(Place::of(None), Place::default());
    }

    #[test]
    fn after_the_last_page_of_the_last_group_there_is_none() {
        let last = || Place { group: groups() - 1, after: None };
        assert_eq!(last().next(false, EventId::new("evt_1").ok()), None);
        let more = last().next(true, EventId::new("evt_1").ok());
        assert_eq!(more, Some(Place { group: groups() - 1, after: EventId::new("evt_1").ok() }));
        assert_eq!(last().next(true, None), None, "a page without a readable id leads nowhere");
    }
}
