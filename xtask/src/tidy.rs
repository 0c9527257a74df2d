//! `cargo xtask tidy`: the shape of the repository. It reports everything it finds, not only the first.

mod crates;
mod layout;
mod links;
mod machine_paths;
mod markdown;
mod merged;
mod migrations;
mod patterns;
mod problem;
mod reach;
mod readmes;
mod rules;
mod sizes;
mod tree;
mod unfinished;

use anyhow::{Result, ensure};
pub(crate) use problem::Problem;
pub(crate) use tree::{SourceFile, Tree};

use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tree = Tree::read(workspace)?;
    let crates = crates::read(workspace)?;
    let mut problems = of_the_files(&tree);
    problems.extend(crates::check(&crates));
    problems.extend(readmes::check(&crates, &tree));
    problems.extend(reach::check(workspace, &crates)?);
    problems.extend(merged::check(workspace.root(), &tree)?);
    problems.sort();
    for problem in &problems {
        eprintln!("{problem}");
    }
    ensure!(problems.is_empty(), "tidy found {}", count(problems.len()));
    println!("tidy: {} files and {} crates are in order", tree.files().len(), crates.len());
    if merged::is_cut_off(workspace.root())? {
        println!("tidy: the history is cut off, so migrations were compared with what is left of it");
    }
    Ok(())
}

fn of_the_files(tree: &Tree) -> Vec<Problem> {
    [
        layout::check(tree),
        sizes::check(tree),
        migrations::check(tree),
        links::check(tree),
        unfinished::check(tree),
        machine_paths::check(tree),
    ]
    .concat()
}

fn count(problems: usize) -> String {
    match problems {
        1 => "1 problem".to_owned(),
        several => format!("{several} problems"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_of_all_kinds_are_reported_together() {
        let tree = Tree::of(&[
            ("notes.md", "x"),
            ("README.md", "[gone](docs/GONE.md)"),
            ("migrations/sqlite/first.sql", ""),
            ("crates/a/src/long.rs", &"\n".repeat(401)),
            ("crates/a/src/lib.rs", concat!("// FIX", "ME")),
            ("docs/HOW.md", concat!("cd /ro", "ot/settled")),
        ]);
        assert_eq!(of_the_files(&tree).len(), 6);
    }

    #[test]
    fn the_count_is_grammatical() {
        assert_eq!(count(1), "1 problem");
        assert_eq!(count(2), "2 problems");
    }
}
