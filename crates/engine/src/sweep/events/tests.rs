use std::sync::Mutex;

use settled_domain::event::{EventContent, EventSource};
use settled_domain::ids::EventId;
use settled_domain::listing::{Page, PageMark};
use settled_domain::mock::{MockIntake, MockStore, MockStripeGateway};
use settled_domain::ports::{GatewayError, HeldWebhook};
use settled_domain::settlement::IgnoreReason;
use settled_domain::sweep::ClaimedSweep;

use super::*;
use crate::examples::{NOW, away, event, ports};

/// What a store was told to keep as reached, in order.
type Reached = Arc<Mutex<Vec<OffsetDateTime>>>;

/// A store that has looked through everything until `reached`, and holds these events.
fn store(reached: Option<OffsetDateTime>, held: &[(&str, bool)]) -> (MockStore, Reached) {
    let held: Vec<(EventId, bool)> = held.iter().map(|(id, was)| (id.parse().unwrap(), *was)).collect();
    let kept = Reached::default();
    let keeper = Arc::clone(&kept);
    let mut store = MockStore::new();
    store
        .expect_claim_sweep()
        .withf(|name, _, _| *name == SweepName::Events)
        .returning(move |_, _, _| Ok(Some(ClaimedSweep { reached_at: reached })));
    store.expect_list_held_webhooks().returning(move |ids| {
        let found = held.iter().filter(|(id, _)| ids.contains(id));
        Ok(found.map(|(id, was)| HeldWebhook { id: id.clone(), was_delivered: *was }).collect())
    });
    store.expect_save_sweep().returning(move |_, at| {
        keeper.lock().unwrap().push(at);
        Ok(())
    });
    (store, kept)
}

fn swept(id: &str) -> WebhookEvent {
    WebhookEvent { source: EventSource::Sweep, ..event(id, EventContent::Unhandled) }
}

fn page(ids: &[&str]) -> Page<WebhookEvent> {
    Page { items: ids.iter().map(|id| swept(id)).collect(), next: None }
}

/// A gateway that lists these events in every window.
fn listing(ids: &'static [&str]) -> MockStripeGateway {
    let mut gateway = MockStripeGateway::new();
    gateway.expect_list_events().returning(move |_, _, _| Ok(page(ids)));
    gateway
}

/// An intake that takes these events, each once.
fn taking(ids: &'static [&str]) -> MockIntake {
    let mut intake = MockIntake::new();
    for id in ids {
        intake
            .expect_submit()
            .withf(move |event| event.id.as_str() == *id)
            .once()
            .returning(|_| Ok(Outcome::Processed));
    }
    intake
}

fn round(store: MockStore, gateway: MockStripeGateway, intake: MockIntake) -> EventRound {
    EventRound::new(ports(store, gateway), Arc::new(intake), SweepSettings::default())
}

fn minutes(ago: u64) -> OffsetDateTime {
    (NOW - Duration::from_mins(ago)).replace_nanosecond(0).unwrap()
}

#[tokio::test]
async fn an_event_that_never_arrived_is_let_in_and_what_is_held_is_not() {
    let (store, reached) = store(Some(minutes(3)), &[("evt_2", true)]);
    let mut round = round(store, listing(&["evt_3", "evt_2", "evt_1"]), taking(&["evt_1", "evt_3"]));
    round.run().await.unwrap();
    assert_eq!(*reached.lock().unwrap(), [minutes(2)], "what may still arrive is left for the next round");
    assert_eq!(round.endpoint, EndpointHealth::Delivers);
}

#[tokio::test]
async fn after_an_outage_everything_since_then_is_looked_through_in_one_round() {
    let (store, reached) = store(Some(minutes(3 * 24 * 60)), &[]);
    round(store, listing(&[]), MockIntake::new()).run().await.unwrap();
    let reached = reached.lock().unwrap();
    assert_eq!(reached.len(), 12, "three days, six hours at a time");
    assert!(reached.is_sorted());
    assert_eq!(reached.last(), Some(&minutes(2)));
}

#[tokio::test]
async fn a_window_with_too_much_in_it_is_looked_through_in_halves() {
    let (store, reached) = store(Some(minutes(62)), &[]);
    let mut gateway = MockStripeGateway::new();
    gateway.expect_list_events().returning(|window, _, _| {
        let is_long = window.until - window.from > time::Duration::minutes(20);
        Ok(Page { items: Vec::new(), next: is_long.then(|| PageMark("more".into())) })
    });
    round(store, gateway, MockIntake::new()).run().await.unwrap();
    let reached = reached.lock().unwrap();
    assert!(reached.is_sorted() && reached.len() >= 3, "{reached:?}");
    assert_eq!(reached.last(), Some(&minutes(2)));
}

#[tokio::test]
async fn an_endpoint_that_gets_nothing_is_told_of_until_it_gets_something() {
    let (silent, _) = store(Some(minutes(3)), &[("evt_1", false), ("evt_2", false), ("evt_3", false)]);
    let mut round = round(silent, listing(&["evt_1", "evt_2", "evt_3"]), MockIntake::new());
    round.run().await.unwrap();
    assert_eq!(round.endpoint, EndpointHealth::Silent);
    round.note_endpoint(&SearchedEvents::default(), &Window { from: NOW, until: NOW });
    assert_eq!(round.endpoint, EndpointHealth::Silent, "a quiet minute says nothing");
    let found = SearchedEvents { listed: 4, delivered: 1, missed: Vec::new() };
    round.note_endpoint(&found, &Window { from: NOW, until: NOW });
    assert_eq!(round.endpoint, EndpointHealth::Delivers);
}

#[tokio::test]
async fn what_the_intake_does_not_take_is_looked_for_again() {
    let (store, reached) = store(Some(minutes(3)), &[]);
    let mut intake = MockIntake::new();
    intake.expect_submit().returning(|_| Err(IntakeError::Full));
    round(store, listing(&["evt_1"]), intake).run().await.unwrap();
    assert!(reached.lock().unwrap().is_empty());
}

#[tokio::test]
async fn while_stripe_does_not_answer_nothing_counts_as_looked_through() {
    let (store, reached) = store(Some(minutes(3)), &[]);
    let mut gateway = MockStripeGateway::new();
    gateway.expect_list_events().returning(|_, _, _| Err(GatewayError::Unauthorized { status: 403 }));
    let mut round = round(store, gateway, MockIntake::new());
    round.run().await.unwrap();
    assert!(round.stripe_failed);
    assert!(reached.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_database_that_fails_ends_the_round() {
    let mut store = MockStore::new();
    store.expect_claim_sweep().returning(|_, _, _| Err(away()));
    assert!(round(store, MockStripeGateway::new(), MockIntake::new()).run().await.is_err());
}

#[tokio::test]
async fn what_does_not_concern_us_is_missed_but_settles_nothing() {
    let mut intake = MockIntake::new();
    intake.expect_submit().returning(|_| Ok(Outcome::Ignored(IgnoreReason::NotOurs)));
    let round = round(store(None, &[]).0, listing(&[]), intake);
    assert!(matches!(round.submit(vec![swept("evt_1"), swept("evt_2")]).await, Ok(0)));
}
