//! What happens by itself, and when.

use std::collections::{BTreeSet, HashMap};

/// The object that something happens to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Task {
    Clock(String),
    Session(String),
    Subscription(String),
    Invoice(String),
    Debit(String),
    Refund(String),
}

/// Tasks by their moment, on the real clock (`None`) and on each test clock.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    by_time: BTreeSet<(Option<String>, i64, Task)>,
    entries: HashMap<Task, (Option<String>, i64)>,
}

impl Agenda {
    /// Replaces the moment of a task; `None` takes it off.
    pub(super) fn set(&mut self, task: Task, due: Option<(Option<String>, i64)>) {
        if let Some((clock, at)) = self.entries.remove(&task) {
            self.by_time.remove(&(clock, at, task.clone()));
        }
        if let Some((clock, at)) = due {
            self.by_time.insert((clock.clone(), at, task.clone()));
            self.entries.insert(task, (clock, at));
        }
    }

    /// The first task of a clock, if it is due by `until`.
    pub(crate) fn first(&self, clock: Option<&str>, until: i64) -> Option<(i64, Task)> {
        let from = (clock.map(str::to_owned), i64::MIN, Task::Clock(String::new()));
        let (of, at, task) = self.by_time.range(from..).next()?;
        (of.as_deref() == clock && *at <= until).then(|| (*at, task.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(id: &str) -> Task {
        Task::Invoice(id.to_owned())
    }

    #[test]
    fn the_earliest_task_of_a_clock_comes_first_when_its_time_has_come() {
        let mut agenda = Agenda::default();
        agenda.set(task("late"), Some((None, 20)));
        agenda.set(task("early"), Some((None, 10)));
        agenda.set(task("elsewhere"), Some((Some("clock".to_owned()), 1)));
        assert_eq!(agenda.first(None, 9), None);
        assert_eq!(agenda.first(None, 30), Some((10, task("early"))));
        assert_eq!(agenda.first(Some("clock"), 30), Some((1, task("elsewhere"))));
        assert_eq!(agenda.first(Some("other"), 30), None);
    }

    #[test]
    fn a_task_has_one_moment() {
        let mut agenda = Agenda::default();
        agenda.set(task("a"), Some((None, 10)));
        agenda.set(task("a"), Some((None, 20)));
        assert_eq!(agenda.first(None, 30), Some((20, task("a"))));
        agenda.set(task("a"), None);
        assert_eq!(agenda.first(None, 30), None);
    }
}
