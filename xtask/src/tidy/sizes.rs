//! Files that are short enough to read in one sitting.

use super::{problem::Problem, tree::Tree};

const EXTENSIONS: &[&str] = &["rs", "js", "css", "html", "sql"];
const LIMIT: usize = 400;
/// Tests repeat themselves on purpose.
const LIMIT_OF_TESTS: usize = 600;

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.files().iter().filter(|file| file.is_one_of(EXTENSIONS)) {
        let limit = if is_test(&file.path) { LIMIT_OF_TESTS } else { LIMIT };
        let lines = file.lines().count();
        if lines > limit {
            let text = format!("{lines} lines; split it, {limit} is the limit");
            problems.push(Problem::at(&file.path, limit + 1, text));
        }
    }
    problems
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    fn problems(path: &str, count: usize) -> Vec<String> {
        lines(&check(&Tree::of(&[(path, &"x\n".repeat(count))])))
    }

    #[test]
    fn the_limit_itself_is_allowed() {
        assert!(problems("crates/a/src/lib.rs", 400).is_empty());
        assert_eq!(
            problems("crates/a/src/lib.rs", 401),
            ["crates/a/src/lib.rs:401: 401 lines; split it, 400 is the limit"]
        );
    }

    #[test]
    fn tests_may_be_longer() {
        assert!(problems("crates/a/tests/buy.rs", 600).is_empty());
        assert_eq!(problems("crates/a/tests/buy.rs", 601).len(), 1);
        assert!(problems("crates/a/src/buy/tests.rs", 600).is_empty());
    }

    #[test]
    fn pages_and_migrations_count_and_other_files_do_not() {
        assert_eq!(problems("crates/api/pages/app.js", 401).len(), 1);
        assert_eq!(problems("migrations/sqlite/0001_first.sql", 401).len(), 1);
        assert!(problems("Cargo.lock", 5_000).is_empty());
    }
}
