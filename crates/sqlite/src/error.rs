use std::error::Error;

use settled_domain::ports::StoreError;

type Source = Box<dyn Error + Send + Sync>;

pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(_) => by_result_code(result_code(&error), error.into()),
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::BeginFailed => StoreError::Unavailable(error.into()),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Damaged(error.into()),
        _ => StoreError::Refused(error.into()),
    }
}

pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    result_code(error).is_some_and(|code| code & 0xff == 5)
}

fn result_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
fn by_result_code(code: Option<i32>, source: Source) -> StoreError {
    match code.map(|code| code & 0xff) {
        // BUSY, LOCKED
        Some(5 | 6) => StoreError::Conflict(source),
        // PERM, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL
        Some(3 | 7 | 8 | 9 | 10 | 13 | 14 | 15) => StoreError::Unavailable(source),
        // CORRUPT, NOTADB
        Some(11 | 26) => StoreError::Damaged(source),
        _ => StoreError::Refused(source),
    }
}

pub(crate) fn damaged(source: impl Into<Source>) -> StoreError {
    StoreError::Damaged(source.into())
}

/// Fails unless a statement has touched every row that it was given.
pub(crate) fn all_or_conflict(touched: u64, given: usize, problem: &'static str) -> Result<(), StoreError> {
    if usize::try_from(touched) == Ok(given) { Ok(()) } else { Err(StoreError::Conflict(problem.into())) }
}

/// Rows as one parameter, for `json_each`.
pub(crate) fn json(rows: &(impl serde::Serialize + ?Sized)) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|error| StoreError::Refused(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_and_locked_are_conflicts_also_with_their_extended_codes() {
        for code in [5, 6, 261, 262, 517, 773] {
            assert!(matches!(by_result_code(Some(code), "".into()), StoreError::Conflict(_)), "{code}");
        }
    }

    #[test]
    fn a_database_out_of_reach_is_unavailable() {
        for code in [8, 10, 13, 14, 1034, 1544] {
            assert!(matches!(by_result_code(Some(code), "".into()), StoreError::Unavailable(_)), "{code}");
        }
    }

    #[test]
    fn a_corrupt_file_is_damaged() {
        for code in [11, 26, 267] {
            assert!(matches!(by_result_code(Some(code), "".into()), StoreError::Damaged(_)), "{code}");
        }
    }

    #[test]
    fn constraints_types_and_unknown_codes_are_refusals() {
        for code in [Some(1), Some(19), Some(20), Some(2067), Some(275), None] {
            assert!(matches!(by_result_code(code, "".into()), StoreError::Refused(_)), "{code:?}");
        }
    }
}
