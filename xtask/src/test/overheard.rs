//! What the program said while the tests ran, searched for what nobody must see.

use std::{
    fmt::{self, Write},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use settled_overheard::{FOLDER, Said, search};
use tempfile::TempDir;

use crate::workspace::Workspace;

/// How many finds are told; one is bad enough.
const FINDS_TOLD_MAX: usize = 20;

/// A folder for what is said, and what has come of the search.
pub(super) struct Overheard(TempDir);

impl Overheard {
    pub(super) fn start(workspace: &Workspace) -> Result<Self> {
        let target = workspace.metadata()?.target_directory;
        let folder = tempfile::Builder::new().prefix("overheard-").tempdir_in(&target);
        folder.map(Self).with_context(|| format!("cannot make a folder in {target}"))
    }

    /// The variable that the tests must have.
    pub(super) fn variable(&self) -> (&str, &Path) {
        (FOLDER, self.0.path())
    }

    /// Searches what was said. Unless some tests were left out, there must have been something to search.
    pub(super) fn search(self, completeness: Completeness) -> Result<Summary> {
        let folder = self.0.path();
        let searched = search(folder).with_context(|| format!("cannot search {}", folder.display()))?;
        if !searched.finds.is_empty() {
            let mut told = String::new();
            for find in searched.finds.iter().take(FINDS_TOLD_MAX) {
                write!(told, "\n    {find}")?;
            }
            let _kept = self.0.keep();
            bail!("{} secrets were said in the test run:{told}", searched.finds.len());
        }
        let gaps = searched.gaps();
        ensure!(
            completeness == Completeness::Some || gaps.is_empty(),
            "the search for secrets in the test run proves nothing: {}",
            gaps.join("; ")
        );
        Ok(Summary(Said::PLACES.map(|said| searched.lines_of(said))))
    }
}

/// Which tests were asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Completeness {
    All,
    Some,
}

/// How many lines were searched.
#[derive(Default)]
pub(crate) struct Summary([usize; 3]);

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [logs, answers, metrics] = self.0;
        write!(f, "no secret in {logs} lines of logs, {answers} of errors and {metrics} of metrics")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn run(files: &[(&str, &str)], completeness: Completeness) -> Result<String> {
        let overheard = Overheard(TempDir::new()?);
        for (name, content) in files {
            fs::write(overheard.0.path().join(name), content)?;
        }
        overheard.search(completeness).map(|summary| summary.to_string())
    }

    #[test]
    fn a_run_in_which_a_secret_was_said_fails_with_its_place() {
        let error = run(&[("log-7", "ready\nthe key is sk_test_1\n")], Completeness::Some).unwrap_err().to_string();
        assert!(error.contains("a key in line 2 of") && error.ends_with("log-7"), "{error}");
        assert!(!error.contains("sk_test_1"), "{error}");
    }

    #[test]
    fn a_whole_run_in_which_nothing_was_kept_fails() {
        let error = run(&[], Completeness::All).unwrap_err().to_string();
        assert!(error.contains("nothing was kept as `log`"), "{error}");
    }

    #[test]
    fn a_run_of_some_tests_may_have_said_little() {
        let told = run(&[("log-7", "ready\n")], Completeness::Some).unwrap();
        assert_eq!(told, "no secret in 1 lines of logs, 0 of errors and 0 of metrics");
    }
}
