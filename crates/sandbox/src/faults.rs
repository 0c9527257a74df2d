//! What goes wrong on purpose.
//!
//! A plan says what may go wrong and how likely it is; one generator decides when. With the same seed, the same clock and
//! the same requests the same things go wrong.

mod calls;
mod deliveries;
mod plan;
mod shapes;
mod thin;

use std::collections::BTreeMap;

pub(crate) use calls::CallFault;
pub(crate) use deliveries::{Consignment, Drawn, Role};
pub use plan::FaultPlan;

/// The plan in force, and the generators that everything random in the sandbox comes from.
#[derive(Debug)]
pub(crate) struct Adversity {
    plan: FaultPlan,
    /// When the plan came into force; its moments count from here.
    since: i64,
    chance: fastrand::Rng,
    /// For ids. No plan sets it back: it would give the same ids again.
    ids: fastrand::Rng,
    /// How often each kind of event and each call was seen, for the faults that are listed by number.
    seen: BTreeMap<String, u64>,
}

impl Default for Adversity {
    /// Nothing goes wrong, and nobody can tell what is drawn next.
    fn default() -> Self {
        Self {
            plan: FaultPlan::default(),
            since: 0,
            chance: fastrand::Rng::new(),
            ids: fastrand::Rng::new(),
            seen: BTreeMap::new(),
        }
    }
}

impl Adversity {
    /// Puts a plan into force.
    pub(crate) fn begin(&mut self, plan: FaultPlan, now: i64) {
        self.chance = fastrand::Rng::with_seed(plan.seed);
        self.seen.clear();
        self.since = now;
        self.plan = plan;
    }

    /// Makes ids predictable. `run` tells the starts of a sandbox on one journal apart, which must not give the same ids.
    pub(crate) fn seed_ids(&mut self, run: u64) {
        self.ids = fastrand::Rng::with_seed(self.plan.seed.rotate_left(32) ^ run);
    }

    /// A seed for the ids of one change.
    pub(crate) fn next_seed_of_ids(&mut self) -> u64 {
        self.ids.u64(..)
    }

    /// How many seconds of the plan have passed; `None` when it is over.
    fn elapsed(&self, now: i64) -> Option<i64> {
        let elapsed = now - self.since;
        self.plan.for_s.is_none_or(|length| elapsed < length).then_some(elapsed)
    }

    /// Counts something of this name, and says the how manieth it was.
    fn count(&mut self, name: &str) -> u64 {
        let seen = self.seen.entry(name.to_owned()).or_default();
        *seen += 1;
        *seen
    }

    fn happens(&mut self, chance: f64) -> bool {
        chance > 0.0 && self.chance.f64() < chance
    }

    /// 0 to `most` seconds.
    fn seconds(&mut self, most: i64) -> i64 {
        self.chance.i64(0..=most.max(0))
    }
}
