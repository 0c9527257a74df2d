use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::OpenError;
use crate::settings::PgSettings;

/// The parameters that a URL may have. sqlx would ignore any other, and write it to the log with its value.
const PARAMETERS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

pub(super) fn of(url: &str) -> Result<PgConnectOptions, OpenError> {
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(OpenError::BadUrl("it does not start with `postgres://`".into()));
    }
    let parsed = Url::parse(url).map_err(|error| OpenError::BadUrl(error.to_string()))?;
    let is_known = |key: &str| PARAMETERS.contains(&key) || key.starts_with("options[");
    if let Some((key, _)) = parsed.query_pairs().find(|(key, _)| !is_known(key)) {
        return Err(OpenError::BadUrl(format!("it has an unknown parameter {key:?}")));
    }
    match url.parse::<PgConnectOptions>() {
        Ok(options) => Ok(options.application_name("settled")),
        Err(sqlx::Error::Configuration(reason)) => Err(OpenError::BadUrl(reason.to_string())),
        Err(_) => Err(OpenError::BadUrl("it cannot be read".into())),
    }
}

/// Waiting for another program that migrates may take long, and so may a migration.
pub(super) fn for_migrations(server: PgConnectOptions) -> PgConnectOptions {
    server.options([
        // Who has waited must see what the other has done.
        ("default_transaction_isolation", "read committed"),
        ("statement_timeout", "0"),
        ("lock_timeout", "0"),
        ("client_min_messages", "warning"),
    ])
}

/// Ours come last and win: the promises of the ports rest on them.
pub(super) fn for_work(server: PgConnectOptions, settings: &PgSettings) -> PgConnectOptions {
    let ms = |timeout: Duration| timeout.as_millis().to_string();
    server.options([
        ("default_transaction_isolation", "read committed".to_owned()),
        ("statement_timeout", ms(settings.statement_timeout)),
        ("lock_timeout", ms(settings.lock_timeout)),
        ("idle_in_transaction_session_timeout", ms(settings.idle_in_transaction_timeout)),
    ])
}

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions;

    use super::*;

    fn refusal(url: &str) -> String {
        of(url).unwrap_err().to_string()
    }

    #[test]
    fn both_schemes_name_a_server() {
        for url in ["postgres://alice@db.example:6432/settled", "postgresql://alice@db.example:6432/settled"] {
            let server = of(url).unwrap();
            assert_eq!((server.get_host(), server.get_port()), ("db.example", 6432));
            assert_eq!((server.get_username(), server.get_database()), ("alice", Some("settled")));
            assert_eq!(server.get_application_name(), Some("settled"));
        }
    }

    #[test]
    fn a_url_that_cannot_be_used_is_refused_with_the_reason_and_without_the_password() {
        for (url, reason) in [
            ("sqlite://settled.db", "does not start with `postgres://`"),
            ("", "does not start with `postgres://`"),
            ("postgres://alice:hush@localhost:port/settled", "invalid port number"),
            ("postgres://alice:hush@localhost/settled?sslmode=maybe", "ssl_mode"),
            ("postgres://alice@localhost/settled?pasword=hush", "unknown parameter \"pasword\""),
        ] {
            let told = refusal(url);
            assert!(told.contains(reason), "{told}");
            assert!(!told.contains("hush"), "{told}");
        }
    }

    #[test]
    fn every_parameter_that_a_url_of_ours_is_printed_with_is_known() {
        let url = of("postgres://alice@localhost/settled?sslmode=require").unwrap().to_url_lossy();
        of(url.as_str()).unwrap();
    }

    #[test]
    fn work_has_limits_and_migrations_have_none() {
        let server = of("postgres://localhost/settled").unwrap();
        let work = for_work(server.clone(), &PgSettings::default());
        let work = work.get_options().unwrap();
        for option in ["statement_timeout=10000", "lock_timeout=5000", "idle_in_transaction_session_timeout=15000"] {
            assert!(work.contains(option), "{option}: {work}");
        }
        let migrations = for_migrations(server);
        let migrations = migrations.get_options().unwrap();
        assert!(migrations.contains("statement_timeout=0") && migrations.contains("lock_timeout=0"), "{migrations}");
    }
}
