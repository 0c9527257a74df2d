//! `cargo xtask prepare`: what the query macros need to build without a database.
//!
//! Each adapter crate keeps its own `.sqlx`. The same SQL text has the same file name for every database, so one
//! folder for all of them could hold the answers of only one.

mod recorded;
mod sqlite;

use std::{
    fs::{self, File},
    path::Path,
    time::SystemTime,
};

use anyhow::{Context, Result, bail, ensure};
use recorded::Recorded;

use crate::{postgres, process, test::Need, workspace::Workspace};

#[derive(clap::Args)]
#[group(id = "prepare")]
pub(crate) struct Options {
    /// Change nothing, and fail when a `.sqlx` folder is not what would be written.
    #[arg(long)]
    pub(crate) check: bool,

    /// Leave the adapter of this database out.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub(crate) without: Vec<Need>,
}

/// A crate whose queries are checked against a real schema.
struct Adapter {
    package: &'static str,
    folder: &'static str,
    /// The `database-url-var` of the crate's `sqlx.toml`.
    url_variable: &'static str,
}

const SQLITE: Adapter =
    Adapter { package: "settled-sqlite", folder: "crates/sqlite", url_variable: "SETTLED_SQLITE_DATABASE_URL" };

const POSTGRES: Adapter =
    Adapter { package: "settled-postgres", folder: "crates/postgres", url_variable: "SETTLED_POSTGRES_DATABASE_URL" };

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let migrations = workspace.root().join(SQLITE.folder).join("migrations");
    let url = sqlite::create(&scratch.path().join("schema.db"), &migrations)?;
    prepare(workspace, &SQLITE, &url, options)?;
    if options.without.contains(&Need::Postgres) {
        println!("{}/.sqlx: skipped on request", POSTGRES.folder);
        return Ok(());
    }
    let server = postgres::provide()?;
    println!("PostgreSQL: {}", server.way());
    let migrations = workspace.root().join(POSTGRES.folder).join("migrations");
    let database = postgres::Database::migrated(server.url(), "prepare", &migrations)?;
    prepare(workspace, &POSTGRES, &database.url(), options)
}

fn prepare(workspace: &Workspace, adapter: &Adapter, url: &str, options: &Options) -> Result<()> {
    let committed_folder = workspace.root().join(adapter.folder).join(".sqlx");
    let fresh = record(workspace, adapter, url)?;
    let changes = Recorded::read(&committed_folder)?.changes_to(&fresh);
    if changes.is_empty() {
        println!("{}/.sqlx: {} queries, up to date", adapter.folder, fresh.len());
        return Ok(());
    }
    if options.check {
        // What was just compiled came from the database; the next build must meet the stale files.
        touch(&workspace.root().join(adapter.folder).join("src/lib.rs"))?;
        bail!("{}/.sqlx is stale; run `cargo xtask prepare` and commit it\n  {}", adapter.folder, changes.join("\n  "));
    }
    fresh.write(&committed_folder)?;
    println!("{}/.sqlx: {} queries written\n  {}", adapter.folder, fresh.len(), changes.join("\n  "));
    Ok(())
}

/// Compiles the crate against the database behind `url` and returns what the macros wrote down.
fn record(workspace: &Workspace, adapter: &Adapter, url: &str) -> Result<Recorded> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    // Cargo does not know that the macros read the environment, so only a newer file makes them run.
    touch(&workspace.root().join(adapter.folder).join("src/lib.rs"))?;
    let mut check = workspace.cargo();
    check
        .args(["check", "--quiet", "--lib", "--package", adapter.package])
        .env(adapter.url_variable, url)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", folder.path());
    process::run(&mut check)?;
    let recorded = Recorded::read(folder.path())?;
    ensure!(
        recorded.len() > 0,
        "the macros of {} recorded no query; its sqlx.toml must have `database-url-var = \"{}\"` under [common]",
        adapter.package,
        adapter.url_variable
    );
    Ok(recorded)
}

#[expect(clippy::disallowed_methods, reason = "cargo compares the times of files with the machine's clock")]
fn touch(path: &Path) -> Result<()> {
    File::options()
        .append(true)
        .open(path)
        .and_then(|file| file.set_modified(SystemTime::now()))
        .with_context(|| format!("cannot touch {}", path.display()))
}

/// Makes `folder` if it is missing.
fn ensure_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}
