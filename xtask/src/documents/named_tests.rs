//! A document that names a test names one that exists.
//!
//! In a table whose last heading has the word "test", every name in the last column is one; elsewhere, what is as long as
//! only tests are called.

use std::collections::BTreeSet;

use super::documents;
use crate::tidy::{Problem, Tree};

/// Nothing but a test has so many words in its name.
const UNDERSCORES_OF_A_TEST: usize = 5;

/// Where a line stands.
#[derive(Clone, Copy)]
enum Place {
    Text,
    TableOfTests,
    OtherTable,
}

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let functions: BTreeSet<&str> = tree
        .files()
        .iter()
        .filter(|file| file.is_one_of(&["rs"]))
        .flat_map(|file| file.text.as_deref().unwrap_or_default().split("fn ").skip(1))
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        .collect();
    let mut problems = Vec::new();
    for document in documents(tree) {
        let mut place = Place::Text;
        for (number, line) in document.lines() {
            let cell = last_cell(line);
            place = match (place, cell) {
                (_, None) => Place::Text,
                (Place::Text, Some(heading)) if heads_tests(heading) => Place::TableOfTests,
                (Place::Text, Some(_)) => Place::OtherTable,
                (table, Some(_)) => table,
            };
            let is_long = |name: &&str| name.matches('_').count() >= UNDERSCORES_OF_A_TEST;
            let named: Vec<&str> = match (place, cell) {
                (Place::TableOfTests, Some(cell)) => names(cell).collect(),
                _ => names(line).filter(is_long).collect(),
            };
            let unknown = named.into_iter().filter(|name| !functions.contains(name));
            problems
                .extend(unknown.map(|name| Problem::at(&document.path, number, format!("there is no test `{name}`"))));
        }
    }
    problems
}

/// Whether this is the last heading of a table of tests.
fn heads_tests(cell: &str) -> bool {
    let has_word = cell.split(|c: char| !c.is_alphabetic()).any(|word| word == "test" || word == "tests");
    has_word && !cell.contains('`')
}

fn last_cell(line: &str) -> Option<&str> {
    line.trim().strip_prefix('|')?.strip_suffix('|')?.rsplit('|').next()
}

/// What looks like the name of a test between backticks.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.filter(|name| {
        let is_name = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        is_name && name.contains('_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(document: &str) -> Vec<String> {
        let tests = "#[test]\nfn it_holds() {}\n#[tokio::test]\nasync fn it_holds_twice() {}\n";
        let tree = Tree::of(&[("docs/TESTING.md", document), ("crates/a/tests/a.rs", tests)]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_test_that_is_gone_is_told_with_its_line() {
        let table = "| what | the test |\n|---|---|\n| a | `it_holds`; `it_holds_twice` |\n| b | `it_broke` |\n";
        assert_eq!(problems(table), ["docs/TESTING.md:4: there is no test `it_broke`"]);
    }

    #[test]
    fn a_long_name_is_a_tests_wherever_it_stands() {
        let text =
            "Tested (`it_was_here_until_last_week`), with `max_connections`.\n| `it_has_been_there_too_once` | x |\n";
        assert_eq!(problems(text).len(), 2);
    }

    #[test]
    fn commands_and_other_tables_are_left_alone() {
        assert!(problems("| what | test |\n|---|---|\n| a | `cargo xtask tidy`, `intake` |\n").is_empty());
        assert!(problems("| a | b |\n|---|---|\n| a | a test |\n| a | `it_broke` |\n").is_empty(), "not the heading");
        assert!(problems("| what | where |\n|---|---|\n| a | `it_broke` |\n").is_empty());
        assert!(problems("| a | tests |\n|---|---|\n\nwords\n\n| a | b |\n|---|---|\n| a | `it_broke` |\n").is_empty());
    }
}
