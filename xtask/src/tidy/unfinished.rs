//! Nothing is left to do: notes to self and skipped tests do not reach the main branch.

use super::{problem::Problem, tree::Tree};

const EXTENSIONS: &[&str] = &["rs", "js", "md", "sql"];

/// In halves, so that this file does not find itself.
const WORDS: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];
const CODE: [&str; 2] = [concat!("to", "do!("), concat!("#[ig", "nore")];

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.files().iter().filter(|file| file.is_one_of(EXTENSIONS)) {
        for (number, line) in file.lines() {
            let words = WORDS.iter().filter(|word| has_word(line, word));
            let code = CODE.iter().filter(|code| line.contains(**code));
            for mark in words.chain(code) {
                let text = format!("`{mark}`: finish it or open an issue");
                problems.push(Problem::at(&file.path, number, text));
            }
        }
    }
    problems
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric()).any(|it| it == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    #[test]
    fn each_mark_is_found_where_it_stands() {
        for mark in WORDS.iter().chain(&CODE) {
            let text = format!("fine\n  {mark} rest\n");
            assert_eq!(
                lines(&check(&Tree::of(&[("crates/a/src/lib.rs", &text)]))),
                [format!("crates/a/src/lib.rs:2: `{mark}`: finish it or open an issue")]
            );
        }
    }

    #[test]
    fn parts_of_other_words_and_other_files_pass() {
        let text = format!("{}S are kept", WORDS[0]);
        assert!(check(&Tree::of(&[("docs/A.md", &text)])).is_empty());
        assert!(check(&Tree::of(&[("Cargo.lock", WORDS[0])])).is_empty());
    }
}
