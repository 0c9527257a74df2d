//! A document that names a test names one that exists.
//!
//! Looked at are the last columns of tables whose last heading has the word "test".

use std::collections::BTreeSet;

use super::documents;
use crate::tidy::{Problem, Tree};

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
        let mut in_table = false;
        for (number, line) in document.lines() {
            let Some(cell) = last_cell(line) else {
                in_table = false;
                continue;
            };
            let has_word = cell.split(|c: char| !c.is_alphabetic()).any(|word| word == "test" || word == "tests");
            if !in_table && has_word && !cell.contains('`') {
                in_table = true;
            } else if in_table {
                let unknown = names(cell).filter(|name| !functions.contains(name));
                problems.extend(
                    unknown.map(|name| Problem::at(&document.path, number, format!("there is no test `{name}`"))),
                );
            }
        }
    }
    problems
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
    fn commands_and_other_tables_are_left_alone() {
        assert!(problems("| what | test |\n|---|---|\n| a | `cargo xtask tidy`, `intake` |\n").is_empty());
        assert!(problems("| what | where |\n|---|---|\n| a | `it_broke` |\n").is_empty());
        assert!(problems("| a | tests |\n|---|---|\n\nwords\n\n| a | b |\n|---|---|\n| a | `it_broke` |\n").is_empty());
    }
}
