use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::SweepError;
use crate::event::WebhookEvent;
use crate::ids::EventId;
use crate::listing::Window;
use crate::payment::whole_second;
use crate::ports::HeldWebhook;
use crate::settled::Ports;

/// Stripe lists events for so long: <https://docs.stripe.com/api/events/list>.
const LISTED_FOR: Duration = Duration::days(30);
/// How much of Stripe's time is looked through at once.
const LONGEST_WINDOW: Duration = Duration::hours(6);
/// How many pages one window may have before it is looked through in halves: what was missed is held in memory.
const PAGES_MAX: usize = 20;
/// How many events have to be missing before a window says something about the endpoint.
const TELLING: usize = 3;

/// How Stripe's list of events is gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPatience {
    /// How late an event may be before it counts as missed.
    pub grace: Duration,
    /// How much is looked through again each time, because the list may not be in order at its end.
    pub overlap: Duration,
    /// How far back the first look goes.
    pub first_look: Duration,
}

impl EventPatience {
    /// What is to be looked through next, after everything until `reached` was; `None` when nothing is old enough yet.
    #[must_use]
    pub fn next_window(&self, reached: Option<OffsetDateTime>, now: OffsetDateTime) -> Option<Window> {
        let reached = reached.unwrap_or(now - self.first_look).max(now - LISTED_FOR);
        let from = whole_second(reached - self.overlap);
        let until = whole_second((now - self.grace).min(reached + LONGEST_WINDOW));
        (from <= until).then_some(Window { from, until })
    }
}

/// What a window of Stripe's list holds.
#[derive(Debug, Clone, Default)]
pub struct SearchedEvents {
    /// How many events of the types that we act on Stripe lists.
    pub listed: usize,
    /// How many of them its webhook has brought us.
    pub delivered: usize,
    /// Those that we do not hold, the oldest first.
    pub missed: Vec<WebhookEvent>,
}

impl SearchedEvents {
    /// How many events of each type were missed: one type alone says that the endpoint does not listen to it.
    #[must_use]
    pub fn missed_by_type(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for event in &self.missed {
            *counts.entry(event.event_type.as_str()).or_default() += 1;
        }
        counts
    }

    /// What it says about our webhook endpoint.
    #[must_use]
    pub const fn endpoint(&self) -> EndpointHealth {
        if self.delivered > 0 {
            EndpointHealth::Delivers
        } else if self.listed >= TELLING {
            EndpointHealth::Silent
        } else {
            EndpointHealth::Unknown
        }
    }
}

/// Whether Stripe's events reach us at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointHealth {
    /// Some do.
    Delivers,
    /// None of several did: the endpoint looks disabled, or its secret is wrong.
    Silent,
    /// There were too few to tell.
    Unknown,
}

/// Looks through a window of Stripe's list for events that we do not hold. `None` when there is too much in it: then its
/// halves are to be looked through, the earlier one first.
///
/// # Errors
///
/// [`SweepError`]
pub async fn search_events(ports: &Ports, window: &Window) -> Result<Option<SearchedEvents>, SweepError> {
    let mut found = SearchedEvents::default();
    let mut mark = None;
    for _ in 0..PAGES_MAX {
        let page = ports.gateway.list_events(window, mark.take(), ports.clock.now()).await?;
        let ids: Vec<EventId> = page.items.iter().map(|event| event.id.clone()).collect();
        let held: BTreeMap<EventId, bool> = ports
            .store
            .list_held_webhooks(&ids)
            .await?
            .into_iter()
            .map(|HeldWebhook { id, was_delivered }| (id, was_delivered))
            .collect();
        found.listed += page.items.len();
        found.delivered += held.values().filter(|was_delivered| **was_delivered).count();
        found.missed.extend(page.items.into_iter().filter(|event| !held.contains_key(&event.id)));
        mark = page.next;
        if mark.is_none() {
            found.missed.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
            return Ok(Some(found));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventContent;
    use crate::examples::{NOW, SECOND, event, ports, store_error};
    use crate::listing::{Page, PageMark};
    use crate::mock::{MockStore, MockStripeGateway};
    use crate::ports::GatewayError;

    const PATIENCE: EventPatience =
        EventPatience { grace: Duration::minutes(2), overlap: Duration::minutes(10), first_look: Duration::days(1) };
    const WINDOW: Window = Window { from: SECOND, until: SECOND };

    #[test]
    fn the_next_window_overlaps_the_last_one_and_ends_before_what_may_still_arrive() {
        let window = PATIENCE.next_window(Some(NOW - Duration::minutes(3)), NOW).unwrap();
        assert_eq!(window, Window { from: SECOND - Duration::minutes(13), until: SECOND - Duration::minutes(2) });
    }

    #[test]
    fn what_was_not_looked_through_for_long_is_looked_through_in_parts() {
        let reached = NOW - Duration::days(3);
        let window = PATIENCE.next_window(Some(reached), NOW).unwrap();
        assert_eq!(window.until, whole_second(reached + Duration::hours(6)));
        let first = PATIENCE.next_window(None, NOW).unwrap();
        assert_eq!(first.until, SECOND - Duration::hours(18));
        let forgotten = PATIENCE.next_window(Some(NOW - Duration::days(99)), NOW).unwrap();
        assert_eq!(forgotten.from, SECOND - Duration::days(30) - Duration::minutes(10));
    }

    #[test]
    fn a_clock_that_went_back_is_waited_for() {
        assert_eq!(PATIENCE.next_window(Some(NOW + Duration::hours(1)), NOW), None);
    }

    fn holding(held: &[(&str, bool)]) -> MockStore {
        let held: BTreeMap<EventId, bool> = held.iter().map(|(id, was)| (id.parse().unwrap(), *was)).collect();
        let mut store = MockStore::new();
        store.expect_list_held_webhooks().returning(move |ids| {
            let found = ids.iter().filter_map(|id| Some(HeldWebhook { id: id.clone(), was_delivered: *held.get(id)? }));
            Ok(found.collect())
        });
        store
    }

    fn page(ids: &[&str], next: Option<&str>) -> Page<WebhookEvent> {
        let items = ids.iter().map(|id| event(id, EventContent::Unhandled)).collect();
        Page { items, next: next.map(|mark| PageMark(mark.into())) }
    }

    #[pollster::test]
    async fn every_page_is_read_and_what_is_not_held_is_missed_oldest_first() {
        let mut gateway = MockStripeGateway::new();
        gateway
            .expect_list_events()
            .withf(|window, mark, now| *window == WINDOW && mark.is_none() && *now == NOW)
            .once()
            .returning(|_, _, _| Ok(page(&["evt_4", "evt_3"], Some("more"))));
        gateway
            .expect_list_events()
            .withf(|_, mark, _| mark.as_ref().is_some_and(|mark| mark.0 == "more"))
            .once()
            .returning(|_, _, _| Ok(page(&["evt_2", "evt_1"], None)));
        let ports = ports(holding(&[("evt_2", true), ("evt_3", false)]), gateway);
        let found = search_events(&ports, &WINDOW).await.unwrap().unwrap();
        assert_eq!((found.listed, found.delivered), (4, 1));
        let missed: Vec<_> = found.missed.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(missed, ["evt_1", "evt_4"]);
        assert_eq!(found.missed_by_type(), BTreeMap::from([("a.type", 2)]));
    }

    #[pollster::test]
    async fn a_window_with_too_many_pages_is_left_to_be_halved() {
        let mut gateway = MockStripeGateway::new();
        gateway.expect_list_events().times(PAGES_MAX).returning(|_, _, _| Ok(page(&["evt_1"], Some("more"))));
        assert!(search_events(&ports(holding(&[]), gateway), &WINDOW).await.unwrap().is_none());
    }

    #[pollster::test]
    async fn a_failure_of_stripe_or_of_the_database_is_an_error() {
        let mut gateway = MockStripeGateway::new();
        gateway.expect_list_events().returning(|_, _, _| Err(GatewayError::Ambiguous("silence".into())));
        let answer = search_events(&ports(MockStore::new(), gateway), &WINDOW).await;
        assert!(matches!(answer, Err(SweepError::Gateway(_))));
        let mut gateway = MockStripeGateway::new();
        gateway.expect_list_events().returning(|_, _, _| Ok(page(&["evt_1"], None)));
        let mut store = MockStore::new();
        store.expect_list_held_webhooks().returning(|_| Err(store_error()));
        assert!(matches!(search_events(&ports(store, gateway), &WINDOW).await, Err(SweepError::Store(_))));
    }

    #[test]
    fn an_endpoint_is_silent_when_none_of_several_events_came() {
        let found = |listed, delivered| SearchedEvents { listed, delivered, missed: Vec::new() }.endpoint();
        assert_eq!(found(3, 0), EndpointHealth::Silent);
        assert_eq!(found(2, 0), EndpointHealth::Unknown);
        assert_eq!(found(0, 0), EndpointHealth::Unknown);
        assert_eq!(found(100, 1), EndpointHealth::Delivers);
    }
}
