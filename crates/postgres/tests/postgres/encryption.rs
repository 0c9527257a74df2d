//! TLS as the URL asks for it, with a server whose certificate is of a company's own authority.

use std::error::Error;

use settled_domain::ports::Store;
use settled_postgres::{OpenError, PgStore};

use crate::harness::{Authority, HOST, TestDatabase, url_of};

/// The URL, written as an operator would.
fn url(database: &TestDatabase, host: &str, port: u16, parameters: &str) -> String {
    let url = url_of(&database.options().host(host).port(port));
    format!("{}?{parameters}", url.split('?').next().unwrap())
}

async fn open(url: &str) -> Result<PgStore, OpenError> {
    PgStore::open(url).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_used_by_tls_as_far_as_the_url_trusts_it() {
    let (database, authority) = (TestDatabase::migrated().await, Authority::new());
    let port = authority.encrypt(database.options()).await;
    let root = authority.file();
    for (host, parameters) in [
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={root}")),
        (HOST, format!("sslmode=verify-full&sslrootcert={root}")),
    ] {
        let opened = open(&url(&database, host, port, &parameters)).await;
        opened.unwrap_or_else(|error| panic!("{parameters}: {error:?}")).check_ready().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_authority_and_another_host_name_are_refused_in_one_line() {
    let (database, authority, another) = (TestDatabase::migrated().await, Authority::new(), Authority::new());
    let port = authority.encrypt(database.options()).await;
    let (root, wrong_root) = (authority.file(), another.file());
    for (host, parameters) in [
        (HOST, "sslmode=verify-full".to_owned()),
        (HOST, format!("sslmode=verify-full&sslrootcert={wrong_root}")),
        (HOST, format!("sslmode=verify-ca&sslrootcert={wrong_root}")),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={root}")),
        (HOST, "sslmode=verify-full&sslrootcert=nowhere.pem".to_owned()),
    ] {
        let error = open(&url(&database, host, port, &parameters)).await.expect_err(&parameters);
        let told = format!("{error}: {}", error.source().map(ToString::to_string).unwrap_or_default());
        assert!(matches!(error, OpenError::Unreachable { .. }), "{parameters}: {error:?}");
        assert!(!told.contains('\n') && told.contains(&port.to_string()), "{told}");
    }
}
