//! What the commands for operators print, and how they end.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use anyhow::Result;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// Not there, or still wrong.
pub(crate) const NOT_DONE: ExitCode = ExitCode::FAILURE;
const SECONDS: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const MILLISECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]");

/// The command line names something that cannot be: told in one line, with the exit code that clap uses.
pub(crate) fn misused(problem: impl std::fmt::Display) -> ExitCode {
    eprintln!("settled: {problem}");
    ExitCode::from(2)
}

/// Prints text as it is. Who stops reading early, as `head` does, has read enough.
pub(crate) fn print(text: &str) -> Result<()> {
    print_bytes(text.as_bytes())
}

pub(crate) fn print_bytes(bytes: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Rows under headings, in columns as wide as what is in them.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
    for row in std::iter::once(&headings).chain(rows) {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A time in UTC, to the second.
pub(crate) fn second(at: OffsetDateTime) -> String {
    at.format(SECONDS).unwrap_or_default()
}

/// A time in UTC, to the millisecond.
pub(crate) fn millisecond(at: OffsetDateTime) -> String {
    at.format(MILLISECONDS).unwrap_or_default()
}

/// How long something took, in the largest unit that tells enough.
pub(crate) fn duration(duration: time::Duration) -> String {
    let milliseconds = duration.whole_milliseconds();
    match milliseconds.unsigned_abs() {
        0..=9_999 => format!("{milliseconds} ms"),
        10_000..=599_999 => format!("{} s", duration.whole_seconds()),
        600_000..=35_999_999 => format!("{} min", duration.whole_minutes()),
        36_000_000..=863_999_999 => format!("{} h", duration.whole_hours()),
        _ => format!("{} d", duration.whole_days()),
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them_and_lines_end_without_spaces() {
        let rows =
            [vec!["evt_1".to_owned(), "é".to_owned(), String::new()], vec!["e".into(), "long one".into(), "x".into()]];
        assert_eq!(table(&["ID", "B", "C"], &rows), "ID     B         C\nevt_1  é\ne      long one  x\n");
    }

    #[test]
    fn times_are_utc_and_durations_have_a_unit_that_tells_enough() {
        let at = datetime!(2026-11-24 10:00:00.123_456 UTC);
        assert_eq!((second(at), millisecond(at)), ("2026-11-24 10:00:00".into(), "2026-11-24 10:00:00.123".into()));
        let told = [
            (Duration::milliseconds(812), "812 ms"),
            (Duration::seconds(-2), "-2000 ms"),
            (Duration::seconds(75), "75 s"),
            (Duration::minutes(90), "90 min"),
            (Duration::hours(50), "50 h"),
            (Duration::days(12), "12 d"),
        ];
        for (taken, expected) in told {
            assert_eq!(duration(taken), expected);
        }
    }
}
