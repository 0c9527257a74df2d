//! Which database the URL names, and its adapter.

use std::sync::Arc;

use anyhow::{Context, Result};
use settled_domain::ports::Store;
use settled_sqlite::SqliteStore;

/// An open database whose schema is up to date.
pub(crate) enum Database {
    /// One file.
    Sqlite(SqliteStore),
}

impl Database {
    /// Opens what `DATABASE_URL` names, and brings its schema up to date.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        Ok(Self::Sqlite(SqliteStore::open(url).await.context("cannot open the database (DATABASE_URL)")?))
    }

    /// The store ports over it.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::new(store.clone()),
        }
    }

    /// Closes its connections.
    pub(crate) async fn close(self) {
        match self {
            Self::Sqlite(store) => store.close().await,
        }
    }
}
