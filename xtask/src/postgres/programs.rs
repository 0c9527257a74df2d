//! PostgreSQL's programs on this machine.

use std::{
    cmp::Reverse,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Where packages put the programs besides `PATH`; each holds one folder for each major version.
const VERSIONED_PLACES: &[(&str, &str)] = &[("/usr/lib/postgresql", "bin"), ("/opt/homebrew/opt", "bin")];

/// A folder that holds `initdb` and `postgres`.
#[derive(Debug, PartialEq)]
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    pub(super) fn find() -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let on_path = env::split_paths(&path).filter(|folder| folder.is_absolute());
        first_of(on_path.chain(VERSIONED_PLACES.iter().flat_map(|(place, bin)| versions(Path::new(place), bin))))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn command(&self, program: &str) -> Command {
        Command::new(self.folder.join(program))
    }
}

/// The first folder that has both. Links are followed: the programs look for their files beside themselves.
fn first_of(mut folders: impl Iterator<Item = PathBuf>) -> Option<Programs> {
    let folder = folders.find(|folder| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file()))?;
    let real = fs::canonicalize(folder.join("postgres")).ok()?;
    Some(Programs { folder: real.parent()?.to_owned() })
}

/// The folders of the versions below `place`, the newest first.
fn versions(place: &Path, bin: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number = name.strip_prefix("postgresql@").unwrap_or(&name).parse().ok()?;
            Some((number, entry.path().join(bin)))
        })
        .collect();
    versions.sort_by_key(|(number, _)| Reverse(*number));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine_with(files: &[&str]) -> tempfile::TempDir {
        let machine = tempfile::tempdir().unwrap();
        for file in files {
            let path = machine.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        machine
    }

    #[test]
    fn a_folder_must_have_both_programs() {
        let machine = machine_with(&["a/postgres", "b/initdb", "c/initdb", "c/postgres"]);
        let found = first_of(["a", "b", "c"].iter().map(|folder| machine.path().join(folder))).unwrap();
        assert_eq!(found.folder(), fs::canonicalize(machine.path().join("c")).unwrap());
        assert_eq!(first_of(["a", "b"].iter().map(|folder| machine.path().join(folder))), None);
    }

    #[test]
    fn the_newest_version_comes_first() {
        let machine = machine_with(&["9/bin/postgres", "15/bin/postgres", "postgresql@17/bin/postgres", "common/x"]);
        let names: Vec<_> = versions(machine.path(), "bin");
        let expected: Vec<_> = ["postgresql@17", "15", "9"].map(|name| machine.path().join(name).join("bin")).into();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_place_that_is_not_there_has_no_versions() {
        assert!(versions(Path::new("/settled/no/such/place"), "bin").is_empty());
    }
}
