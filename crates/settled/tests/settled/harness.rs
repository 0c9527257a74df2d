//! Starts the program and the sandbox as processes on free ports, and speaks to them.

mod answers;
mod process;
mod shopper;
mod signing;
mod silent;

pub(crate) use answers::{answer_to, metrics_at};
pub(crate) use process::{Process, Started, bin, free_addr, run};
pub(crate) use shopper::{Shopper, until};
pub(crate) use signing::signature;
pub(crate) use silent::{Silent, event, now};

use std::process::Command;

use tempfile::TempDir;

#[cfg(feature = "postgres-tests")]
use crate::postgres::TestDatabase;

/// A secret for tokens, as an operator would set it.
pub(crate) const TOKEN_SECRET: &str = "a-token-secret-of-the-tests-0123456789";

/// The service with its built-in sandbox, on a database of its own.
pub(crate) struct Service {
    pub(crate) process: Started,
    #[cfg(feature = "postgres-tests")]
    _database: Option<TestDatabase>,
    _dir: TempDir,
}

impl Service {
    pub(crate) fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let process = Self::start_in(&dir, &[]);
        Self {
            process,
            #[cfg(feature = "postgres-tests")]
            _database: None,
            _dir: dir,
        }
    }

    /// The same on the PostgreSQL server of the tests.
    #[cfg(feature = "postgres-tests")]
    pub(crate) async fn start_on_postgres() -> Self {
        let (dir, database) = (TempDir::new().unwrap(), TestDatabase::empty().await);
        let process = Self::start_in(&dir, &[("DATABASE_URL", &database.url())]);
        Self { process, _database: Some(database), _dir: dir }
    }

    /// The service in the folder `dir` and over the database there, with more variables.
    pub(crate) fn start_in(dir: &TempDir, more: &[(&str, &str)]) -> Started {
        Self::start_by(bin(), dir, more)
    }

    /// The same by a command that begins the program.
    pub(crate) fn start_by(mut command: Command, dir: &TempDir, more: &[(&str, &str)]) -> Started {
        let database = format!("sqlite://{}", dir.path().join("settled.db").display());
        let mut vars = vec![("LISTEN_ADDR", "127.0.0.1:0"), ("DATABASE_URL", database.as_str())];
        if !more.iter().any(|(name, _)| *name == "STRIPE_SECRET_KEY") {
            vars.push(("SANDBOX_ADDR", "127.0.0.1:0"));
        }
        vars.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        command.arg("serve").current_dir(dir.path()).envs([vars.as_slice(), more].concat());
        Process::of(command).ready()
    }

    pub(crate) fn shopper(&self, name: &str) -> impl Future<Output = Shopper> {
        Shopper::sign_in(self.process.url.clone(), name.to_owned())
    }
}

/// The sandbox as a process of its own, and what it says to go with it.
pub(crate) struct SandboxProcess {
    process: Process,
    pub(crate) api_base: String,
    pub(crate) secret_key: String,
    pub(crate) webhook_secret: String,
}

impl SandboxProcess {
    pub(crate) fn start(dir: &TempDir, forward_to: &str) -> Self {
        Self::start_at(dir, "127.0.0.1:0", forward_to)
    }

    /// One that can be started again under the same address.
    pub(crate) fn start_at(dir: &TempDir, addr: &str, forward_to: &str) -> Self {
        let journal = dir.path().join("sandbox.journal");
        let args =
            ["sandbox", "--forward-to", forward_to, "--journal", journal.to_str().unwrap(), "--redirect-hold-s", "1"];
        let mut process = Process::spawn(&args, &[("SANDBOX_ADDR", addr)]);
        let mut value_of = |name: &str| {
            let line = process.stdout_line(name);
            line.split_once('=').expect("NAME=value").1.trim().to_owned()
        };
        let api_base = value_of("STRIPE_API_BASE=");
        let secret_key = value_of("STRIPE_SECRET_KEY=");
        let webhook_secret = value_of("STRIPE_WEBHOOK_SECRET=");
        Self { process, api_base, secret_key, webhook_secret }
    }

    /// `kill -9`; what it knows stays in its journal.
    pub(crate) fn kill(self) {
        self.process.kill();
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.api_base.trim_end_matches('/'))
    }

    async fn call(&self, request: reqwest::RequestBuilder) -> reqwest::Response {
        let answer = request.bearer_auth(&self.secret_key).send().await.unwrap();
        assert!(answer.status().is_success() || answer.status().is_redirection(), "{answer:?}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> serde_json::Value {
        self.call(reqwest::Client::new().get(self.url(path))).await.json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str) {
        self.call(reqwest::Client::new().post(self.url(path))).await;
    }

    pub(crate) async fn delete(&self, path: &str) {
        self.call(reqwest::Client::new().delete(self.url(path))).await;
    }

    /// Presses a button of its dashboard.
    pub(crate) async fn press(&self, path: &str) {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let origin = self.api_base.trim_end_matches('/').to_owned();
        self.call(client.post(self.url(path)).header("Origin", origin)).await;
    }

    /// The variables with which the service uses this sandbox as if it were a Stripe account in test mode.
    pub(crate) fn vars(&self) -> [(&str, &str); 4] {
        [
            ("STRIPE_API_BASE", &self.api_base),
            ("STRIPE_SECRET_KEY", &self.secret_key),
            ("STRIPE_WEBHOOK_SECRET", &self.webhook_secret),
            ("AUTH_JWT_SECRET", TOKEN_SECRET),
        ]
    }
}
