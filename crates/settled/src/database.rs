//! Which database the URL names, and its adapter.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use settled_domain::ports::{History, StatusRelay, Store};
use settled_postgres::{PgSettings, PgStatusRelay, PgStore};
use settled_sqlite::SqliteStore;
use url::Url;

/// The beginnings of the URLs of PostgreSQL servers.
const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];

/// An open database whose schema is up to date.
pub(crate) enum Database {
    /// One file.
    Sqlite(SqliteStore),
    /// A server, which other replicas may share.
    Postgres(PgStore, Arc<PgStatusRelay>),
}

impl Database {
    /// Opens what `DATABASE_URL` names, and brings its schema up to date.
    pub(crate) async fn open(url: &str, settings: &PgSettings) -> Result<Self> {
        let opened = match kind_of(url) {
            Some(Kind::Postgres) => PgStore::open_with(url, settings).await.map_err(anyhow::Error::from).map(|store| {
                let relay = Arc::new(store.status_relay(settings));
                Self::Postgres(store, relay)
            }),
            Some(Kind::Sqlite) => SqliteStore::open(url).await.map(Self::Sqlite).map_err(Into::into),
            None => Err(anyhow!("the url must begin with sqlite:// or postgres://")),
        };
        opened.context("cannot open the database (DATABASE_URL)")
    }

    /// How far the schema is of what `DATABASE_URL` names: the newest migration in it and the newest one that we know.
    /// Changes nothing.
    pub(crate) async fn inspect(url: &str, settings: &PgSettings) -> Result<(Option<i64>, i64)> {
        let seen = match kind_of(url) {
            Some(Kind::Postgres) => PgStore::inspect(url, settings).await.map(|seen| (seen.found, seen.known))?,
            Some(Kind::Sqlite) | None => SqliteStore::inspect(url).await.map(|seen| (seen.found, seen.known))?,
        };
        Ok(seen)
    }

    /// The store ports over it.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::new(store.clone()),
            Self::Postgres(store, _) => Arc::new(store.clone()),
        }
    }

    /// What carries news to other replicas; a file has none.
    pub(crate) fn relay(&self) -> Option<Arc<dyn StatusRelay>> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(_, relay) => Some(Arc::clone(relay) as Arc<dyn StatusRelay>),
        }
    }

    /// What a person asks about the past.
    pub(crate) fn history(&self) -> Arc<dyn History> {
        match self {
            Self::Sqlite(store) => Arc::new(store.clone()),
            Self::Postgres(store, _) => Arc::new(store.clone()),
        }
    }

    /// Closes its connections.
    pub(crate) async fn close(self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store, relay) => {
                relay.close().await;
                store.close().await;
            }
        }
    }
}

/// The kinds of databases that there are adapters for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// What the beginning of a URL names, if it names any.
pub(crate) fn kind_of(url: &str) -> Option<Kind> {
    if url.starts_with("sqlite:") {
        Some(Kind::Sqlite)
    } else {
        POSTGRES.iter().any(|scheme| url.starts_with(scheme)).then_some(Kind::Postgres)
    }
}

/// The URL as a person may see it: of a server, without user, password and parameters.
pub(crate) fn shown(url: &str) -> String {
    if kind_of(url) != Some(Kind::Postgres) {
        return url.to_owned();
    }
    Url::parse(url).map_or_else(
        |_| "postgres://".to_owned(),
        |url| {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("postgres://{}{port}{}", url.host_str().unwrap_or_default(), url.path())
        },
    )
}

/// The journal of the sandbox lies beside a file, or, named after the database of a server, in the working directory:
/// both tell one story.
pub(crate) fn sandbox_journal(url: &str) -> PathBuf {
    if kind_of(url) == Some(Kind::Postgres) {
        let path = Url::parse(url).map(|url| url.path().trim_matches('/').to_owned()).unwrap_or_default();
        let name = if path.is_empty() { "settled" } else { &path };
        return PathBuf::from(format!("{}.sandbox", name.replace('/', "_")));
    }
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    PathBuf::from(format!("{}.sandbox", path.split('?').next().unwrap_or(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_the_url_names_the_database() {
        assert_eq!(kind_of("sqlite://settled.db"), Some(Kind::Sqlite));
        assert_eq!(kind_of("postgres://localhost/settled"), Some(Kind::Postgres));
        assert_eq!(kind_of("postgresql://localhost/settled"), Some(Kind::Postgres));
        assert_eq!(kind_of("mysql://localhost/settled"), None);
        assert_eq!(kind_of(""), None);
    }

    #[test]
    fn what_is_shown_of_a_server_holds_no_secret() {
        let url = "postgresql://alice:hush@db.example:6432/settled?password=hush&sslmode=require";
        assert_eq!(shown(url), "postgres://db.example:6432/settled");
        assert_eq!(shown("postgres://alice:hush@local host/settled"), "postgres://");
        assert_eq!(shown("sqlite://settled.db"), "sqlite://settled.db");
    }

    #[test]
    fn the_journal_of_the_sandbox_is_named_after_the_database() {
        assert_eq!(sandbox_journal("sqlite:///var/lib/pay.db"), PathBuf::from("/var/lib/pay.db.sandbox"));
        assert_eq!(sandbox_journal("postgres://alice:hush@db/shop"), PathBuf::from("shop.sandbox"));
        assert_eq!(sandbox_journal("postgres://db"), PathBuf::from("settled.sandbox"));
        assert_eq!(sandbox_journal("postgres://db/../../etc/x"), PathBuf::from("etc_x.sandbox"));
    }
}
