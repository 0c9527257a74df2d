//! The content of a `.sqlx` folder.

use std::{collections::BTreeMap, fs, io, path::Path};

use anyhow::{Context, Result};

use super::ensure_folder;

/// What the macros wrote down, one file for each query, by file name.
#[derive(Debug, PartialEq)]
pub(crate) struct Recorded(BTreeMap<String, String>);

impl Recorded {
    /// Reads the query files of `folder`; a folder that does not exist holds none.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self(BTreeMap::new()));
            }
            Err(error) => return Err(error).with_context(|| cannot("read", folder)),
        };
        let mut queries = BTreeMap::new();
        for entry in entries {
            let path = entry.with_context(|| cannot("read", folder))?.path();
            let text = fs::read_to_string(&path).with_context(|| cannot("read", &path))?;
            let name = path.file_name().unwrap_or_default();
            queries.insert(name.to_string_lossy().into_owned(), text);
        }
        Ok(Self(queries))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// One line for each file that differs between `self` and `fresh`.
    pub(crate) fn changes_to(&self, fresh: &Self) -> Vec<String> {
        let gone = self.0.keys().filter(|name| !fresh.0.contains_key(*name));
        let mut changes: Vec<_> = gone.map(|name| format!("unused: {name}")).collect();
        for (name, text) in &fresh.0 {
            match self.0.get(name) {
                None => changes.push(format!("missing: {name}")),
                Some(held) if held != text => changes.push(format!("different: {name}")),
                Some(_) => {}
            }
        }
        changes
    }

    /// Makes `folder` hold these files and no others.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        ensure_folder(folder)?;
        let held = Self::read(folder)?;
        for name in held.0.keys().filter(|name| !self.0.contains_key(*name)) {
            let path = folder.join(name);
            fs::remove_file(&path).with_context(|| cannot("remove", &path))?;
        }
        for (name, text) in &self.0 {
            if held.0.get(name) != Some(text) {
                let path = folder.join(name);
                fs::write(&path, text).with_context(|| cannot("write", &path))?;
            }
        }
        Ok(())
    }
}

fn cannot(what: &str, path: &Path) -> String {
    format!("cannot {what} {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(files: &[(&str, &str)]) -> Recorded {
        let files = files.iter().map(|(name, text)| ((*name).into(), (*text).into()));
        Recorded(files.collect())
    }

    #[test]
    fn equal_folders_have_no_changes() {
        let same = recorded(&[("a", "1"), ("b", "2")]);
        assert!(same.changes_to(&recorded(&[("a", "1"), ("b", "2")])).is_empty());
    }

    #[test]
    fn missing_unused_and_different_files_are_each_told() {
        let committed = recorded(&[("changed", "1"), ("old", "2"), ("same", "3")]);
        let fresh = recorded(&[("changed", "9"), ("new", "2"), ("same", "3")]);
        assert_eq!(committed.changes_to(&fresh), ["unused: old", "different: changed", "missing: new"]);
    }

    #[test]
    fn writing_makes_the_folder_hold_exactly_these_files() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join(".sqlx");
        recorded(&[("old", "1"), ("same", "2")]).write(&folder).unwrap();
        let fresh = recorded(&[("new", "3"), ("same", "4")]);
        fresh.write(&folder).unwrap();
        assert_eq!(Recorded::read(&folder).unwrap(), fresh);
    }

    #[test]
    fn a_folder_that_does_not_exist_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Recorded::read(&folder.path().join("none")).unwrap().len(), 0);
    }
}
