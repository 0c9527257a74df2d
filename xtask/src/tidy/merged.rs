//! A migration stays as it was when it was added: every database holds its checksum.
//!
//! The witness is git's history, and not a file of checksums: such a file can be edited along with the migration, and
//! what may be done to it would need the history again. Looked at are the commits that were `HEAD` one after the other,
//! so it makes no difference whether `HEAD` is `main` or a branch on top of it.

use std::{collections::BTreeMap, path::Path, process::Command};

use anyhow::Result;

use super::{Tree, problem::Problem};
use crate::process;

const MIGRATIONS: &str = ":(glob)migrations/*/*.sql";

/// What the history of the repository at `root` says about the migrations in `tree`.
pub(crate) fn check(root: &Path, tree: &Tree) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for (path, commit) in added(root)? {
        let text = git(root, &["show", &format!("{commit}:{path}")])?;
        let short = commit.get(..8).unwrap_or(&commit);
        match tree.find(&path) {
            Some(file) if file.text.as_ref() == Some(&text) => {}
            Some(_) => problems.push(Problem::of_file(
                &path,
                format!(
                    "is not what commit {short} has added, which may be in databases: put that back and add a migration \
                     (a commit that is not on `main` yet can be amended)"
                ),
            )),
            None => problems.push(Problem::of_file(&path, format!("is gone; commit {short} has added it"))),
        }
    }
    Ok(problems)
}

/// Whether the clone holds only the newest commits, so that what came before cannot be looked at.
pub(crate) fn is_cut_off(root: &Path) -> Result<bool> {
    Ok(git(root, &["rev-parse", "--is-shallow-repository"])?.trim() == "true")
}

/// Every migration that there ever was, and the first commit that had it.
fn added(root: &Path) -> Result<BTreeMap<String, String>> {
    let log = ["log", "--first-parent", "--diff-merges=first-parent", "--no-renames", "--diff-filter=A"];
    let shown = ["--reverse", "--format=commit %H", "--name-only", "--", MIGRATIONS];
    let listing = git(root, &[log.as_slice(), &shown].concat())?;
    let mut added = BTreeMap::new();
    let mut commit = "";
    for line in listing.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("commit ") {
            Some(hash) => commit = hash,
            None => drop(added.entry(line.to_owned()).or_insert_with(|| commit.to_owned())),
        }
    }
    Ok(added)
}

fn git(root: &Path, arguments: &[&str]) -> Result<String> {
    process::capture(Command::new("git").current_dir(root).args(arguments))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::tidy::problem::lines;

    const FIRST: &str = "migrations/sqlite/0001_first.sql";

    /// A repository in which each commit writes one file, or removes it.
    fn repository(commits: &[(&str, Option<&str>)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
        for (path, text) in commits {
            commit(folder.path(), path, *text);
        }
        folder
    }

    fn run(root: &Path, arguments: &[&str]) {
        git(root, &[&["-c", "user.name=a", "-c", "user.email=a@example.com"], arguments].concat()).unwrap();
    }

    fn commit(root: &Path, path: &str, text: Option<&str>) {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        match text {
            Some(text) => fs::write(&file, text).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        run(root, &["add", "--all"]);
        run(root, &["commit", "--quiet", "--message", "a change"]);
    }

    fn problems(root: &Path, files: &[(&str, &str)]) -> Vec<String> {
        lines(&check(root, &Tree::of(files)).unwrap())
    }

    #[test]
    fn a_migration_that_is_as_it_was_added_passes_and_so_does_a_new_one() {
        let repository = repository(&[(FIRST, Some("CREATE")), ("README.md", Some("x"))]);
        let files = [(FIRST, "CREATE"), ("migrations/sqlite/0002_new.sql", "ALTER")];
        assert!(problems(repository.path(), &files).is_empty());
    }

    #[test]
    fn an_edit_is_found_before_and_after_it_is_committed() {
        let repository = repository(&[(FIRST, Some("CREATE"))]);
        let edited = [(FIRST, "CREATE MORE")];
        let found = problems(repository.path(), &edited);
        assert!(found.len() == 1 && found[0].starts_with(&format!("{FIRST}:1: is not what commit ")), "{found:?}");
        commit(repository.path(), FIRST, Some("CREATE MORE"));
        assert_eq!(problems(repository.path(), &edited), found);
        assert!(problems(repository.path(), &[(FIRST, "CREATE")]).is_empty(), "it can be put back");
    }

    #[test]
    fn a_migration_that_is_gone_or_renamed_is_found() {
        let repository = repository(&[(FIRST, Some("CREATE")), (FIRST, None)]);
        let found = problems(repository.path(), &[("migrations/sqlite/0001_renamed.sql", "CREATE")]);
        assert!(found.len() == 1 && found[0].contains("is gone"), "{found:?}");
    }

    #[test]
    fn what_a_branch_did_before_it_was_merged_is_its_own_affair() {
        let repository = repository(&[("README.md", Some("x"))]);
        let root = repository.path();
        run(root, &["switch", "--quiet", "--create", "branch"]);
        commit(root, FIRST, Some("CREAT"));
        commit(root, FIRST, Some("CREATE"));
        run(root, &["switch", "--quiet", "main"]);
        run(root, &["merge", "--quiet", "--no-ff", "--message", "merge", "branch"]);
        assert!(problems(root, &[(FIRST, "CREATE")]).is_empty());
        assert_eq!(problems(root, &[(FIRST, "CREAT")]).len(), 1);
    }

    #[test]
    fn a_clone_without_its_history_is_told_from_a_whole_one() {
        let whole = repository(&[(FIRST, Some("CREATE")), (FIRST, Some("CREATE MORE"))]);
        assert!(!is_cut_off(whole.path()).unwrap());
        let cut = tempfile::tempdir().unwrap();
        let url = format!("file://{}", whole.path().display());
        run(cut.path(), &["clone", "--quiet", "--depth=1", &url, "."]);
        assert!(is_cut_off(cut.path()).unwrap());
    }
}
