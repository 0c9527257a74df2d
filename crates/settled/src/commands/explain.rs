//! `settled explain`: one timeline for the person who answers the customer.

mod lines;

use std::process::ExitCode;

use anyhow::{Context, Result};
use settled_domain::explain::{Subject, explain};
use settled_domain::ids::UserId;

use super::events::open;
use crate::cli::ExplainArgs;
use crate::report::{NOT_DONE, misused, print};

pub(crate) async fn run(args: &ExplainArgs) -> Result<ExitCode> {
    let text = args.subject.as_str();
    let subject = if args.user { UserId::new(text).map(Subject::User) } else { text.parse() };
    let subject = match subject {
        Ok(subject) => subject,
        Err(error) => return Ok(misused(format!("{text:?} is {error}"))),
    };
    let database = open(&args.database).await?;
    let (store, past) = (database.store(), database.history());
    let known = explain(store.as_ref(), past.as_ref(), &subject).await.context("cannot read the past")?;
    database.close().await;
    let Some(found) = known else {
        eprintln!("settled: nothing is known of {text}");
        return Ok(NOT_DONE);
    };
    print(&lines::of(&found))?;
    Ok(ExitCode::SUCCESS)
}
