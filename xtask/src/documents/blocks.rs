//! The blocks of code in a document.

use crate::tidy::SourceFile;

/// What a block is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// Run against the program.
    Shell,
    /// Run by Node.
    JavaScript,
    /// Run against the program's database.
    Sql,
    /// Parsed.
    Json,
    /// Compared with the examples.
    Rust,
    /// Not code.
    Prose,
}

impl Language {
    fn named(name: &str) -> Option<Self> {
        match name {
            "sh" => Some(Self::Shell),
            "js" => Some(Self::JavaScript),
            "sql" => Some(Self::Sql),
            "json" => Some(Self::Json),
            "rust" => Some(Self::Rust),
            "text" => Some(Self::Prose),
            _ => None,
        }
    }
}

/// What stands between two fences.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The line of the first fence.
    pub(crate) line: usize,
    /// What the fence says.
    pub(crate) label: String,
    pub(crate) text: String,
    /// Why it is not run, as the comment before it says.
    pub(crate) excuse: Option<String>,
}

impl Block {
    /// `None` for a language that nobody here can check.
    pub(crate) fn language(&self) -> Option<Language> {
        Language::named(&self.label)
    }

    pub(crate) fn is_to_be_run(&self) -> bool {
        let can_run = matches!(self.language(), Some(Language::Shell | Language::JavaScript | Language::Sql));
        can_run && self.excuse.is_none()
    }
}

/// The blocks of a document, in their order.
pub(crate) fn of(document: &SourceFile) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, Block)> = None;
    let mut excuse = None;
    for (number, line) in document.lines() {
        match &mut open {
            Some((fence, _)) if line.trim() == *fence => blocks.extend(open.take().map(|(_, block)| block)),
            Some((_, block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => match ["```", "~~~"].into_iter().find(|fence| line.trim_start().starts_with(fence)) {
                Some(fence) => {
                    let label = line.trim().trim_start_matches(fence).split_whitespace().next().unwrap_or_default();
                    let block =
                        Block { line: number, label: label.to_owned(), text: String::new(), excuse: excuse.take() };
                    open = Some((fence, block));
                }
                None if line.trim().is_empty() => {}
                None => excuse = reason(line),
            },
        }
    }
    blocks.extend(open.map(|(_, block)| block));
    blocks
}

/// The reason in `<!-- not run: reason -->`.
fn reason(line: &str) -> Option<String> {
    let reason = line.trim().strip_prefix("<!-- not run:")?.strip_suffix("-->")?;
    Some(reason.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> Vec<Block> {
        of(&SourceFile { path: "docs/A.md".to_owned(), text: Some(text.to_owned()) })
    }

    #[test]
    fn a_block_has_its_line_its_label_and_its_text() {
        let found = blocks("# A\n\n```sh\ncurl x\n  y\n```\n\n~~~rust,no_run\nfn f() {}\n~~~\n");
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].line, found[0].label.as_str(), found[0].text.as_str()), (3, "sh", "curl x\n  y\n"));
        assert_eq!(found[0].language(), Some(Language::Shell));
        assert_eq!((found[1].line, found[1].language()), (8, None), "attributes are not known here");
    }

    #[test]
    fn a_comment_excuses_the_next_block_and_no_other() {
        let found = blocks("<!-- not run: needs an account -->\n\n```sh\na\n```\n```sh\nb\n```\n");
        assert_eq!(found[0].excuse.as_deref(), Some("needs an account"));
        assert_eq!(found[1].excuse, None);
        assert!(!found[0].is_to_be_run() && found[1].is_to_be_run());
    }

    #[test]
    fn a_comment_with_words_in_between_excuses_nothing() {
        assert_eq!(blocks("<!-- not run: x -->\nRun this:\n```sh\na\n```\n")[0].excuse, None);
    }

    #[test]
    fn a_fence_inside_a_block_of_the_other_kind_is_text() {
        let found = blocks("~~~text\n```sh\n~~~\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "```sh\n");
    }

    #[test]
    fn only_what_can_run_is_run() {
        let runs = |label| blocks(&format!("```{label}\nx\n```\n"))[0].is_to_be_run();
        assert!(["sh", "js", "sql"].into_iter().all(runs));
        assert!(!["json", "rust", "text", "toml", ""].into_iter().any(runs));
    }
}
