//! Each crate's README is its charter and its crate doc.

use super::{crates::Crate, problem::Problem, tree::Tree};

const CRATE_DOC: &str = r#"#![doc = include_str!("../README.md")]"#;

pub(crate) fn check(crates: &[Crate], tree: &Tree) -> Vec<Problem> {
    crates.iter().flat_map(|krate| [readme(krate, tree), crate_doc(krate, tree)]).flatten().collect()
}

/// The title is the package's name and the line after it is the package's description.
fn readme(krate: &Crate, tree: &Tree) -> Option<Problem> {
    let path = format!("{}/README.md", krate.folder);
    let Some(file) = tree.find(&path) else {
        let text = format!("missing; its first lines are `# {}` and the description", krate.name);
        return Some(Problem::of_file(&path, text));
    };
    let mut lines = file.lines().filter(|(_, line)| !line.trim().is_empty());
    let title = format!("# {}", krate.name);
    let (number, found) = lines.next().unwrap_or((1, ""));
    if found != title {
        return Some(Problem::at(&path, number, format!("must begin with `{title}`")));
    }
    let (number, found) = lines.next().unwrap_or((number, ""));
    (plain(found) != plain(&krate.description)).then(|| {
        let text = format!("must be the description in {}: {}", krate.manifest(), krate.description);
        Problem::at(&path, number, text)
    })
}

fn crate_doc(krate: &Crate, tree: &Tree) -> Option<Problem> {
    let paths = ["lib.rs", "main.rs"].map(|name| format!("{}/src/{name}", krate.folder));
    let root = paths.iter().find_map(|path| tree.find(path))?;
    let has_it = root.lines().any(|(_, line)| line == CRATE_DOC);
    (!has_it).then(|| Problem::of_file(&root.path, format!("must begin with {CRATE_DOC}")))
}

/// Manifests have no markup, so a README may add backticks.
fn plain(text: &str) -> String {
    text.replace('`', "").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    const LIB: (&str, &str) = ("crates/a/src/lib.rs", CRATE_DOC);

    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let krate = Crate {
            name: "settled-a".to_owned(),
            description: "StripeGateway over HTTP.".to_owned(),
            folder: "crates/a".to_owned(),
            uses: Vec::new(),
        };
        lines(&check(&[krate], &Tree::of(files)))
    }

    #[test]
    fn the_description_may_have_backticks() {
        let readme = "# settled-a\n\n`StripeGateway` over HTTP.\n\nMore.\n";
        assert!(problems(&[("crates/a/README.md", readme), LIB]).is_empty());
    }

    #[test]
    fn another_first_line_is_found() {
        let readme = "# settled-a\n\nSomething else.\n\nStripeGateway over HTTP.\n";
        assert_eq!(
            problems(&[("crates/a/README.md", readme), LIB]),
            ["crates/a/README.md:3: must be the description in crates/a/Cargo.toml: StripeGateway over HTTP."]
        );
    }

    #[test]
    fn another_title_is_found() {
        let readme = "\n# Settled A\n\nStripeGateway over HTTP.\n";
        assert_eq!(
            problems(&[("crates/a/README.md", readme), LIB]),
            ["crates/a/README.md:2: must begin with `# settled-a`"]
        );
    }

    #[test]
    fn a_missing_readme_is_found() {
        assert!(problems(&[LIB])[0].starts_with("crates/a/README.md:1: missing"));
    }

    #[test]
    fn a_title_without_a_description_is_found() {
        assert_eq!(problems(&[("crates/a/README.md", "# settled-a\n"), LIB]).len(), 1);
    }

    #[test]
    fn a_crate_doc_written_elsewhere_is_found() {
        let readme = "# settled-a\n\nStripeGateway over HTTP.\n";
        let lib = ("crates/a/src/lib.rs", "//! StripeGateway over HTTP.\n");
        let found = problems(&[("crates/a/README.md", readme), lib]);
        assert!(found[0].starts_with("crates/a/src/lib.rs:1: must begin with #![doc"));
    }
}
