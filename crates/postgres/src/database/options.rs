use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::OpenError;
use crate::settings::PgSettings;

pub(super) fn of(url: &str) -> Result<PgConnectOptions, OpenError> {
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(OpenError::BadUrl("it does not start with `postgres://`".into()));
    }
    match url.parse::<PgConnectOptions>() {
        Ok(options) => Ok(options.application_name("settled")),
        Err(sqlx::Error::Configuration(reason)) => Err(OpenError::BadUrl(reason.to_string())),
        Err(_) => Err(OpenError::BadUrl("it cannot be read".into())),
    }
}

/// Waiting for another program that migrates may take long, and so may a migration.
pub(super) fn for_migrations(server: PgConnectOptions) -> PgConnectOptions {
    server.options([("statement_timeout", "0"), ("lock_timeout", "0"), ("client_min_messages", "warning")])
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
            ("postgres://alice:hush@localhost/settled?sslmode=maybe", "sslmode"),
        ] {
            let told = refusal(url);
            assert!(told.contains(reason) || told.contains("ssl_mode"), "{told}");
            assert!(!told.contains("hush"), "{told}");
        }
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
