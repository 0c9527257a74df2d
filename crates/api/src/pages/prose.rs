//! The little Markdown that descriptions are written in: paragraphs, lists, `code` and `<https://links>`.

/// What stands by itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block<'a> {
    Paragraph(Vec<Piece<'a>>),
    List(Vec<Vec<Piece<'a>>>),
}

/// A part of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Code(&'a str),
    Link(&'a str),
}

/// The blocks of a description. What is not understood stays text.
pub(super) fn blocks(description: &str) -> Vec<Block<'_>> {
    let blocks = description.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    blocks
        .map(|block| {
            let items: Option<Vec<_>> = block.lines().map(|line| line.strip_prefix("- ").map(pieces)).collect();
            items.map_or_else(|| Block::Paragraph(pieces(block)), Block::List)
        })
        .collect()
}

/// The parts of a text that is no more than a line or a paragraph.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, piece, after)) = next_mark(rest) {
        pieces.extend([Piece::Text(before), piece]);
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces.retain(|piece| *piece != Piece::Text(""));
    pieces
}

/// The first piece that is not text, with what stands before and after it.
fn next_mark(text: &str) -> Option<(&str, Piece<'_>, &str)> {
    let code = text.split_once('`').and_then(|(before, rest)| {
        let (code, after) = rest.split_once('`')?;
        Some((before, Piece::Code(code), after))
    });
    let link = text.split_once("<https://").and_then(|(before, rest)| {
        let (link, after) = rest.split_once('>')?;
        Some((before, Piece::Link(&text[before.len() + 1..][.."https://".len() + link.len()]), after))
    });
    [code, link].into_iter().flatten().min_by_key(|(before, _, _)| before.len())
}

#[cfg(test)]
mod tests {
    use super::Piece::{Code, Link, Text};
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(pieces("with `wait`, or `0`"), [Text("with "), Code("wait"), Text(", or "), Code("0")]);
    }

    #[test]
    fn an_address_in_angle_brackets_is_a_link() {
        let pieces = pieces("see <https://docs.example/a#b>.");
        assert_eq!(pieces, [Text("see "), Link("https://docs.example/a#b"), Text(".")]);
    }

    #[test]
    fn marks_within_code_are_code() {
        assert_eq!(pieces("`<https://a.example>`"), [Code("<https://a.example>")]);
    }

    #[test]
    fn what_has_no_end_stays_text() {
        for text in ["a ` b", "a <https://b", "<script>", "<javascript:alert(1)>"] {
            assert_eq!(pieces(text), [Text(text)]);
        }
    }

    #[test]
    fn paragraphs_and_lists_are_told_apart() {
        let told = blocks("What went wrong:\n\n- `a`: one\n- two\n\nNo\n- list");
        let list = Block::List(vec![vec![Code("a"), Text(": one")], vec![Text("two")]]);
        let paragraph = |text| Block::Paragraph(vec![Text(text)]);
        assert_eq!(told, [paragraph("What went wrong:"), list, paragraph("No\n- list")]);
    }
}
