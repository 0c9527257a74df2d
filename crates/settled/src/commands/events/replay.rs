use std::process::ExitCode;

use anyhow::{Context, Result};
use settled_domain::history::{EventOutcome, EventQuery};
use settled_domain::ids::EventId;
use settled_domain::installation::Installation;
use settled_domain::ports::{Clock, Store, StoreError};
use settled_domain::settlement::{Outcome, ParkReason, Replay, replay_parked_event};
use settled_engine::SystemClock;
use settled_stripe::StripeEventReader;

use super::list::reason_of;
use super::{open, plain_words};
use crate::cli::EventsReplayArgs;
use crate::database::Database;
use crate::report::{NOT_DONE, misused, print};

/// How often a replay is tried while other transactions are in its way.
const TRIES: u32 = 5;
/// How many events are read at a time.
const PAGE: u32 = 100;

/// What is to be replayed.
enum Which {
    One(EventId),
    AllOf(ParkReason),
}

pub(super) async fn run(args: &EventsReplayArgs) -> Result<ExitCode> {
    let which = match which_of(args) {
        Ok(which) => which,
        Err(problem) => return Ok(misused(problem)),
    };
    let database = open(&args.database).await?;
    let store = database.store();
    let home = store.find_installation().await.context("cannot read to which Stripe the database belongs")?;
    let home = home.context("nothing was ever received on this database")?;
    let ids = match which {
        Which::One(id) => vec![id],
        Which::AllOf(reason) => all_of(&database, reason).await?,
    };
    let mut done = ExitCode::SUCCESS;
    for id in &ids {
        let replay = replay(store.as_ref(), id, &home).await.with_context(|| format!("cannot replay {id}"))?;
        print(&told(id, replay))?;
        if matches!(replay, Replay::Unknown | Replay::Settled(Outcome::Parked(_))) {
            done = NOT_DONE;
        }
    }
    if ids.is_empty() {
        print("No event is parked for that reason.\n")?;
    }
    database.close().await;
    Ok(done)
}

fn which_of(args: &EventsReplayArgs) -> Result<Which, String> {
    match (&args.id, &args.all_of_reason) {
        (Some(id), _) => EventId::new(id.as_str()).map(Which::One).map_err(|error| format!("{id:?} is {error}")),
        (None, Some(reason)) => reason_of(reason).map(Which::AllOf),
        (None, None) => Err("say which event, or --all-of-reason".into()),
    }
}

/// All that are parked for this reason, the oldest first, as they came.
async fn all_of(database: &Database, reason: ParkReason) -> Result<Vec<EventId>> {
    let history = database.history();
    let mut query = EventQuery { outcome: Some(EventOutcome::Parked), reason: Some(reason), before: None };
    let mut ids = Vec::new();
    loop {
        let page = history.list_events(&query, PAGE).await.context("cannot list events")?;
        let Some(last) = page.last() else { break };
        query.before = Some(last.id.clone());
        ids.extend(page.into_iter().map(|event| event.id));
    }
    ids.reverse();
    Ok(ids)
}

async fn replay(store: &dyn Store, id: &EventId, home: &Installation) -> Result<Replay, StoreError> {
    let mut tries = 1;
    loop {
        match replay_parked_event(store, &StripeEventReader, id, home, SystemClock.now()).await {
            Err(error) if error.is_retryable() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

fn told(id: &EventId, replay: Replay) -> String {
    match replay {
        Replay::Settled(Outcome::Parked(reason)) => {
            format!("{id}  still parked, {reason}: {}\n", plain_words(Outcome::Parked(reason)))
        }
        Replay::Settled(outcome) => format!("{id}  {}: {}\n", outcome.as_str(), plain_words(outcome)),
        Replay::NotParked => format!("{id}  not parked: nothing was done\n"),
        Replay::Unknown => format!("{id}  unknown: no such event has reached us\n"),
    }
}
