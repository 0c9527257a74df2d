//! The migrations of the two databases go in step.

use std::collections::BTreeSet;

use super::{problem::Problem, tree::Tree};

const SQLITE: &str = "migrations/sqlite/";
const POSTGRES: &str = "migrations/postgres/";

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let sqlite = names(tree, SQLITE);
    let postgres = names(tree, POSTGRES);
    problems.extend(series(SQLITE, &sqlite));
    problems.extend(series(POSTGRES, &postgres));
    if !postgres.is_empty() {
        problems.extend(unpaired(SQLITE, &sqlite, POSTGRES, &postgres));
        problems.extend(unpaired(POSTGRES, &postgres, SQLITE, &sqlite));
    }
    problems
}

/// The file names in `folder`, without what only explains or keeps the folder.
fn names<'a>(tree: &'a Tree, folder: &str) -> BTreeSet<&'a str> {
    tree.files()
        .iter()
        .filter_map(|file| file.path.strip_prefix(folder))
        .filter(|name| !name.starts_with('.') && *name != "README.md")
        .collect()
}

/// Names are `NNNN_name.sql`, numbered 1, 2, 3 and so on.
fn series(folder: &str, names: &BTreeSet<&str>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut expected = 1;
    for name in names {
        let path = format!("{folder}{name}");
        match number(name) {
            None => problems.push(Problem::of_file(&path, "must be named like `0001_what_it_does.sql`")),
            Some(found) => {
                if found != expected {
                    let text = format!("is number {found} where {expected} is next; renumber it");
                    problems.push(Problem::of_file(&path, text));
                }
                expected = found + 1;
            }
        }
    }
    problems
}

fn number(name: &str) -> Option<u32> {
    let (number, rest) = name.strip_suffix(".sql")?.split_once('_')?;
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let is_well_formed = number.len() == 4
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !rest.is_empty()
        && rest.chars().all(is_word);
    is_well_formed.then(|| number.parse().ok()).flatten()
}

fn unpaired(folder: &str, names: &BTreeSet<&str>, other_folder: &str, others: &BTreeSet<&str>) -> Vec<Problem> {
    names
        .difference(others)
        .map(|name| {
            let text = format!("has no {other_folder}{name}; every change needs both");
            Problem::of_file(&format!("{folder}{name}"), text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    fn problems(paths: &[&str]) -> Vec<String> {
        let files: Vec<_> = paths.iter().map(|path| (*path, "")).collect();
        lines(&check(&Tree::of(&files)))
    }

    #[test]
    fn a_series_for_one_database_passes() {
        assert!(
            problems(&[
                "migrations/postgres/.gitkeep",
                "migrations/postgres/README.md",
                "migrations/sqlite/0001_first.sql",
                "migrations/sqlite/0002_more_of_it.sql",
            ])
            .is_empty()
        );
    }

    #[test]
    fn odd_names_are_found() {
        let odd = ["1_first.sql", "0001-first.sql", "0001_First.sql", "0001_.sql", "0001_a.txt"];
        for name in odd {
            let path = format!("migrations/sqlite/{name}");
            assert_eq!(problems(&[&path]), [format!("{path}:1: must be named like `0001_what_it_does.sql`")]);
        }
    }

    #[test]
    fn a_gap_is_found() {
        assert_eq!(
            problems(&["migrations/sqlite/0001_a.sql", "migrations/sqlite/0003_c.sql"]),
            ["migrations/sqlite/0003_c.sql:1: is number 3 where 2 is next; renumber it"]
        );
    }

    #[test]
    fn a_number_taken_twice_is_found() {
        assert_eq!(
            problems(&["migrations/sqlite/0001_a.sql", "migrations/sqlite/0001_b.sql"]),
            ["migrations/sqlite/0001_b.sql:1: is number 1 where 2 is next; renumber it"]
        );
    }

    #[test]
    fn with_two_databases_each_migration_has_its_pair() {
        let found = problems(&[
            "migrations/postgres/0001_first.sql",
            "migrations/postgres/0002_lists.sql",
            "migrations/sqlite/0001_first.sql",
            "migrations/sqlite/0002_list.sql",
        ]);
        assert_eq!(
            found,
            [
                "migrations/sqlite/0002_list.sql:1: has no migrations/postgres/0002_list.sql; every change needs both",
                "migrations/postgres/0002_lists.sql:1: has no migrations/sqlite/0002_lists.sql; every change needs both",
            ]
        );
    }
}
