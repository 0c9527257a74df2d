use std::time::Duration;

/// How many connections a store opens and how long it waits. The defaults suit a few replicas on one server.
///
/// ```
/// use std::time::Duration;
/// use settled_postgres::PgSettings;
///
/// let settings = PgSettings { max_connections: 20, ..PgSettings::default() };
/// assert_eq!(settings.acquire_timeout, Duration::from_secs(3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PgSettings {
    /// The most connections that are open at once; 10 by default. All replicas together must stay below the server's
    /// `max_connections`.
    pub max_connections: u32,
    /// How long a caller waits for a connection before it is told that the database is not available; 3 s by default.
    pub acquire_timeout: Duration,
    /// The longest that opening waits for the server to answer; 10 s by default.
    pub connect_timeout: Duration,
    /// The longest that one statement may run (`statement_timeout`); 10 s by default.
    pub statement_timeout: Duration,
    /// The longest that a statement waits for a row of another transaction (`lock_timeout`); 5 s by default.
    pub lock_timeout: Duration,
    /// After this time the server ends a transaction whose program has fallen silent
    /// (`idle_in_transaction_session_timeout`) and frees the rows that it holds; 15 s by default.
    pub idle_in_transaction_timeout: Duration,
}

impl Default for PgSettings {
    fn default() -> Self {
        Self {
            max_connections: 10,
            acquire_timeout: Duration::from_secs(3),
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            idle_in_transaction_timeout: Duration::from_secs(15),
        }
    }
}
