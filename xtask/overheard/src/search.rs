use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use crate::keep::Said;
use crate::kinds::{Kind, kind_of, words};

/// A secret where none must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// What kind of secret it is.
    pub kind: Kind,
    /// In which file of the folder.
    pub file: PathBuf,
    /// In which line, counted from 1.
    pub line: usize,
}

impl fmt::Display for Find {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} in line {} of {}", self.kind.name(), self.line, self.file.display())
    }
}

/// What a search has come to.
#[derive(Debug, Default)]
pub struct Searched {
    /// Secrets that were said.
    pub finds: Vec<Find>,
    lines: BTreeMap<Said, usize>,
    controls: BTreeSet<Kind>,
}

impl Searched {
    /// How many lines there were.
    #[must_use]
    pub fn lines_of(&self, said: Said) -> usize {
        self.lines.get(&said).copied().unwrap_or_default()
    }

    /// Why a search that found nothing proves nothing, in words; empty when it does.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        let silent = Said::PLACES.into_iter().filter(|said| self.lines_of(*said) == 0);
        let silent = silent.map(|said| format!("nothing was kept as `{}`", said.file_prefix()));
        let missed = Kind::ALL.into_iter().filter(|kind| !self.controls.contains(kind));
        let missed = missed.map(|kind| format!("{}, which a test has planted, was not found", kind.name()));
        silent.chain(missed).collect()
    }
}

/// Looks through all that was kept in `folder`.
///
/// # Errors
///
/// What the file system says.
pub fn search(folder: &Path) -> io::Result<Searched> {
    let settings = settings_in(folder)?;
    let mut searched = Searched::default();
    for (said, file) in files(folder)? {
        if said == Said::Setting {
            continue;
        }
        let text = fs::read(&file)?;
        let text = String::from_utf8_lossy(&text);
        // Most are in none of the files, so the lines need not be looked through for each.
        let settings: Vec<&str> = settings.iter().map(String::as_str).filter(|it| text.contains(it)).collect();
        for (index, line) in text.lines().enumerate() {
            *searched.lines.entry(said).or_default() += 1;
            for kind in kinds_in(line, &settings) {
                match said {
                    Said::Control => drop(searched.controls.insert(kind)),
                    _ => searched.finds.push(Find { kind, file: file.clone(), line: index + 1 }),
                }
            }
        }
    }
    Ok(searched)
}

fn kinds_in(line: &str, settings: &[&str]) -> BTreeSet<Kind> {
    let mut kinds: BTreeSet<Kind> = words(line).filter_map(kind_of).collect();
    if settings.iter().any(|setting| line.contains(setting)) {
        kinds.insert(Kind::Setting);
    }
    kinds
}

/// What was set as a secret in the tests of this run.
fn settings_in(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut settings = BTreeSet::new();
    for (said, file) in files(folder)? {
        if said == Said::Setting {
            settings.extend(fs::read_to_string(file)?.lines().map(str::to_owned));
        }
    }
    Ok(settings)
}

fn files(folder: &Path) -> io::Result<Vec<(Said, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let prefix = path.file_name().and_then(OsStr::to_str).and_then(|name| name.split('-').next());
        let all = [Said::Log, Said::Answer, Said::Metrics, Said::Control, Said::Setting];
        if let Some(said) = all.into_iter().find(|said| Some(said.file_prefix()) == prefix) {
            files.push((said, path));
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const PLANTED: &str = "sk_test_1 whsec_1 eyJa.b.c v1=00112233445566778899aabbccddeeff a@b.cd 4242424242424242 \
        pending_webhooks the-token-secret";

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let folder = TempDir::new().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    fn whole_run(log: &str) -> TempDir {
        folder(&[
            ("log-1", log),
            ("answer-1", "404 {\"code\":\"not_found\"}\n"),
            ("metrics-2", "settled_landings_total 1\n"),
            ("control-2", PLANTED),
            ("setting-1", "the-token-secret\nsk_test_2\n"),
        ])
    }

    #[test]
    fn a_run_in_which_nothing_leaked_passes() {
        let searched = search(whole_run("ready\nstopped\n").path()).unwrap();
        assert_eq!((searched.finds.len(), searched.gaps()), (0, Vec::new()));
        assert_eq!(searched.lines_of(Said::Log), 2);
    }

    #[test]
    fn a_leaked_secret_of_any_kind_is_told_with_its_place() {
        for (secret, kind) in PLANTED.split_whitespace().zip(Kind::ALL) {
            let folder = whole_run(&format!("ready\n{{\"error\":\"refused: {secret}\"}}\nstopped\n"));
            let finds = search(folder.path()).unwrap().finds;
            assert_eq!(finds, [Find { kind, file: folder.path().join("log-1"), line: 2 }], "{secret}");
        }
    }

    #[test]
    fn answers_and_metrics_are_searched_as_well() {
        let folder = folder(&[("answer-1", "a@b.cd"), ("metrics-1", "by{user=\"a@b.cd\"} 1")]);
        let places = search(folder.path()).unwrap().finds.into_iter().map(|find| find.file);
        assert_eq!(places.collect::<Vec<_>>(), ["answer-1", "metrics-1"].map(|name| folder.path().join(name)));
    }

    #[test]
    fn a_run_of_which_nothing_was_kept_proves_nothing() {
        let gaps = search(folder(&[]).path()).unwrap().gaps();
        assert_eq!(gaps.len(), Said::PLACES.len() + Kind::ALL.len());
        assert_eq!(gaps[0], "nothing was kept as `log`");
    }

    #[test]
    fn a_planted_secret_that_is_not_found_proves_that_the_search_is_blind() {
        let folder = whole_run("ready\n");
        fs::remove_file(folder.path().join("setting-1")).unwrap();
        let gaps = search(folder.path()).unwrap().gaps();
        assert_eq!(gaps, ["a secret setting, which a test has planted, was not found"]);
    }

    #[test]
    fn a_find_reads_like_a_sentence() {
        let find = Find { kind: Kind::Email, file: "/run/log-1".into(), line: 7 };
        assert_eq!(find.to_string(), "an e-mail address in line 7 of /run/log-1");
    }
}
