//! What a crate reaches through all of its normal dependencies.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{
    crates::Crate,
    patterns::any_matches,
    problem::Problem,
    rules::{Rule, rule_of},
};
use crate::{process, workspace::Workspace};

/// Asks cargo about each crate alone: in one build of the workspace the features of all would be mixed.
pub(crate) fn check(workspace: &Workspace, crates: &[Crate]) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for krate in crates {
        let Some(rule) = rule_of(&krate.name).filter(|rule| !rule.never_reaches.is_empty()) else {
            continue;
        };
        let mut cargo = workspace.cargo();
        cargo.args(["tree", "--locked", "--edges", "normal", "--prefix", "none"]);
        cargo.args(["--format", "{p}", "--package", &krate.name]);
        let reached = process::capture(&mut cargo)?;
        problems.extend(forbidden(rule, &krate.manifest(), &reached));
    }
    Ok(problems)
}

/// Compares the output of `cargo tree`, one `name version` a line, with the rule.
fn forbidden(rule: &Rule, manifest: &str, reached: &str) -> Vec<Problem> {
    let names: BTreeSet<_> = reached
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| any_matches(rule.never_reaches, name))
        .collect();
    let to_problem = |name: &&str| {
        let text = format!(
            "`{package}` must not reach `{name}`; see `cargo tree -e normal -p {package} -i {name}`",
            package = rule.package
        );
        Problem::of_file(manifest, text)
    };
    names.iter().map(to_problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    fn of_the_domain(reached: &str) -> Vec<String> {
        let rule = rule_of("settled-domain").unwrap();
        lines(&forbidden(rule, "crates/domain/Cargo.toml", reached))
    }

    #[test]
    fn what_is_reached_through_another_crate_is_found_once() {
        assert_eq!(
            of_the_domain("settled-domain v0.1.0 (crates/domain)\nserde v1.0.0\ntokio v1.5.0\ntokio v1.5.0 (*)\n"),
            ["crates/domain/Cargo.toml:1: `settled-domain` must not reach `tokio`; \
              see `cargo tree -e normal -p settled-domain -i tokio`"]
        );
    }

    #[test]
    fn parts_of_a_forbidden_family_are_found() {
        assert_eq!(of_the_domain("sqlx-core v0.9.0\nasync-stripe-shared v1.0.0\n").len(), 2);
    }

    #[test]
    fn harmless_crates_pass() {
        assert!(of_the_domain("serde v1.0.0\ntime v0.3.0\nuuid v1.0.0\n").is_empty());
    }
}
