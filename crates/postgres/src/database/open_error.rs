use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnectOptions;

/// Why a database could not be opened. No message holds the password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is not one of a PostgreSQL server.
    #[error("the database url cannot be used: {0}")]
    BadUrl(String),
    /// Nobody answers there, or not in the way that the URL asks for.
    #[error("cannot connect to the database server at {server}")]
    Unreachable {
        /// Host and port.
        server: String,
        /// What went wrong.
        #[source]
        source: sqlx::Error,
    },
    /// The server knows no such user, or the password is wrong.
    #[error("the database server at {server} refuses the user {user} or the password")]
    Credentials {
        /// Host and port.
        server: String,
        /// The user of the URL.
        user: String,
    },
    /// The server is there, the database is not.
    #[error("the database {database} does not exist on the server at {server}; create it first")]
    MissingDatabase {
        /// Host and port.
        server: String,
        /// The database of the URL.
        database: String,
    },
    /// Every connection that the server allows is taken.
    #[error("the database server at {server} has no connection left for the user {user}")]
    Full {
        /// Host and port.
        server: String,
        /// The user of the URL.
        user: String,
    },
    /// The role may only read, or must not create tables.
    #[error("the user {user} may not create and write tables in the database {database}")]
    NoRights {
        /// The user of the URL.
        user: String,
        /// The database of the URL.
        database: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// A newer program has migrated the database. This one must not start on it.
    #[error("the database has schema version {found}, and this program knows versions up to {known} only")]
    NewerSchema {
        /// The newest version in the database.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated")]
    Migration(#[source] MigrateError),
}

impl OpenError {
    pub(super) fn of(source: sqlx::Error, options: &PgConnectOptions) -> Self {
        let user = options.get_username().to_owned();
        let database = options.get_database().unwrap_or(&user).to_owned();
        let server = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let code = source.as_database_error().and_then(DatabaseError::code).unwrap_or_default().into_owned();
        match code.as_str() {
            // invalid_authorization_specification, invalid_password
            "28000" | "28P01" => Self::Credentials { server, user },
            // invalid_catalog_name
            "3D000" => Self::MissingDatabase { server, database },
            // too_many_connections
            "53300" => Self::Full { server, user },
            // insufficient_privilege, read_only_sql_transaction
            "42501" | "25006" => Self::NoRights { user, database, source },
            _ => Self::Unreachable { server, source },
        }
    }
}
