mod inspect;
mod open_error;
mod options;
mod schema;

use settled_domain::ports::StoreError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{Connection, PgPool};

pub use self::inspect::SchemaVersion;
pub(crate) use self::inspect::inspect;
pub use self::open_error::OpenError;
pub(crate) use self::schema::check_schema;
use crate::error::is_lost_connection;
use crate::settings::PgSettings;

/// Brings the schema up to date on a connection of its own, then opens the pool.
pub(crate) async fn open(url: &str, settings: &PgSettings) -> Result<PgPool, OpenError> {
    let server = options::of(url)?;
    let mut connection = connect(&options::for_migrations(server.clone()), settings).await?;
    schema::migrate(&mut connection, &server).await?;
    connection.close().await.map_err(|error| OpenError::of(error, &server))?;
    Ok(PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(settings.acquire_timeout)
        // A round trip for each use; what it would find out, `on_a_live_connection` finds out.
        .test_before_acquire(false)
        .connect_lazy_with(options::for_work(server, settings)))
}

/// Not through a pool: it would go on trying where the server has said what is wrong.
async fn connect(server: &PgConnectOptions, settings: &PgSettings) -> Result<PgConnection, OpenError> {
    match tokio::time::timeout(settings.connect_timeout, PgConnection::connect_with(server)).await {
        Ok(connected) => connected.map_err(|error| OpenError::of(error, server)),
        Err(_) => Err(OpenError::of(sqlx::Error::PoolTimedOut, server)),
    }
}

/// A restart of the server cuts all idle connections, and each is found out only when it is used. `ask` must be harmless to
/// repeat; it is repeated at most once for each connection that the pool may hold.
pub(crate) async fn on_a_live_connection<T, F>(
    pool: &PgPool,
    ask: impl Fn() -> F + Send + Sync,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>> + Send,
{
    for _ in 0..pool.options().get_max_connections() {
        match ask().await {
            Err(error) if is_lost_connection(&error) => {}
            answer => return answer,
        }
    }
    ask().await
}
