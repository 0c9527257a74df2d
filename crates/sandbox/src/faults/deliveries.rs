//! The ways of an event to the endpoint.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Adversity, shapes, thin};
use crate::objects::{Event, Resource};
use crate::store::State;

/// What may go wrong with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeliveryFault {
    /// It is never sent.
    Drop,
    /// It is never made, and so not listed either.
    Unmade,
    /// It is sent up to three times more, although it was answered.
    Duplicate,
    /// It changes places with others.
    Shuffle,
    /// It is sent much later.
    Delay,
    /// Two events with two ids tell of the same fact.
    Twin,
    /// It has the shape that API versions before 2025-03-31.basil gave it.
    OldShape,
    /// It is sent as a thin event.
    Thin,
    /// It is sent as a thin event, too.
    ThinTwin,
    /// Its object has a status that nobody has heard of.
    UnknownStatus,
}

/// One way of an event to the endpoint; without faults an event has exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consignment {
    pub(crate) event: String,
    pub(crate) role: Role,
    pub(crate) shape: Shape,
    pub(crate) not_before: i64,
    /// Decides between those of one second; 0 keeps the order in which they happened.
    pub(crate) order: u64,
}

/// What the answer to it means for the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The event is delivered with it.
    Original,
    /// It goes its way whatever becomes of the event.
    Copy,
}

/// How the event is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Today,
    BeforeBasil,
    Thin,
    UnknownStatus,
}

impl Consignment {
    /// The way of an event with which nothing goes wrong.
    pub(crate) fn plain(event: &str) -> Self {
        Self { event: event.to_owned(), role: Role::Original, shape: Shape::Today, not_before: 0, order: 0 }
    }

    /// What is posted, indented as Stripe's are.
    pub(crate) fn body(&self, event: &Event, state: &State) -> String {
        let today = event.render(state);
        let body: Value = match self.shape {
            Shape::Today => today,
            Shape::BeforeBasil => shapes::before_basil(today, state),
            Shape::UnknownStatus => shapes::with_unknown_status(today),
            Shape::Thin => thin::of(event),
        };
        format!("{body:#}")
    }
}

/// What was drawn for an event.
#[derive(Debug, Default)]
pub(crate) struct Drawn(BTreeSet<DeliveryFault>);

impl Drawn {
    pub(crate) fn is_dropped(&self) -> bool {
        self.0.contains(&DeliveryFault::Drop)
    }

    pub(crate) fn is_unmade(&self) -> bool {
        self.0.contains(&DeliveryFault::Unmade)
    }

    pub(crate) fn has_twin(&self) -> bool {
        self.0.contains(&DeliveryFault::Twin)
    }

    fn shape(&self) -> Shape {
        let has = |fault| self.0.contains(&fault);
        if has(DeliveryFault::Thin) {
            Shape::Thin
        } else if has(DeliveryFault::UnknownStatus) {
            Shape::UnknownStatus
        } else if has(DeliveryFault::OldShape) {
            Shape::BeforeBasil
        } else {
            Shape::Today
        }
    }
}

const COPIES_MAX: u32 = 3;

impl Adversity {
    /// What goes wrong with the next event of this type.
    pub(crate) fn draw_delivery(&mut self, kind: &str, now: i64) -> Drawn {
        if self.elapsed(now).is_none() {
            return Drawn::default();
        }
        let nth = self.count(kind);
        let chances = self.plan.deliveries.chance.clone();
        let mut drawn: BTreeSet<_> =
            chances.into_iter().filter(|(_, chance)| self.happens(*chance)).map(|(fault, _)| fault).collect();
        let listed = self.plan.deliveries.listed.iter();
        let meant = listed.filter(|listed| listed.event == kind && listed.nth.is_none_or(|wanted| wanted == nth));
        drawn.extend(meant.map(|listed| listed.fault));
        Drawn(drawn)
    }

    /// By how much the events of this object are dated wrong.
    pub(crate) fn skew_of(&self, object: &str, now: i64) -> i64 {
        let most = self.plan.deliveries.skew_up_to_s;
        if most <= 0 || self.elapsed(now).is_none() {
            return 0;
        }
        let mixed = object.bytes().fold(self.plan.seed, |mixed, byte| mixed.rotate_left(8) ^ u64::from(byte));
        fastrand::Rng::with_seed(mixed).i64(-most..=most)
    }

    /// The ways of an event to the endpoint.
    pub(crate) fn consign(&mut self, event: &str, drawn: &Drawn, now: i64) -> Vec<Consignment> {
        if drawn.is_dropped() {
            return Vec::new();
        }
        let mut original = Consignment { shape: drawn.shape(), ..Consignment::plain(event) };
        if drawn.0.contains(&DeliveryFault::Delay) {
            original.not_before = now + self.seconds(self.plan.deliveries.delay_up_to_s);
        }
        if drawn.0.contains(&DeliveryFault::Shuffle) {
            original.not_before = original.not_before.max(now) + self.seconds(self.plan.deliveries.shuffle_within_s);
            original.order = self.chance.u64(1..);
        }
        let mut ways = vec![original.clone()];
        let copies = if drawn.0.contains(&DeliveryFault::Duplicate) { self.chance.u32(1..=COPIES_MAX) } else { 0 };
        for _ in 0..copies {
            ways.push(self.copy(&original, original.shape, now));
        }
        if drawn.0.contains(&DeliveryFault::ThinTwin) && original.shape != Shape::Thin {
            ways.push(self.copy(&original, Shape::Thin, now));
        }
        if let Some(burst) = self.plan.deliveries.burst_s.filter(|burst| *burst > 1 && self.elapsed(now).is_some()) {
            for way in &mut ways {
                let at = way.not_before.max(now);
                way.not_before = at + (burst - at.rem_euclid(burst)) % burst;
            }
        }
        ways
    }

    fn copy(&mut self, original: &Consignment, shape: Shape, now: i64) -> Consignment {
        let not_before = original.not_before.max(now) + self.seconds(self.plan.deliveries.duplicates_within_s);
        Consignment { role: Role::Copy, shape, not_before, order: self.chance.u64(1..), ..original.clone() }
    }

    /// Nothing reaches the endpoint at present.
    pub(crate) fn is_out(&self, now: i64) -> bool {
        let elapsed = now - self.since;
        let mut outages = self.plan.deliveries.outages.iter();
        outages.any(|outage| (outage.from_s..outage.from_s + outage.for_s).contains(&elapsed))
    }

    /// What deliveries are signed with at present.
    pub(crate) fn secrets(&self, own: &str, now: i64) -> Vec<String> {
        let elapsed = now - self.since;
        match &self.plan.deliveries.rolled_secret {
            Some(roll) if elapsed >= roll.from_s + roll.overlap_s => vec![roll.secret.clone()],
            Some(roll) if elapsed >= roll.from_s => vec![roll.secret.clone(), own.to_owned()],
            _ => vec![own.to_owned()],
        }
    }

    /// How long to wait after attempts 0, 1, 2 …: 1, 2, 4 … seconds, each up to a quarter shorter or longer, so that what
    /// failed together does not come back together.
    pub(crate) fn backoff_ms(&mut self, attempt: u32) -> u64 {
        let most_ms = u64::try_from(self.plan.deliveries.retry_up_to_s).unwrap_or(60).max(1) * 1_000;
        let base = 1_000_u64.saturating_mul(1 << attempt.min(30)).min(most_ms);
        self.chance.u64(base - base / 4..=base + base / 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(plan: &str) -> Adversity {
        let mut adversity = Adversity::default();
        adversity.begin(serde_json::from_str(plan).unwrap(), 1_000);
        adversity
    }

    #[test]
    fn the_wait_doubles_up_to_the_longest() {
        let mut adversity = Adversity::default();
        for (attempt, base) in [(0, 1_000), (1, 2_000), (3, 8_000), (6, 60_000), (u32::MAX, 60_000)] {
            let wait = adversity.backoff_ms(attempt);
            assert!((base * 3 / 4..=base * 5 / 4).contains(&wait), "attempt {attempt}");
        }
    }

    #[test]
    fn a_listed_fault_hits_the_event_that_is_meant() {
        let mut adversity =
            under(r#"{ "deliveries": { "listed": [{ "event": "invoice.paid", "nth": 2, "fault": "drop" }] } }"#);
        let dropped: Vec<_> = (0..3).map(|_| adversity.draw_delivery("invoice.paid", 1_000).is_dropped()).collect();
        assert_eq!(dropped, [false, true, false]);
        assert!(!adversity.draw_delivery("invoice.created", 1_000).is_dropped());
    }

    #[test]
    fn nothing_goes_wrong_after_the_plan() {
        let mut adversity = under(r#"{ "for_s": 60, "deliveries": { "chance": { "drop": 1.0 } } }"#);
        assert!(adversity.draw_delivery("invoice.paid", 1_059).is_dropped());
        assert!(!adversity.draw_delivery("invoice.paid", 1_060).is_dropped());
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let plan = r#"{ "seed": 3, "deliveries": { "chance": { "drop": 0.5, "duplicate": 0.5, "shuffle": 0.5 } } }"#;
        let story = || {
            let mut adversity = under(plan);
            let mut ways = Vec::new();
            for _ in 0..20 {
                let drawn = adversity.draw_delivery("invoice.paid", 1_000);
                ways.extend(adversity.consign("evt_1", &drawn, 1_000));
            }
            ways
        };
        assert_eq!(story(), story());
    }

    #[test]
    fn a_burst_gathers_what_comes_within_its_time() {
        let mut adversity = under(r#"{ "deliveries": { "burst_s": 60 } }"#);
        for now in [1_021, 1_050, 1_080] {
            assert_eq!(adversity.consign("evt_1", &Drawn::default(), now)[0].not_before, 1_080);
        }
    }

    #[test]
    fn an_objects_events_are_all_dated_wrong_by_the_same() {
        let adversity = under(r#"{ "deliveries": { "skew_up_to_s": 5 } }"#);
        let skews: BTreeSet<_> = (0..50).map(|number| adversity.skew_of(&format!("in_{number}"), 1_000)).collect();
        assert!(skews.len() > 3 && skews.iter().all(|skew| skew.abs() <= 5));
        assert_eq!(adversity.skew_of("in_1", 1_000), adversity.skew_of("in_1", 1_010));
    }

    #[test]
    fn while_a_secret_is_rolled_both_sign() {
        let adversity =
            under(r#"{ "deliveries": { "rolled_secret": { "secret": "whsec_new", "from_s": 10, "overlap_s": 20 } } }"#);
        assert_eq!(adversity.secrets("whsec_old", 1_009), ["whsec_old"]);
        assert_eq!(adversity.secrets("whsec_old", 1_010), ["whsec_new", "whsec_old"]);
        assert_eq!(adversity.secrets("whsec_old", 1_030), ["whsec_new"]);
    }

    #[test]
    fn an_outage_ends() {
        let adversity = under(r#"{ "deliveries": { "outages": [{ "from_s": 10, "for_s": 20 }] } }"#);
        assert_eq!([1_009, 1_010, 1_029, 1_030].map(|now| adversity.is_out(now)), [false, true, true, false]);
    }
}
