//! Test clocks.
//!
//! <https://docs.stripe.com/api/test_clocks>

use serde_json::{Value, json};

use crate::agenda;
use crate::customers;
use crate::errors::StripeError;
use crate::ids;
use crate::invoices::draft;
use crate::objects::{Customer, Interval, Resource, TestClock};
use crate::params::Params;
use crate::store::{Change, State};
use crate::subscriptions::start;

const NAME_CHARS_MAX: usize = 300;
/// Without subscriptions, a clock goes two years further at most.
const IDLE_YEARS_MAX: i64 = 2;
/// With subscriptions, two of the shortest periods.
const PERIODS_MAX: i64 = 2;

/// `POST /v1/test_helpers/test_clocks`.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    params.refuse_unsimulated(&["customer"])?;
    let frozen_time = params.integer("frozen_time", &(0..=i64::from(u32::MAX)))?;
    let frozen_time = frozen_time.ok_or_else(|| StripeError::missing("frozen_time"))?;
    let name = params.text("name")?;
    if name.as_ref().is_some_and(|name| name.chars().count() > NAME_CHARS_MAX) {
        return Err(StripeError::invalid(format!("Invalid string: must be at most {NAME_CHARS_MAX} characters"))
            .with_param("name"));
    }
    std::mem::take(params).finish()?;
    let clock = new(change, frozen_time, name);
    Ok(clock.render(change.state))
}

fn new(change: &mut Change<'_>, frozen_time: i64, name: Option<String>) -> TestClock {
    let clock = TestClock {
        id: ids::object_id("clock_1", 23),
        created: change.real_now,
        name,
        frozen_time,
        target: None,
        deleted: false,
    };
    change.put(&clock);
    change.emit("test_helpers.test_clock.created", &clock);
    clock
}

/// `POST /v1/test_helpers/test_clocks/{id}/advance`. It arrives a moment later.
pub(crate) fn advance(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let clock: TestClock = change.find(id)?;
    let target = params.integer("frozen_time", &(0..=i64::from(u32::MAX)))?;
    let target = target.ok_or_else(|| StripeError::missing("frozen_time"))?;
    std::mem::take(params).finish()?;
    if clock.target.is_some() {
        return Err(StripeError::invalid(
            "Test clock advancement underway - cannot start another one until it is ready",
        )
        .with_code("test_clock_advancing"));
    }
    if target <= clock.frozen_time {
        return Err(
            StripeError::invalid("The new frozen time must be after the current one.").with_param("frozen_time")
        );
    }
    if target > latest(change.state, &clock) {
        return Err(StripeError::invalid(
            "A test clock goes two periods of its shortest subscription further at a time, or two years without one.",
        )
        .with_param("frozen_time"));
    }
    let clock = depart(change, clock, target);
    Ok(clock.render(change.state))
}

fn depart(change: &mut Change<'_>, mut clock: TestClock, target: i64) -> TestClock {
    clock.target = Some(target);
    change.put(&clock);
    change.emit("test_helpers.test_clock.advancing", &clock);
    clock
}

/// How far it may go at once.
fn latest(state: &State, clock: &TestClock) -> i64 {
    let subscriptions = state.subscriptions.oldest_first();
    let running = subscriptions.filter(|row| row.test_clock.as_ref() == Some(&clock.id) && !row.status.has_ended());
    let reach = running.map(|subscription| {
        let (interval, count) = start::rhythm(state, subscription);
        interval.after(clock.frozen_time, count.saturating_mul(PERIODS_MAX))
    });
    reach.min().unwrap_or_else(|| Interval::Year.after(clock.frozen_time, IDLE_YEARS_MAX))
}

/// Lets everything happen that lies between, and arrives.
pub(crate) fn arrive(change: &mut Change<'_>, id: &str) {
    let target = change.state.test_clocks.get(id).and_then(|clock| clock.target);
    let Some(target) = target else {
        return;
    };
    agenda::run_clock(change, id, target);
    if let Some(mut clock) = change.state.test_clocks.get(id).cloned() {
        clock.frozen_time = target;
        clock.target = None;
        change.put(&clock);
        change.enter_clock(None);
        change.emit("test_helpers.test_clock.ready", &clock);
    }
}

/// Sets a clock on its way, and the change with it.
pub(crate) fn set(change: &mut Change<'_>, id: &str, at: i64) {
    if let Some(mut clock) = change.state.test_clocks.get(id).cloned() {
        clock.frozen_time = clock.frozen_time.max(at);
        change.now = clock.frozen_time;
        change.put(&clock);
    }
}

/// `DELETE /v1/test_helpers/test_clocks/{id}`: with its customers and their subscriptions.
pub(crate) fn delete(change: &mut Change<'_>, id: &str) -> Result<Value, StripeError> {
    let mut clock: TestClock = change.find(id)?;
    let customers = change.state.customers.oldest_first();
    let ours: Vec<_> = customers
        .filter(|customer| customer.test_clock.as_deref() == Some(id) && !customer.deleted)
        .map(|customer| customer.id.clone())
        .collect();
    for customer in ours {
        customers::delete(change, &customer)?;
    }
    clock.deleted = true;
    change.put(&clock);
    change.enter_clock(None);
    change.emit("test_helpers.test_clock.deleted", &clock);
    Ok(json!({ "id": id, "object": "test_helpers.test_clock", "deleted": true }))
}

/// Advances the time of one customer, who gets a test clock for it if there is none. Stripe takes
/// a clock only with a new customer; at the dashboard every customer can be sent into the future.
pub(crate) fn advance_customer(
    change: &mut Change<'_>,
    id: &str,
    by: impl FnOnce(i64) -> i64,
) -> Result<(), StripeError> {
    let customer: Customer = change.find(id)?;
    let clock = match &customer.test_clock {
        Some(clock) => change.find(clock)?,
        None => adopt(change, customer),
    };
    if clock.target.is_some() {
        return Err(StripeError::invalid("This customer's clock is being advanced."));
    }
    let target = by(clock.frozen_time);
    if target > clock.frozen_time {
        depart(change, clock, target);
    }
    Ok(())
}

/// When the next thing is collected from a customer: an hour after a period ends, when its invoice is final.
pub(crate) fn next_renewal(state: &State, customer: &str) -> Option<i64> {
    let subscriptions = state.subscriptions.oldest_first();
    let running = subscriptions.filter(|row| row.customer == customer && !row.status.has_ended());
    running.map(|subscription| subscription.current_period_end + draft::DRAFT_S).min()
}

/// Gives a customer, and everything of theirs that waits for a moment, a clock that shows the real time.
fn adopt(change: &mut Change<'_>, mut customer: Customer) -> TestClock {
    let name = customer.email.clone().or_else(|| customer.name.clone());
    let clock = new(change, change.real_now, name);
    let id = Some(clock.id.clone());
    customer.test_clock.clone_from(&id);
    change.put(&customer);
    let sessions: Vec<_> = change.state.sessions.oldest_first().cloned().collect();
    for mut session in sessions.into_iter().filter(|row| row.customer.as_ref() == Some(&customer.id)) {
        session.test_clock.clone_from(&id);
        change.put(&session);
    }
    let subscriptions: Vec<_> = change.state.subscriptions.oldest_first().cloned().collect();
    for mut subscription in subscriptions.into_iter().filter(|row| row.customer == customer.id) {
        subscription.test_clock.clone_from(&id);
        change.put(&subscription);
    }
    let invoices: Vec<_> = change.state.invoices.oldest_first().cloned().collect();
    for mut invoice in invoices.into_iter().filter(|row| row.customer == customer.id) {
        invoice.test_clock.clone_from(&id);
        change.put(&invoice);
    }
    clock
}
