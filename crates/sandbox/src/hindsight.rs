//! What an object looked like a while ago, as an answer shows it that lags behind.

use serde_json::{Value, json};

use crate::objects::{Resource, Session};
use crate::store::State;

/// The object at an earlier moment, by the events about it; `None` when it was not there yet.
pub(crate) fn shown_at<R: Resource>(state: &State, row: &R, moment: i64) -> Option<Value> {
    let about_it = |event: &&crate::objects::Event| event.object["id"] == row.id();
    let mut events = state.events.newest_first().filter(about_it).peekable();
    if events.peek().is_none_or(|newest| newest.happened_at() <= moment) {
        return Some(row.render(state));
    }
    if let Some(earlier) = events.find(|event| event.happened_at() <= moment) {
        return Some(earlier.object.clone());
    }
    // No event tells that a session was made.
    (R::OBJECT == Session::OBJECT).then(|| before_it_was_paid(row.render(state)))
}

fn before_it_was_paid(mut session: Value) -> Value {
    for (key, value) in [("status", json!("open")), ("payment_status", json!("unpaid"))] {
        session[key] = value;
    }
    for key in ["customer_details", "invoice", "payment_intent", "subscription"] {
        session[key] = Value::Null;
    }
    session
}
