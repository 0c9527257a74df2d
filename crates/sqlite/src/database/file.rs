use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::OpenError;

pub(crate) fn path_of(url: &str) -> Result<PathBuf, OpenError> {
    let Some(path) = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) else {
        return Err(OpenError::BadUrl("it does not start with `sqlite:`"));
    };
    if path.is_empty() {
        Err(OpenError::BadUrl("it names no file"))
    } else if path.contains(":memory:") {
        Err(OpenError::BadUrl("payments must survive a restart, so `:memory:` is refused"))
    } else if path.contains('?') {
        Err(OpenError::BadUrl("parameters after `?` are not supported"))
    } else {
        Ok(PathBuf::from(path))
    }
}

/// Creates the file, if it is missing, readable by nobody else; SQLite gives its log the same mode. A file that is there
/// must not be opened here: closing it again would drop the locks that this process holds on it
/// (<https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_>).
pub(super) fn create(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(OpenError::File { path: path.display().to_string(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_relative_or_an_absolute_path() {
        for (url, path) in [
            ("sqlite://settled.db", "settled.db"),
            ("sqlite:settled.db", "settled.db"),
            ("sqlite:///var/lib/settled.db", "/var/lib/settled.db"),
            ("sqlite:/var/lib/settled.db", "/var/lib/settled.db"),
        ] {
            assert_eq!(path_of(url).unwrap(), Path::new(path), "{url}");
        }
    }

    #[test]
    fn a_url_of_no_file_is_refused_with_the_reason() {
        for (url, reason) in [
            ("postgres://localhost/settled", "does not start with `sqlite:`"),
            ("settled.db", "does not start with `sqlite:`"),
            ("", "does not start with `sqlite:`"),
            ("sqlite:", "names no file"),
            ("sqlite://", "names no file"),
            ("sqlite::memory:", "`:memory:` is refused"),
            ("sqlite://:memory:", "`:memory:` is refused"),
            ("sqlite://settled.db?mode=ro", "are not supported"),
        ] {
            assert!(path_of(url).unwrap_err().to_string().contains(reason), "{url}");
        }
    }
}
