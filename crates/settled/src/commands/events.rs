//! `settled events`: what reached us, for the person who looks after it.

mod list;
mod replay;
mod show;
mod words;

use std::process::ExitCode;

use anyhow::{Context, Result};
use secrecy::ExposeSecret;

use crate::cli::{DatabaseArgs, EventsArgs, EventsCommand};
use crate::database::Database;
use crate::settings::{database_url, postgres_settings};

pub(super) use words::plain_words;

pub(crate) async fn run(args: &EventsArgs) -> Result<ExitCode> {
    match &args.command {
        EventsCommand::List(args) => list::run(args).await,
        EventsCommand::Show(args) => show::run(args).await,
        EventsCommand::Replay(args) => replay::run(args).await,
    }
}

/// Opens the database as the service does.
pub(super) async fn open(args: &DatabaseArgs) -> Result<Database> {
    let url = database_url(args)?;
    Database::open(url.expose_secret(), &postgres_settings(args)).await.context("cannot look into the database")
}
