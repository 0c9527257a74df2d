//! Paths of somebody's own machine mean nothing to anybody else.

use super::{problem::Problem, tree::Tree};

/// In halves, so that this file does not find itself.
const FOLDERS: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.files() {
        for (number, line) in file.lines() {
            for folder in FOLDERS.iter().filter(|folder| has_path(line, folder)) {
                let text = format!("`{folder}` is a folder of one machine; write a relative path");
                problems.push(Problem::at(&file.path, number, text));
            }
        }
    }
    problems
}

/// Whether a path in `line` begins with `folder`; the middle of a longer path or of a URL does not count.
fn has_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"./_-}".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    #[test]
    fn each_folder_is_found_in_any_kind_of_file() {
        for folder in FOLDERS {
            let text = format!("first\nrun(\"{folder}settled\")\n");
            assert_eq!(
                lines(&check(&Tree::of(&[(".ci/run", &text)]))),
                [format!(".ci/run:2: `{folder}` is a folder of one machine; write a relative path")]
            );
        }
    }

    #[test]
    fn the_middle_of_a_path_or_url_passes() {
        let text = FOLDERS.map(|folder| format!("https://example.com{folder}x ..{folder}y")).join("\n");
        assert_eq!(check(&Tree::of(&[("README.md", &text)])), []);
    }
}
