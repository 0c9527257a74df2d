use std::error::Error;

use settled_domain::ports::StoreError;
use sqlx::error::DatabaseError;

type Source = Box<dyn Error + Send + Sync>;

/// What the server said, without the values: its details quote whole rows.
#[derive(Debug, thiserror::Error)]
#[error("{message} (SQLSTATE {code})")]
struct ServerError {
    code: String,
    message: String,
}

impl ServerError {
    fn of(error: &dyn DatabaseError) -> Self {
        let code = error.code().unwrap_or_default().into_owned();
        // Messages about data that cannot be read quote the data.
        let message = if code.starts_with("22") { "the data cannot be stored" } else { error.message() };
        Self { message: message.to_owned(), code }
    }
}

/// The connection is gone. What was sent on it may or may not have been done.
#[derive(Debug, thiserror::Error)]
#[error("the connection to the database was lost")]
struct LostConnection(#[source] Source);

pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(error) => {
            let error = ServerError::of(error.as_ref());
            by_sqlstate(&error.code.clone(), error.into())
        }
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => lost(error.into()),
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) | sqlx::Error::BeginFailed => {
            StoreError::Unavailable(error.into())
        }
        // Their messages may quote the value.
        sqlx::Error::ColumnDecode { index, .. } => damaged(format!("column {index} cannot be read")),
        sqlx::Error::Decode(_) => damaged("a column cannot be read"),
        _ => StoreError::Refused(error.into()),
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn by_sqlstate(code: &str, source: Source) -> StoreError {
    match code {
        // serialization_failure, deadlock_detected, lock_not_available
        "40001" | "40P01" | "55P03" => StoreError::Conflict(source),
        // admin_shutdown, crash_shutdown, database_dropped, idle_in_transaction_session_timeout, idle_session_timeout
        "57P01" | "57P02" | "57P04" | "25P03" | "57P05" => lost(source),
        // query_canceled (the statement timeout), cannot_connect_now, read_only_sql_transaction (now a standby)
        "57014" | "57P03" | "25006" => StoreError::Unavailable(source),
        // data_corrupted, index_corrupted
        "XX001" | "XX002" => StoreError::Damaged(source),
        _ if code.starts_with("08") => lost(source),
        // insufficient resources, operator intervention elsewhere, system error
        _ if code.starts_with("53") || code.starts_with("58") => StoreError::Unavailable(source),
        _ => StoreError::Refused(source),
    }
}

fn lost(source: Source) -> StoreError {
    StoreError::Unavailable(LostConnection(source).into())
}

/// The connection was lost, which says nothing about the next one.
pub(crate) fn is_lost_connection(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(source) if source.is::<LostConnection>())
}

pub(crate) fn damaged(source: impl Into<Source>) -> StoreError {
    StoreError::Damaged(source.into())
}

/// Fails unless a statement has touched every row that it was given.
pub(crate) fn all_or_conflict(touched: u64, given: usize, problem: &'static str) -> Result<(), StoreError> {
    if usize::try_from(touched) == Ok(given) { Ok(()) } else { Err(StoreError::Conflict(problem.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(code: &str) -> StoreError {
        by_sqlstate(code, "".into())
    }

    #[test]
    fn what_another_transaction_causes_is_a_conflict() {
        for code in ["40001", "40P01", "55P03"] {
            assert!(matches!(mapped(code), StoreError::Conflict(_)), "{code}");
        }
    }

    #[test]
    fn a_server_out_of_reach_or_out_of_room_is_unavailable() {
        for code in ["57P01", "57P02", "57P03", "57014", "08000", "08006", "53300", "53100", "53200", "58030", "25006"]
        {
            assert!(matches!(mapped(code), StoreError::Unavailable(_)), "{code}");
        }
    }

    #[test]
    fn only_a_lost_connection_says_nothing_about_the_next() {
        for code in ["57P01", "57P02", "08006", "25P03"] {
            assert!(is_lost_connection(&mapped(code)), "{code}");
        }
        for code in ["57014", "53300", "40001", "23505"] {
            assert!(!is_lost_connection(&mapped(code)), "{code}");
        }
        assert!(is_lost_connection(&store_error(std::io::Error::other("reset").into())));
        assert!(!is_lost_connection(&store_error(sqlx::Error::PoolTimedOut)));
    }

    #[test]
    fn data_constraints_and_unknown_codes_are_refusals() {
        for code in ["22021", "22P05", "23505", "23514", "42601", "42P01", "0A000", ""] {
            assert!(matches!(mapped(code), StoreError::Refused(_)), "{code}");
        }
    }

    #[test]
    fn corruption_is_damage() {
        for code in ["XX001", "XX002"] {
            assert!(matches!(mapped(code), StoreError::Damaged(_)), "{code}");
        }
    }

    #[test]
    fn a_column_that_cannot_be_read_is_damage_and_is_not_quoted() {
        let error = sqlx::Error::ColumnDecode { index: "params".into(), source: "a secret".into() };
        let error = store_error(error);
        assert!(matches!(error, StoreError::Damaged(_)), "{error:?}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
}
