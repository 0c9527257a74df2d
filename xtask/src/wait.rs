//! `cargo xtask wait`: how long a customer waits between paying and seeing it, in a real browser.
//!
//! What is measured is written in `crates/settled/benches/wait`; here is what it needs.

use anyhow::Result;

use crate::{
    postgres, process,
    test::{Need, browser},
    workspace::Workspace,
};

#[derive(clap::Args)]
#[group(id = "wait")]
pub(crate) struct Options {
    /// How many purchases of each kind: case, way and database.
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    purchases: usize,

    /// How many streams are held open at once; 0 leaves that out.
    #[arg(long, default_value_t = 5_000, value_name = "NUMBER")]
    streams: usize,

    /// How the programs are built: the numbers of `dev` say little.
    #[arg(long, default_value = "release", value_name = "PROFILE")]
    profile: String,

    /// Leave PostgreSQL out.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    without: Vec<Need>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let browser = browser::provide()?;
    let server = if options.without.contains(&Need::Postgres) { None } else { Some(postgres::provide()?) };
    let mut cargo = workspace.cargo();
    cargo
        .args(["bench", "--package", "settled", "--bench", "wait", "--features", "browser-tests"])
        .args(["--profile", &options.profile, "--"])
        .args(["--purchases", &options.purchases.to_string(), "--streams", &options.streams.to_string()])
        .env("SETTLED_CHROMIUM", browser.chromium)
        .env("SETTLED_CHROMEDRIVER", browser.chromedriver);
    if let Some(server) = &server {
        println!("PostgreSQL: {}", server.way());
        cargo.args(["--postgres", server.url()]);
    }
    process::run(&mut cargo)
}
