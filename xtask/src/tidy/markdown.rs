//! The little of Markdown that finding links and headings takes.

use std::collections::HashMap;

/// The lines outside of code blocks, with their numbers.
fn prose<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> impl Iterator<Item = (usize, &'a str)> {
    let mut fence: Option<&str> = None;
    lines.filter(move |(_, line)| {
        let start = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
        match (fence, mark) {
            (None, None) => true,
            (None, Some(_)) => {
                fence = mark;
                false
            }
            (Some(open), Some(mark)) if open == mark => {
                fence = None;
                false
            }
            (Some(_), _) => false,
        }
    })
}

/// The targets of links and images, in the three ways to write them, with their line numbers.
pub(crate) fn links<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(lines) {
        let line = without_code(line);
        let targets = between(&line, "](", ')')
            .chain(between(&line, "src=\"", '"'))
            .chain(between(&line, "href=\"", '"'))
            .chain(definition(&line));
        found.extend(targets.map(|target| (number, target.to_owned())));
    }
    found
}

/// The anchors that headings get, in the way that GitHub makes them.
pub(crate) fn anchors<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut anchors = Vec::new();
    for (_, line) in prose(lines) {
        let title = line.trim_start_matches('#');
        let depth = line.len() - title.len();
        if !(1..=6).contains(&depth) || !title.starts_with(' ') {
            continue;
        }
        let slug = slug(title.trim());
        let times = seen.entry(slug.clone()).or_default();
        anchors.push(match *times {
            0 => slug,
            again => format!("{slug}-{again}"),
        });
        *times += 1;
    }
    anchors
}

fn slug(title: &str) -> String {
    let keep = |c: char| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c),
        _ => None,
    };
    without_targets(title).to_lowercase().chars().filter_map(keep).collect()
}

/// `[text](target)` as `text`.
fn without_targets(title: &str) -> String {
    let mut text = title.to_owned();
    while let Some(start) = text.find("](") {
        let Some(length) = text[start..].find(')') else {
            break;
        };
        text.replace_range(start..=start + length, "");
    }
    text
}

/// Blanks what stands between backticks.
fn without_code(line: &str) -> String {
    let parts = line.split('`').enumerate();
    parts.filter(|(index, _)| index % 2 == 0).map(|(_, part)| part).collect()
}

fn between<'a>(line: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    line.split(open).skip(1).filter_map(move |rest| {
        let (target, _) = rest.split_once(close)?;
        // A target may be followed by a title in quotes.
        target.split_whitespace().next()
    })
}

/// The target of `[name]: target`.
fn definition(line: &str) -> Option<&str> {
    let (name, target) = line.trim().strip_prefix('[')?.split_once("]: ")?;
    (!name.contains(']')).then(|| target.split_whitespace().next())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
        text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    fn targets(text: &str) -> Vec<String> {
        links(numbered(text)).into_iter().map(|(_, target)| target).collect()
    }

    #[test]
    fn links_images_html_and_definitions_are_found() {
        let text = "[a](one.md) and ![b](two.svg \"title\")\n<img src=\"three.png\">\n\n[c]: four.md\n";
        assert_eq!(targets(text), ["one.md", "two.svg", "three.png", "four.md"]);
    }

    #[test]
    fn each_link_has_its_line() {
        assert_eq!(links(numbered("x\n\n[a](one.md)")), [(3, "one.md".to_owned())]);
    }

    #[test]
    fn code_has_no_links() {
        assert!(targets("`[a](one.md)`\n```text\n[b](two.md)\n```\n").is_empty());
    }

    #[test]
    fn a_block_ends_with_the_fence_that_began_it() {
        assert_eq!(targets("~~~\n```\n~~~\n[a](one.md)"), ["one.md"]);
    }

    #[test]
    fn anchors_are_those_of_github() {
        let text = "# The flow, step by step\n## `pollPaymentStatus(sessionId)`\n### A [link](x.md)\n";
        assert_eq!(anchors(numbered(text)), ["the-flow-step-by-step", "pollpaymentstatussessionid", "a-link"]);
    }

    #[test]
    fn a_heading_that_comes_again_is_numbered() {
        assert_eq!(anchors(numbered("# Errors\n# Errors\n# Errors")), ["errors", "errors-1", "errors-2"]);
    }

    #[test]
    fn comments_in_code_blocks_are_not_headings() {
        assert!(anchors(numbered("```sh\n# install\n```\n#tag")).is_empty());
    }
}
