//! The service, its Stripe, and what lies between them.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use tempfile::TempDir;

use crate::process::{Process, Started, bin};
use crate::proxy::Proxy;
use crate::purchase::Case;
use crate::shopper::Shopper;

/// A secret for tokens, as an operator would set it.
pub(crate) const TOKEN_SECRET: &str = "a-token-secret-of-the-measurement-0123456789";

static NEXT: AtomicU32 = AtomicU32::new(1);

/// The database that is measured.
#[derive(Debug, Clone)]
pub(crate) enum Backend {
    /// A file.
    Sqlite,
    /// A database of its own on this server.
    Postgres(String),
}

impl Backend {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Replicas share a server, not a file.
    pub(crate) const fn can_have(&self, case: &Case) -> bool {
        !case.other_replica || matches!(self, Self::Postgres(_))
    }

    async fn database(&self, dir: &TempDir) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}", dir.path().join("settled.db").display()),
            Self::Postgres(server) => {
                let server: PgConnectOptions = server.parse().unwrap();
                let name = format!("settled_wait_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
                let mut connection = server.connect().await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
                server.database(&name).to_url_lossy().to_string()
            }
        }
    }
}

/// What runs for one case.
pub(crate) struct World {
    pub(crate) service: Started,
    pub(crate) proxy: Proxy,
    pub(crate) case: &'static Case,
    pub(crate) sandbox_url: String,
    pub(crate) sandbox_key: String,
    _replica: Option<Started>,
    _sandbox: Process,
    _dir: TempDir,
}

impl World {
    pub(crate) async fn start(backend: &Backend, case: &'static Case) -> Self {
        let dir = TempDir::new().unwrap();
        let proxy = Proxy::start(case.treatment).await;
        let (sandbox, vars) = sandbox(&dir, &proxy.url, case.redirect_hold_s);
        let database = backend.database(&dir).await;
        let vars: Vec<(&str, &str)> = vars
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .chain([
                ("AUTH_JWT_SECRET", TOKEN_SECRET),
                ("DATABASE_URL", &database),
                ("LISTEN_ADDR", "127.0.0.1:0"),
                ("RATE_LIMIT_READS_PER_MINUTE", "0"),
                ("RATE_LIMIT_WRITES_PER_MINUTE", "0"),
                ("RUST_LOG", "warn,settled=info"),
            ])
            .collect();
        let service = Process::spawn(&["serve"], &vars).ready();
        let replica = case.other_replica.then(|| Process::spawn(&["serve"], &vars).ready());
        proxy.lead_to(replica.as_ref().map_or(&service.url, |replica| &replica.url));
        let value_of = |name: &str| vars.iter().find(|(known, _)| *known == name).unwrap().1.to_owned();
        let (sandbox_url, sandbox_key) = (value_of("STRIPE_API_BASE"), value_of("STRIPE_SECRET_KEY"));
        Self { service, proxy, case, sandbox_url, sandbox_key, _replica: replica, _sandbox: sandbox, _dir: dir }
    }

    pub(crate) fn customer(&self, name: &str) -> Shopper {
        Shopper::with_token(&self.service.url, &token(name))
    }
}

/// What `settled token` prints.
pub(crate) fn token(user: &str) -> String {
    let output = bin().args(["token", "--user", user]).env("AUTH_JWT_SECRET", TOKEN_SECRET).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn sandbox(dir: &TempDir, forward_to: &str, hold_s: u64) -> (Process, [(&'static str, String); 3]) {
    let journal = dir.path().join("sandbox.journal");
    let hold_s = hold_s.to_string();
    let args =
        ["sandbox", "--forward-to", forward_to, "--journal", journal.to_str().unwrap(), "--redirect-hold-s", &hold_s];
    let mut process = Process::spawn(&args, &[("SANDBOX_ADDR", "127.0.0.1:0")]);
    let vars = ["STRIPE_API_BASE", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"].map(|name| {
        let line = process.stdout_line(&format!("{name}="));
        (name, line.split_once('=').unwrap().1.trim().to_owned())
    });
    (process, vars)
}
