//! Doing what is due: on the real clock, second by second; on a test clock, when it is advanced.

use crate::checkout::expire;
use crate::invoices::collect;
use crate::payments::{refunds, settle};
use crate::store::{Change, Task};
use crate::subscriptions::cycle;
use crate::test_clocks;

/// More than anybody waits for; a bug that made a task due again and again would end here.
const STEPS_MAX: usize = 10_000;

/// Does everything that is due in real time.
pub(crate) fn run(change: &mut Change<'_>) {
    for _ in 0..STEPS_MAX {
        let Some((_, task)) = change.state.agenda.first(None, change.real_now) else {
            return;
        };
        change.enter_clock(None);
        perform(change, &task);
    }
    tracing::error!("too much was due at once");
}

/// Does everything that is due on a test clock until `target`, each thing at its time.
pub(crate) fn run_clock(change: &mut Change<'_>, clock: &str, target: i64) {
    for _ in 0..STEPS_MAX {
        let Some((at, task)) = change.state.agenda.first(Some(clock), target) else {
            return;
        };
        test_clocks::set(change, clock, at);
        perform(change, &task);
    }
    tracing::error!(clock, "too much was due on a test clock");
}

fn perform(change: &mut Change<'_>, task: &Task) {
    match task {
        Task::Clock(id) => test_clocks::arrive(change, id),
        Task::Session(id) => expire::expire_overdue(change, id),
        Task::Subscription(id) => cycle::advance(change, id),
        Task::Invoice(id) => collect::advance(change, id),
        Task::Debit(id) => settle::settle_by_itself(change, id),
        Task::Refund(id) => refunds::turn(change, id),
    }
}
