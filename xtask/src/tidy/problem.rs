//! Something that is not as it should be.

use std::fmt;

/// Where it is, what it is and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    path: String,
    line: usize,
    text: String,
}

impl Problem {
    /// A problem of a whole file: it points at the first line.
    pub(crate) fn of_file(path: &str, text: impl Into<String>) -> Self {
        Self::at(path, 1, text)
    }

    /// A problem at a line, counted from 1.
    pub(crate) fn at(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.text)
    }
}

/// The problems as the lines that a person reads.
#[cfg(test)]
pub(crate) fn lines(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}
