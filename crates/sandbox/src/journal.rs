//! The file that the sandbox's memory is rebuilt from: one JSON line per change.
//!
//! One thread writes. It takes all lines that have queued, writes them, and syncs once, so that
//! many requests share one sync.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::sync::watch;

use crate::store::Record;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file or its folder cannot be read or written.
    #[error("could not open the journal {path}", path = path.display())]
    Open {
        /// The journal.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Another sandbox has it open.
    #[error("the journal {path} is in use by another sandbox", path = path.display())]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// A line before the last cannot be read: this is no journal of this version.
    #[error("line {line} of the journal {path} cannot be read", path = path.display())]
    Corrupt {
        /// The journal.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

enum Job {
    Append { upto: u64, lines: Vec<u8> },
    Replace { upto: u64, lines: Vec<u8> },
}

/// How far the file is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Written(u64),
    /// The file could not be written; nothing after that is durable.
    Failed,
}

/// The journal could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the journal could not be written")]
pub(crate) struct NotDurable;

/// The writing end. Dropping it ends the writer after what is queued.
#[derive(Debug)]
pub(crate) struct Journal {
    jobs: mpsc::Sender<Job>,
    progress: watch::Receiver<Progress>,
}

impl Journal {
    /// Opens or creates the file, hands every record in it to `replay`, and starts the writer.
    pub(crate) fn open(path: &Path, replay: impl FnMut(Record)) -> Result<(Self, JoinHandle<()>), JournalError> {
        let open_error = |source| JournalError::Open { path: path.to_owned(), source };
        let mut file = options().open(path).map_err(open_error)?;
        lock(&file, path)?;
        let length = read(&file, path, replay)?;
        file.set_len(length).map_err(open_error)?;
        file.seek(SeekFrom::End(0)).map_err(open_error)?;
        let (jobs, queue) = mpsc::channel();
        let (announce, progress) = watch::channel(Progress::Written(0));
        let path = path.to_owned();
        let writer = std::thread::Builder::new()
            .name("sandbox-journal".to_owned())
            .spawn(move || write_all(&path, file, &queue, &announce))
            .map_err(|source| JournalError::Open { path: PathBuf::new(), source })?;
        Ok((Self { jobs, progress }, writer))
    }

    /// Queues lines; `upto` is the number of the change they belong to, ascending.
    pub(crate) fn append(&self, upto: u64, lines: Vec<u8>) {
        // A writer that is gone has announced its failure, which `durable` reports.
        let _ = self.jobs.send(Job::Append { upto, lines });
    }

    /// Queues the replacement of the whole file by `lines`.
    pub(crate) fn replace(&self, upto: u64, lines: Vec<u8>) {
        let _ = self.jobs.send(Job::Replace { upto, lines });
    }

    /// For waiting without holding the journal.
    pub(crate) fn waiter(&self) -> Waiter {
        Waiter(self.progress.clone())
    }
}

/// Waits for the disk.
#[derive(Debug)]
pub(crate) struct Waiter(watch::Receiver<Progress>);

impl Waiter {
    /// Returns when change `number` is on disk.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: the change is written whether or not somebody waits.
    pub(crate) async fn durable(mut self, number: u64) -> Result<(), NotDurable> {
        let reached = self
            .0
            .wait_for(|at| match at {
                Progress::Written(upto) => *upto >= number,
                Progress::Failed => true,
            })
            .await
            .map_err(|_| NotDurable)?;
        match *reached {
            Progress::Written(_) => Ok(()),
            Progress::Failed => Err(NotDurable),
        }
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    file.try_lock().map_err(|error| match error {
        std::fs::TryLockError::WouldBlock => JournalError::InUse { path: path.to_owned() },
        std::fs::TryLockError::Error(source) => JournalError::Open { path: path.to_owned(), source },
    })
}

/// Replays the file and returns the length of its sound part: a crash can tear the last line.
fn read(file: &File, path: &Path, mut replay: impl FnMut(Record)) -> Result<u64, JournalError> {
    let mut reader = BufReader::new(file);
    let mut sound = 0_u64;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let length = reader
            .read_until(b'\n', &mut line)
            .map_err(|source| JournalError::Open { path: path.to_owned(), source })?;
        if length == 0 {
            break;
        }
        if !line.ends_with(b"\n") {
            tracing::warn!(line = number, "the last line of the journal is torn; it is dropped");
            break;
        }
        let record = serde_json::from_slice(&line).map_err(|source| JournalError::Corrupt {
            path: path.to_owned(),
            line: number,
            source,
        })?;
        replay(record);
        sound += length as u64;
    }
    Ok(sound)
}

fn write_all(path: &Path, mut file: File, queue: &mpsc::Receiver<Job>, announce: &watch::Sender<Progress>) {
    while let Ok(first) = queue.recv() {
        let mut reached = 0;
        let jobs = std::iter::once(first).chain(queue.try_iter().take(1_000));
        let written = jobs.into_iter().try_for_each(|job| match job {
            Job::Append { upto, lines } => {
                reached = upto;
                file.write_all(&lines)
            }
            Job::Replace { upto, lines } => {
                reached = upto;
                file = rewrite(path, &lines)?;
                Ok(())
            }
        });
        if let Err(error) = written.and_then(|()| file.sync_data()) {
            tracing::error!(%error, "the sandbox's journal could not be written");
            announce.send_replace(Progress::Failed);
            return;
        }
        announce.send_replace(Progress::Written(reached));
    }
}

/// Writes a new file beside the old one and puts it in its place in one step.
fn rewrite(path: &Path, lines: &[u8]) -> io::Result<File> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let mut file = options().truncate(true).open(&beside)?;
    file.try_lock().map_err(io::Error::from)?;
    file.write_all(lines)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}
