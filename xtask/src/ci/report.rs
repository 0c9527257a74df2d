//! One line for each step, with the time it took.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

/// The steps that have passed.
#[derive(Default)]
pub(crate) struct Report {
    passed: Vec<(&'static str, Duration)>,
}

impl Report {
    /// Runs `work` as the step `name`; an error carries the name.
    pub(crate) fn step<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n== {name}");
        let started = Instant::now();
        let outcome = work().with_context(|| format!("ci stopped at the step `{name}`"))?;
        let taken = started.elapsed();
        println!("{}", line(name, taken));
        self.passed.push((name, taken));
        Ok(outcome)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "== summary")?;
        for (name, taken) in &self.passed {
            writeln!(f, "{}", line(name, *taken))?;
        }
        let total = self.passed.iter().map(|(_, taken)| *taken).sum();
        writeln!(f, "{}", line("all", total))
    }
}

fn line(name: &str, taken: Duration) -> String {
    format!("{name:<11} ok {:>8.1} s", taken.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_lists_the_steps_in_order_and_their_sum() {
        let report =
            Report { passed: vec![("format", Duration::from_millis(1_500)), ("clippy", Duration::from_mins(1))] };
        assert_eq!(
            report.to_string(),
            "== summary\n\
             format      ok      1.5 s\n\
             clippy      ok     60.0 s\n\
             all         ok     61.5 s\n"
        );
    }

    #[test]
    fn a_failing_step_is_named_and_not_counted() {
        let mut report = Report::default();
        let outcome: Result<()> = report.step("clippy", || anyhow::bail!("a warning"));
        let error = format!("{:#}", outcome.unwrap_err());
        assert_eq!(error, "ci stopped at the step `clippy`: a warning");
        assert!(report.passed.is_empty());
    }

    #[test]
    fn a_passing_step_hands_back_its_result() {
        let mut report = Report::default();
        assert_eq!(report.step("test", || Ok(7)).unwrap(), 7);
        assert_eq!(report.passed.len(), 1);
    }
}
