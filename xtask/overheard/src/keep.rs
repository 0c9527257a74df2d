use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{LazyLock, OnceLock};

/// The variable that names the folder. Without it nothing is kept.
pub const FOLDER: &str = "SETTLED_OVERHEARD";

/// What something was said by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// A line of a log.
    Log,
    /// An answer that is an error.
    Answer,
    /// The metrics, when somebody read them.
    Metrics,
    /// One of each kind of secret, written by a test to be found.
    Control,
    /// A secret, not said but set.
    Setting,
}

impl Said {
    /// Where the program says something that nobody asked it to keep to itself.
    pub const PLACES: [Self; 3] = [Self::Log, Self::Answer, Self::Metrics];

    pub(crate) fn file_prefix(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Answer => "answer",
            Self::Metrics => "metrics",
            Self::Control => "control",
            Self::Setting => "setting",
        }
    }
}

/// Keeps what was said, if anybody wants it.
///
/// # Panics
///
/// When it cannot be written: what is not kept would not be searched.
pub fn keep(said: Said, text: &str) {
    static FILES: [OnceLock<File>; 5] = [const { OnceLock::new() }; 5];
    static PLACE: LazyLock<Option<PathBuf>> = LazyLock::new(|| env::var_os(FOLDER).map(PathBuf::from));
    let Some(folder) = &*PLACE else { return };
    let mut file = FILES[said as usize].get_or_init(|| open(folder, said));
    // One call for all of it: other threads write, too.
    file.write_all(format!("{}\n", text.trim_end_matches('\n')).as_bytes()).expect("what was said can be written down");
}

/// Keeps what a subscriber writes: give it `|| LogWriter`.
#[derive(Debug, Clone, Copy)]
pub struct LogWriter;

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        keep(Said::Log, &String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn open(folder: &Path, said: Said) -> File {
    let path = folder.join(format!("{}-{}", said.file_prefix(), process::id()));
    OpenOptions::new().create(true).append(true).open(path).expect("the folder is there and can be written to")
}
