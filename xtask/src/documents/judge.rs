//! Blocks that are not run, and still must be right.

use super::{
    blocks::{self, Block, Language},
    documents,
};
use crate::tidy::{Problem, SourceFile, Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let examples: Vec<Vec<&str>> =
        tree.files().iter().filter(|file| is_example(file)).map(|file| code(text_of(file))).collect();
    let mut problems = Vec::new();
    for document in documents(tree) {
        for block in blocks::of(document) {
            if let Some(problem) = judge(&block, &examples) {
                problems.push(Problem::at(&document.path, block.line, problem));
            }
        }
    }
    problems
}

fn judge(block: &Block, examples: &[Vec<&str>]) -> Option<String> {
    if let Some(excuse) = &block.excuse {
        return excuse.is_empty().then(|| "say why this is not run: `<!-- not run: reason -->`".to_owned());
    }
    match block.language() {
        Some(Language::Shell | Language::JavaScript | Language::Sql | Language::Prose) => None,
        Some(Language::Json) => {
            let error = serde_json::from_str::<serde::de::IgnoredAny>(&block.text).err()?;
            Some(format!("this is not JSON: {error}"))
        }
        Some(Language::Rust) => {
            let is_compiled = examples.iter().any(|example| holds(example, &code(&block.text)));
            (!is_compiled)
                .then(|| "no example has these lines; copy them from one under `crates/*/examples`".to_owned())
        }
        None => Some(format!(
            "a block of `{}` can be neither run nor checked; `text` is for prose, and \
             `<!-- not run: reason -->` before it excuses it",
            block.label
        )),
    }
}

fn is_example(file: &SourceFile) -> bool {
    file.path.starts_with("crates/") && file.path.contains("/examples/") && file.is_one_of(&["rs"])
}

fn text_of(file: &SourceFile) -> &str {
    file.text.as_deref().unwrap_or_default()
}

/// The lines that say something, without their indentation.
fn code(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

fn holds(example: &[&str], block: &[&str]) -> bool {
    !block.is_empty() && example.windows(block.len()).any(|window| window == block)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(block: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("docs/A.md", block),
            ("crates/a/examples/b/main.rs", "fn main() {\n    let a = 1;\n\n    run(a);\n}\n"),
            ("crates/a/src/lib.rs", "fn hidden() {}\n"),
        ]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rust_must_be_in_an_example_line_by_line_whatever_its_indentation() {
        assert!(problems("```rust\nlet a = 1;\nrun(a);\n```\n").is_empty());
        assert_eq!(problems("```rust\nlet a = 1;\nrun(b);\n```\n").len(), 1);
        assert_eq!(problems("```rust\nfn hidden() {}\n```\n").len(), 1, "not an example");
        assert_eq!(problems("```rust\n```\n").len(), 1, "nothing");
    }

    #[test]
    fn json_must_parse() {
        assert!(problems("```json\n{ \"a\": [1, 2] }\n```\n").is_empty());
        let told = problems("text\n```json\n{ \"a\": … }\n```\n");
        assert!(told[0].starts_with("docs/A.md:2: this is not JSON: expected value"), "{told:?}");
    }

    #[test]
    fn an_unknown_language_needs_an_excuse_with_a_reason() {
        assert_eq!(problems("```toml\na = 1\n```\n").len(), 1);
        assert_eq!(problems("```\na = 1\n```\n").len(), 1);
        assert_eq!(problems("<!-- not run: -->\n```toml\na = 1\n```\n").len(), 1);
        assert!(problems("<!-- not run: a file for systemd -->\n```toml\na = 1\n```\n").is_empty());
        assert!(problems("```text\nanything\n```\n").is_empty());
    }
}
