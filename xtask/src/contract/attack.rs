//! Schemathesis against a running service, as somebody who is signed in and as a stranger.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{process, service};

const TOKEN_SECRET: &str = "a-secret-of-the-attacks-on-the-contract";

pub(crate) struct Attack<'a> {
    pub(crate) schemathesis: &'a Path,
    /// Where its configuration is.
    pub(crate) source: &'a Path,
    pub(crate) settled: &'a Path,
    /// For everything that is written meanwhile.
    pub(crate) folder: &'a Path,
    pub(crate) cases: u32,
}

impl Attack<'_> {
    /// A user, and Stripe: the service runs with an account, whose signing secret the attacker knows.
    pub(crate) fn as_user(&self) -> Result<()> {
        let folder = self.make_folder("user")?;
        let (_sandbox, account) = service::sandbox(self.settled, &folder.join("sandbox.journal"))?;
        let database = format!("sqlite://{}", folder.join("settled.db").display());
        let mut vars = vec![("DATABASE_URL", database.as_str()), ("AUTH_JWT_SECRET", TOKEN_SECRET)];
        // One user asks all of it.
        vars.extend([("RATE_LIMIT_READS_PER_MINUTE", "0"), ("RATE_LIMIT_WRITES_PER_MINUTE", "0")]);
        vars.extend(account.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let (_service, ready) = service::serve(self.settled, &vars)?;
        let mut attack = self.command(&folder, &ready.listen_addr);
        attack.arg("--header").arg(format!("Authorization: Bearer {}", self.token()?.trim()));
        if let Some(secret) = account.get("STRIPE_WEBHOOK_SECRET") {
            attack.env("STRIPE_WEBHOOK_SECRET", secret);
        }
        process::run(&mut attack).context("as a user")
    }

    /// Somebody without a token, in the sandbox. Webhooks have been tried already: who signs in is nothing to them.
    pub(crate) fn as_stranger(&self) -> Result<()> {
        let folder = self.make_folder("stranger")?;
        let database = format!("sqlite://{}", folder.join("settled.db").display());
        let vars =
            [("DATABASE_URL", database.as_str()), ("SANDBOX_ADDR", "127.0.0.1:0"), ("AUTH_JWT_SECRET", TOKEN_SECRET)];
        let (_service, ready) = service::serve(self.settled, &vars)?;
        let mut attack = self.command(&folder, &ready.listen_addr);
        process::run(attack.args(["--exclude-path", "/api/webhook/stripe"])).context("as a stranger")
    }

    fn make_folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }

    fn command(&self, folder: &Path, addr: &str) -> Command {
        let mut command = Command::new(self.schemathesis);
        let hooks = self.source.join("hooks.py");
        command.current_dir(folder).env("SCHEMATHESIS_HOOKS", hooks).env("PYTHONDONTWRITEBYTECODE", "1");
        command.arg("--config-file").arg(self.source.join("schemathesis.toml"));
        command.args(["run", "--checks", "all", "--no-color", "--max-examples"]).arg(self.cases.to_string());
        command.arg(format!("http://{addr}/openapi.json"));
        command
    }

    fn token(&self) -> Result<String> {
        let mut token = Command::new(self.settled);
        process::capture(token.env_clear().env("AUTH_JWT_SECRET", TOKEN_SECRET).args(["token", "--user", "alice"]))
    }
}
