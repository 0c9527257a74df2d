use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::calls::CallFault;
use super::deliveries::DeliveryFault;

const DAY_S: i64 = 24 * 3_600;

/// What is to go wrong, and how likely. It is read from JSON; what is left out does not happen.
///
/// ```
/// let plan = r#"{ "seed": 7, "deliveries": { "chance": { "drop": 0.1, "duplicate": 0.3 } } }"#;
/// let plan: settled_sandbox::FaultPlan = serde_json::from_str(plan).unwrap();
/// # drop(plan);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultPlan {
    /// What decides when the faults happen.
    pub(super) seed: u64,
    /// After so many seconds nothing more goes wrong.
    pub(super) for_s: Option<i64>,
    pub(super) deliveries: Deliveries,
    pub(super) calls: Calls,
}

/// What goes wrong on the way to the webhook endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Deliveries {
    pub(super) chance: BTreeMap<DeliveryFault, f64>,
    pub(super) listed: Vec<ListedDelivery>,
    /// The longest delay of a delayed event.
    pub(super) delay_up_to_s: i64,
    /// Shuffled events change places within this time.
    pub(super) shuffle_within_s: i64,
    /// Copies follow within this time.
    pub(super) duplicates_within_s: i64,
    /// Deliveries wait for the next second that is a multiple of this, and come all at once.
    pub(super) burst_s: Option<i64>,
    /// The events of an object are dated up to so much earlier or later than others, always by the same.
    pub(super) skew_up_to_s: i64,
    /// The longest wait between two attempts.
    pub(super) retry_up_to_s: i64,
    pub(super) outages: Vec<Outage>,
    pub(super) rolled_secret: Option<RolledSecret>,
}

impl Default for Deliveries {
    fn default() -> Self {
        Self {
            chance: BTreeMap::new(),
            listed: Vec::new(),
            delay_up_to_s: DAY_S,
            shuffle_within_s: 60,
            duplicates_within_s: 3_600,
            burst_s: None,
            skew_up_to_s: 0,
            retry_up_to_s: 60,
            outages: Vec::new(),
            rolled_secret: None,
        }
    }
}

/// What goes wrong with the API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Calls {
    pub(super) chance: BTreeMap<CallFault, f64>,
    pub(super) listed: Vec<ListedCall>,
    /// What `Retry-After` says.
    pub(super) retry_after_s: i64,
    /// How old the state may be that a lagging answer shows.
    pub(super) lag_up_to_s: i64,
}

impl Default for Calls {
    fn default() -> Self {
        Self { chance: BTreeMap::new(), listed: Vec::new(), retry_after_s: 5, lag_up_to_s: 60 }
    }
}

/// A fault of the events of one type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListedDelivery {
    /// E.g. `checkout.session.completed`.
    pub(super) event: String,
    /// Only the first, the second …; all of them if left out.
    #[serde(default)]
    pub(super) nth: Option<u64>,
    pub(super) fault: DeliveryFault,
}

/// A fault of one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListedCall {
    /// E.g. `POST /v1/checkout/sessions`; a path that ends in `*` stands for all that begin so.
    pub(super) call: String,
    /// Only the first, the second …; all of them if left out.
    #[serde(default)]
    pub(super) nth: Option<u64>,
    pub(super) fault: CallFault,
}

/// For this time nothing reaches the endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outage {
    pub(super) from_s: i64,
    pub(super) for_s: i64,
}

/// The signing secret is replaced: from a moment on both sign, and after the overlap only the new one does.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RolledSecret {
    pub(super) secret: String,
    pub(super) from_s: i64,
    pub(super) overlap_s: i64,
}

impl std::fmt::Debug for RolledSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RolledSecret").field("from_s", &self.from_s).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_of_the_readme_is_one() {
        let readme = include_str!("../../README.md");
        let plan = readme.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let plan: FaultPlan = serde_json::from_str(plan).unwrap();
        assert_eq!(plan.deliveries.outages, [Outage { from_s: 3_600, for_s: 3 * DAY_S }]);
        assert_eq!(plan.calls.listed[0].fault, CallFault::Reset);
    }

    #[test]
    fn a_plan_does_not_show_the_secret_that_is_to_come() {
        let roll = r#"{ "deliveries": { "rolled_secret": { "secret": "whsec_x", "from_s": 0, "overlap_s": 0 } } }"#;
        let plan: FaultPlan = serde_json::from_str(roll).unwrap();
        assert!(!format!("{plan:?}").contains("whsec_x"));
    }
}
