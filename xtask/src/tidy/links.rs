//! Links in the README and the docs lead somewhere.
//!
//! READMEs of crates are left to rustdoc, whose links they may use.

use super::{
    markdown,
    problem::Problem,
    tree::{SourceFile, Tree},
};

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let is_checked = |file: &&SourceFile| file.path == "README.md" || file.path.starts_with("docs/");
    let mut problems = Vec::new();
    for file in tree.files().iter().filter(is_checked).filter(|file| file.is_one_of(&["md"])) {
        for (line, target) in markdown::links(file.lines()) {
            if let Some(reason) = broken(tree, &file.path, &target) {
                problems.push(Problem::at(&file.path, line, reason));
            }
        }
    }
    problems
}

/// Why `target`, written in the file `from`, leads nowhere.
fn broken(tree: &Tree, from: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    let Some(resolved) = resolve(from, path) else {
        return Some(format!("`{target}` leads out of the repository"));
    };
    if !tree.has(&resolved) {
        return Some(format!("`{target}` leads to {resolved}, which git does not track"));
    }
    let file = tree.find(&resolved).filter(|file| file.is_one_of(&["md"]))?;
    let anchor = anchor?;
    let has_it = markdown::anchors(file.lines()).iter().any(|it| it == anchor);
    (!has_it).then(|| format!("`{target}`: {resolved} has no heading for #{anchor}"))
}

/// The path from the root that `target` means in the file `from`.
fn resolve(from: &str, target: &str) -> Option<String> {
    if target.is_empty() {
        return Some(from.to_owned());
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder.split('/').filter(|part| !part.is_empty()).collect(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    fn problems(path: &str, text: &str) -> Vec<String> {
        let tree = Tree::of(&[
            (path, text),
            ("docs/GUIDE.md", "# Buying twice\n"),
            ("docs/decisions/0001-rust.md", "# Rust\n"),
            ("crates/domain/src/lib.rs", ""),
        ]);
        lines(&check(&tree))
    }

    #[test]
    fn files_folders_headings_and_other_sites_pass() {
        let text = "[a](docs/GUIDE.md) [b](docs/GUIDE.md#buying-twice) [c](crates/domain) [d](#top)\n\
                    [e](https://stripe.com/docs#x) [f](mailto:a@example.com) [g](/docs/GUIDE.md)\n# Top\n";
        assert!(problems("README.md", text).is_empty());
    }

    #[test]
    fn links_are_relative_to_the_file_they_are_in() {
        let text = "[up](../GUIDE.md) [beside](0001-rust.md) [root](../../crates/domain/src/lib.rs)";
        assert!(problems("docs/decisions/0002-x.md", text).is_empty());
        assert_eq!(
            problems("docs/decisions/0002-x.md", "\n[wrong](GUIDE.md)"),
            ["docs/decisions/0002-x.md:2: `GUIDE.md` leads to docs/decisions/GUIDE.md, which git does not track"]
        );
    }

    #[test]
    fn a_missing_heading_is_found() {
        assert_eq!(
            problems("README.md", "[a](docs/GUIDE.md#selling)"),
            ["README.md:1: `docs/GUIDE.md#selling`: docs/GUIDE.md has no heading for #selling"]
        );
        assert_eq!(problems("README.md", "[a](#nowhere)").len(), 1);
    }

    #[test]
    fn a_link_out_of_the_repository_is_found() {
        assert_eq!(
            problems("README.md", "[a](../other/README.md)"),
            ["README.md:1: `../other/README.md` leads out of the repository"]
        );
    }

    #[test]
    fn crate_readmes_are_left_to_rustdoc() {
        assert!(problems("crates/domain/README.md", "[Store](crate::ports::Store)").is_empty());
    }
}
