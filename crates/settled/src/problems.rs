//! Everything that is wrong with the settings, told at once.

use std::fmt;

/// A list of complaints, each a sentence that names its setting and what to do.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    pub(crate) fn add(&mut self, problem: impl Into<String>) {
        self.0.push(problem.into());
    }

    /// Notes the error, if it is one, under the name of its setting.
    pub(crate) fn note<T, E: fmt::Display>(&mut self, setting: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(format!("{setting}: {error}"))).ok()
    }

    pub(crate) fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// The error and its causes, but none that the one before has already told.
pub(crate) fn in_one_line(error: &anyhow::Error) -> String {
    let causes = error.chain().map(ToString::to_string);
    causes
        .reduce(|told, cause| if told.ends_with(&cause) { told } else { format!("{told}: {cause}") })
        .unwrap_or_default()
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the settings have {} problem(s):", self.0.len())?;
        self.0.iter().try_for_each(|problem| write!(formatter, "\n  - {problem}"))
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_that_was_told_already_is_not_told_again() {
        let refused = anyhow!("connection refused");
        let error = refused.context("cannot communicate: connection refused").context("cannot open the database");
        assert_eq!(in_one_line(&error), "cannot open the database: cannot communicate: connection refused");
        assert_eq!(in_one_line(&anyhow!("alone")), "alone");
    }
}
