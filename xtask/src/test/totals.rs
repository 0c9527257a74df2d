//! Adding up what the test binaries report.

use std::fmt;

/// The sum over all test binaries, doc tests included.
#[derive(Default)]
pub(crate) struct Totals {
    passed: u64,
    failed: u64,
    ignored: u64,
    contract: ContractCases,
}

/// How many cases of the contract of every store have passed, by the module in which each adapter runs them.
#[derive(Default)]
struct ContractCases {
    on_sqlite: u64,
    on_postgres: u64,
}

impl ContractCases {
    /// Counts `line` if it says that a case has passed.
    fn add_line(&mut self, line: &str) {
        let Some(name) = line.trim_end().strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... ok")) else {
            return;
        };
        let is_in = |module: &str| name.split("::").any(|part| part == module);
        self.on_sqlite += u64::from(is_in("on_sqlite"));
        self.on_postgres += u64::from(is_in("on_postgres"));
    }
}

impl Totals {
    /// Counts `line` if it is the closing line of a test binary or a passed case of the contract.
    pub(crate) fn add_line(&mut self, line: &str) {
        self.contract.add_line(line);
        let Some((_, results)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for result in results.split(';') {
            let Some((count, what)) = result.trim().split_once(' ') else {
                continue;
            };
            let count = count.parse().unwrap_or(0);
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }

    /// How many cases of the contract of every store have passed on each database, if any have.
    pub(crate) fn contract(&self) -> Option<String> {
        let ContractCases { on_sqlite, on_postgres } = self.contract;
        let line = format!("cases of the contract: {on_sqlite} on SQLite, {on_postgres} on PostgreSQL");
        (on_sqlite + on_postgres > 0).then_some(line)
    }

    pub(crate) fn ran_any(&self) -> bool {
        self.passed + self.failed > 0
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.ignored > 0 {
            write!(f, ", {} ignored", self.ignored)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(lines: &[&str]) -> String {
        let mut totals = Totals::default();
        for line in lines {
            totals.add_line(line);
        }
        totals.to_string()
    }

    #[test]
    fn results_of_several_binaries_are_added() {
        let text = totals(&[
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s\n",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s\n",
        ]);
        assert_eq!(text, "7 passed, 2 failed");
    }

    #[test]
    fn ignored_tests_are_told() {
        let text = totals(&["test result: ok. 1 passed; 0 failed; 2 ignored; 0 measured"]);
        assert_eq!(text, "1 passed, 0 failed, 2 ignored");
    }

    #[test]
    fn other_lines_count_nothing() {
        let text = totals(&["test a ... ok", "5 passed; 5 failed", "test result: odd"]);
        assert_eq!(text, "0 passed, 0 failed");
    }

    #[test]
    fn cases_of_the_contract_are_counted_for_each_database() {
        let mut totals = Totals::default();
        assert_eq!(totals.contract(), None);
        for line in [
            "test on_sqlite::slots::a_free_slot_is_taken ... ok\n",
            "test contract::on_postgres::slots::a_free_slot_is_taken ... ok\n",
            "test contract::on_postgres::slots::another ... FAILED\n",
            "test contract::on_postgres::slots::one_more ... ok\n",
        ] {
            totals.add_line(line);
        }
        assert_eq!(totals.contract().unwrap(), "cases of the contract: 1 on SQLite, 2 on PostgreSQL");
    }

    #[test]
    fn having_run_nothing_is_told_from_having_run_something() {
        let mut totals = Totals::default();
        assert!(!totals.ran_any());
        totals.add_line("test result: FAILED. 0 passed; 1 failed; 0 ignored");
        assert!(totals.ran_any());
    }
}
