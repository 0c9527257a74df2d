//! What goes wrong with calls of the API.

use serde::{Deserialize, Serialize};

use super::Adversity;
use super::plan::ListedCall;

/// What may go wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CallFault {
    /// 429, and nothing is said about when to come back.
    TooMany,
    /// 429 with `Retry-After`.
    TooManyRetryAfter,
    /// 500 before anything was done, kept under the idempotency key: the same key gets it again for a day.
    Failed,
    /// The same after everything was done.
    FailedAfterwards,
    /// 502 from a machine in between: a page of HTML.
    BadGateway,
    /// It is done, and the answer breaks off in the middle.
    Cut,
    /// It is done, and the connection is reset instead of an answer.
    Reset,
    /// It is done, and no answer ever comes.
    Silence,
    /// What is read is as it was a while ago.
    Lag,
}

impl Adversity {
    /// What goes wrong with the next call; `call` is e.g. `GET /v1/prices`.
    pub(crate) fn draw_call(&mut self, call: &str, now: i64) -> Option<CallFault> {
        self.elapsed(now)?;
        let listed = self.plan.calls.listed.clone();
        for (place, listed) in listed.iter().enumerate().filter(|(_, listed)| listed.means(call)) {
            let nth = self.count(&format!("{place} {}", listed.call));
            if listed.nth.is_none_or(|wanted| wanted == nth) {
                return Some(listed.fault);
            }
        }
        let chances = self.plan.calls.chance.clone();
        // One draw for each, so that a fault more in the plan does not move all the others.
        let drawn: Vec<_> =
            chances.into_iter().filter(|(_, chance)| self.happens(*chance)).map(|(fault, _)| fault).collect();
        drawn.first().copied()
    }

    /// What `Retry-After` says.
    pub(crate) fn retry_after_s(&self) -> i64 {
        self.plan.calls.retry_after_s
    }

    /// The moment whose state a lagging answer shows.
    pub(crate) fn lagging_moment(&mut self, now: i64) -> i64 {
        now - self.seconds(self.plan.calls.lag_up_to_s)
    }
}

impl ListedCall {
    fn means(&self, call: &str) -> bool {
        match self.call.strip_suffix('*') {
            Some(beginning) => call.starts_with(beginning),
            None => self.call == call,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_call_may_end_in_a_star() {
        let plan = r#"{ "calls": { "listed": [{ "call": "GET /v1/subscriptions/*", "nth": 2, "fault": "reset" }] } }"#;
        let mut adversity = Adversity::default();
        adversity.begin(serde_json::from_str(plan).unwrap(), 0);
        let mut draw = |call| adversity.draw_call(call, 0);
        assert_eq!(draw("GET /v1/subscriptions/sub_1"), None);
        assert_eq!(draw("GET /v1/prices"), None);
        assert_eq!(draw("GET /v1/subscriptions/sub_2"), Some(CallFault::Reset));
    }
}
