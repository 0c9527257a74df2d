//! One database for each test, on the server that `SETTLED_TEST_POSTGRES_URL` names.

mod database;
mod encryption;
mod fixtures;
mod proxy;
mod statements;
mod template;

pub(crate) use database::{TestDatabase, url_of};
pub(crate) use encryption::{Authority, HOST};
pub(crate) use fixtures::{NOW, claim, event, event_id, webhook};
pub(crate) use proxy::Proxy;

use sqlx::postgres::PgConnectOptions;

/// The server, as its superuser sees it.
pub(crate) fn server() -> PgConnectOptions {
    #[expect(clippy::disallowed_methods, reason = "this is where the tests are told about the server")]
    let url = std::env::var("SETTLED_TEST_POSTGRES_URL")
        .expect("SETTLED_TEST_POSTGRES_URL names a server: run `cargo xtask test`, or set it yourself");
    url.parse().expect("SETTLED_TEST_POSTGRES_URL is a URL of a PostgreSQL server")
}
