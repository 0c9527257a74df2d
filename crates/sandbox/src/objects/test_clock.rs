//! Test clocks: a time of their own for some customers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, plumbing};
use crate::store::State;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TestClock {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) name: Option<String>,
    pub(crate) frozen_time: i64,
    /// Where it is being advanced to.
    pub(crate) target: Option<i64>,
    pub(crate) deleted: bool,
}

/// Stripe deletes a clock by itself after this long; the sandbox only says so.
const LIFE_S: i64 = 30 * 86_400;

impl Resource for TestClock {
    plumbing!("test_helpers.test_clock", "/v1/test_helpers/test_clocks", test_clocks, TestClock, deletable);

    /// <https://docs.stripe.com/api/test_clocks/object>
    fn render(&self, _: &State) -> Value {
        let details = match self.target {
            Some(target) => json!({ "advancing": { "target_frozen_time": target } }),
            None => json!({}),
        };
        json!({
            "id": self.id,
            "object": "test_helpers.test_clock",
            "created": self.created,
            "deletes_after": self.created + LIFE_S,
            "frozen_time": self.frozen_time,
            "livemode": false,
            "name": self.name,
            "status": if self.target.is_some() { "advancing" } else { "ready" },
            "status_details": details,
        })
    }
}
