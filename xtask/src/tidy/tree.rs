//! The files that git tracks.

use std::{collections::BTreeSet, fs};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// A tracked file.
pub(crate) struct SourceFile {
    /// Relative to the root, with forward slashes.
    pub(crate) path: String,
    /// `None` for what is not UTF-8 text, and for symbolic links.
    pub(crate) text: Option<String>,
}

impl SourceFile {
    /// Whether the name ends in one of `extensions`, given without the dot.
    pub(crate) fn is_one_of(&self, extensions: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
    }

    /// The lines with their numbers, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let text = self.text.as_deref().unwrap_or_default();
        text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// All tracked files, in the order of their paths.
pub(crate) struct Tree(Vec<SourceFile>);

impl Tree {
    /// Reads what git tracks and the working tree still has.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let mut files = Vec::new();
        for path in workspace.tracked_paths()? {
            let full = workspace.root().join(&path);
            let Ok(metadata) = full.symlink_metadata() else {
                continue;
            };
            let text = if metadata.is_file() {
                let bytes = fs::read(&full).with_context(|| format!("cannot read {path}"))?;
                String::from_utf8(bytes).ok()
            } else {
                None
            };
            files.push(SourceFile { path, text });
        }
        Ok(Self(files))
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files =
            files.iter().map(|(path, text)| SourceFile { path: (*path).to_owned(), text: Some((*text).to_owned()) });
        Self(files.collect())
    }

    pub(crate) fn files(&self) -> &[SourceFile] {
        &self.0
    }

    pub(crate) fn find(&self, path: &str) -> Option<&SourceFile> {
        self.0.iter().find(|file| file.path == path)
    }

    /// Whether `path` is a tracked file or a folder with one in it. The empty path is the root.
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        path.is_empty() || self.0.iter().any(|file| file.path == path || file.path.starts_with(&folder))
    }

    /// The names at the top level.
    pub(crate) fn top_level(&self) -> BTreeSet<&str> {
        let first = |file: &'_ SourceFile| file.path.split('/').next().map(str::len);
        self.0.iter().filter_map(|file| file.path.get(..first(file)?)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_exist_and_prefixes_of_names_do_not() {
        let tree = Tree::of(&[("docs/guide/BUY.md", "")]);
        assert!(tree.has("docs/guide/BUY.md"));
        assert!(tree.has("docs/guide"));
        assert!(tree.has(""));
        assert!(!tree.has("docs/gui"));
    }

    #[test]
    fn the_top_level_is_each_first_name_once() {
        let tree = Tree::of(&[("README.md", ""), ("docs/A.md", ""), ("docs/B.md", "")]);
        assert_eq!(tree.top_level(), BTreeSet::from(["README.md", "docs"]));
    }
}
