//! What may lie at the top level.

use super::{patterns::any_matches, problem::Problem, tree::Tree};

const ALLOWED: &[&str] = &[
    ".*",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE*",
    "README.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "migrations",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "typos.toml",
    "xtask",
];

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    tree.top_level()
        .into_iter()
        .filter(|name| !any_matches(ALLOWED, name))
        .map(|name| Problem::of_file(name, "does not belong at the top level; move it into crates, docs or xtask"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    #[test]
    fn the_usual_entries_pass() {
        let tree = Tree::of(&[
            (".ci/run", ""),
            (".gitignore", ""),
            ("Cargo.toml", ""),
            ("LICENSE-MIT", ""),
            ("crates/domain/src/lib.rs", ""),
        ]);
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn anything_else_is_found() {
        let tree = Tree::of(&[("README.md", ""), ("scripts/a.sh", ""), ("scripts/b.sh", "")]);
        assert_eq!(
            lines(&check(&tree)),
            ["scripts:1: does not belong at the top level; move it into crates, docs or xtask"]
        );
    }
}
