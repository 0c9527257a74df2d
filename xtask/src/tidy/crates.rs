//! The crates of the workspace and the dependencies that their manifests name.

use anyhow::Result;
use cargo_metadata::{DependencyKind, Package};

use super::{
    patterns::any_matches,
    problem::Problem,
    rules::{Others, rule_of},
};
use crate::workspace::Workspace;

/// A package of the workspace.
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) description: String,
    /// Relative to the root, with forward slashes.
    pub(crate) folder: String,
    /// Names of the normal dependencies, optional ones included.
    pub(crate) uses: Vec<String>,
}

impl Crate {
    pub(crate) fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }
}

pub(crate) fn read(workspace: &Workspace) -> Result<Vec<Crate>> {
    let metadata = workspace.metadata()?;
    let root = &metadata.workspace_root;
    let to_crate = |package: &Package| {
        let folder = package.manifest_path.parent().unwrap_or(root);
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        Crate {
            name: package.name.to_string(),
            description: package.description.clone().unwrap_or_default(),
            folder: folder.strip_prefix(root).unwrap_or(folder).to_string(),
            uses: normal.map(|dependency| dependency.name.clone()).collect(),
        }
    };
    Ok(metadata.packages.iter().map(to_crate).collect())
}

/// Compares what each crate names with what it may name.
pub(crate) fn check(crates: &[Crate]) -> Vec<Problem> {
    let is_ours = |name: &str| crates.iter().any(|krate| krate.name == name);
    let mut problems = Vec::new();
    for krate in crates {
        let Some(rule) = rule_of(&krate.name) else {
            let text =
                format!("`{}` is not in the table of xtask/src/tidy/rules.rs; say there what it may use", krate.name);
            problems.push(Problem::of_file(&krate.manifest(), text));
            continue;
        };
        for used in &krate.uses {
            let allowed = match (is_ours(used), &rule.others) {
                (true, _) => rule.ours.contains(&used.as_str()),
                (false, Others::Any) => true,
                (false, Others::Only(names)) => any_matches(names, used),
            };
            if !allowed {
                let text = format!(
                    "`{}` must not depend on `{used}`; remove it, or argue for it in xtask/src/tidy/rules.rs",
                    krate.name
                );
                problems.push(Problem::of_file(&krate.manifest(), text));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    fn krate(name: &str, folder: &str, uses: &[&str]) -> Crate {
        Crate {
            name: name.to_owned(),
            description: String::new(),
            folder: folder.to_owned(),
            uses: uses.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn the_design_passes() {
        let crates = [
            krate("settled-domain", "crates/domain", &["serde", "mockall"]),
            krate("settled-sqlite", "crates/sqlite", &["settled-domain", "sqlx"]),
            krate("settled-api", "crates/api", &["settled-domain", "axum"]),
            krate("settled-sandbox", "crates/sandbox", &["axum", "tokio"]),
            krate("settled", "crates/settled", &["settled-api", "settled-sqlite", "clap"]),
            krate("xtask", "xtask", &["sqlx"]),
        ];
        assert_eq!(check(&crates), []);
    }

    #[test]
    fn an_edge_between_adapters_is_found() {
        let crates = [
            krate("settled-sqlite", "crates/sqlite", &["settled-stripe"]),
            krate("settled-stripe", "crates/stripe", &[]),
        ];
        assert_eq!(
            lines(&check(&crates)),
            ["crates/sqlite/Cargo.toml:1: `settled-sqlite` must not depend on `settled-stripe`; \
              remove it, or argue for it in xtask/src/tidy/rules.rs"]
        );
    }

    #[test]
    fn the_sandbox_and_xtask_use_nothing_of_ours() {
        let crates = [
            krate("settled-domain", "crates/domain", &[]),
            krate("settled-sandbox", "crates/sandbox", &["settled-domain"]),
            krate("xtask", "xtask", &["settled-domain"]),
        ];
        assert_eq!(check(&crates).len(), 2);
    }

    #[test]
    fn the_domain_names_only_what_is_listed() {
        let crates = [krate("settled-domain", "crates/domain", &["serde", "rand"])];
        assert!(lines(&check(&crates))[0].contains("must not depend on `rand`"));
    }

    #[test]
    fn a_new_crate_must_be_put_into_the_table() {
        let crates = [krate("settled-extra", "crates/extra", &[])];
        assert!(lines(&check(&crates))[0].contains("`settled-extra` is not in the table"));
    }
}
