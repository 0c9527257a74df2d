use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use settled_domain::history::{EventCount, EventOutcome, EventQuery, PastEvent};
use settled_domain::ids::EventId;
use settled_domain::settlement::{Outcome, ParkReason};

use super::{open, plain_words};
use crate::cli::{EventsListArgs, OutcomeChoice};
use crate::report::{misused, print, second, table};

const HEADINGS: [&str; 7] = ["EVENT", "TYPE", "OBJECT", "RECEIVED (UTC)", "CAME BY", "OUTCOME", "REASON"];

pub(super) async fn run(args: &EventsListArgs) -> Result<ExitCode> {
    let query = match query_of(args) {
        Ok(query) => query,
        Err(problem) => return Ok(misused(problem)),
    };
    let database = open(&args.database).await?;
    let history = database.history();
    let events = history.list_events(&query, args.limit).await.context("cannot list events")?;
    let counts = history.count_events().await.context("cannot count events")?;
    database.close().await;
    print(&page(&events, &counts, args.limit))?;
    Ok(ExitCode::SUCCESS)
}

fn query_of(args: &EventsListArgs) -> Result<EventQuery, String> {
    let reason = args.reason.as_deref().map(reason_of).transpose()?;
    let outcome = match args.outcome {
        OutcomeChoice::Parked => Some(EventOutcome::Parked),
        OutcomeChoice::Processed => Some(EventOutcome::Processed),
        OutcomeChoice::Ignored => Some(EventOutcome::Ignored),
        OutcomeChoice::All => None,
    };
    let before = args.before.as_deref().map(EventId::new).transpose().map_err(|error| format!("--before: {error}"))?;
    Ok(EventQuery { outcome, reason, before })
}

/// The reason of that name, or a problem that names all there are.
pub(super) fn reason_of(word: &str) -> Result<ParkReason, String> {
    word.parse().map_err(|_| {
        let known: Vec<&str> = ParkReason::ALL.iter().map(|reason| reason.as_str()).collect();
        format!("no event is parked for {word:?}; the reasons are {}", known.join(", "))
    })
}

fn page(events: &[PastEvent], counts: &[EventCount], limit: u32) -> String {
    let mut text = if events.is_empty() {
        "No event fits.\n".to_owned()
    } else {
        table(&HEADINGS, &events.iter().map(row).collect::<Vec<_>>())
    };
    text.push('\n');
    for count in counts {
        let _ = match count {
            EventCount::Parked(reason, number) => {
                writeln!(text, "{number} parked, {reason}: {}", plain_words(Outcome::Parked(*reason)))
            }
            EventCount::Missed(number) => writeln!(text, "{number} missed: never delivered, found by the sweep"),
            EventCount::Late(number) => writeln!(text, "{number} late: delivered after the sweep had found them"),
        };
    }
    if let Some(last) = events.last().filter(|_| u32::try_from(events.len()) == Ok(limit)) {
        let _ = writeln!(text, "Older ones: --before {}", last.id);
    }
    text
}

fn row(event: &PastEvent) -> Vec<String> {
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let came_by = match event.arrived_late_at {
        Some(_) => format!("{}, late", event.source),
        None => event.source.to_string(),
    };
    vec![
        event.id.to_string(),
        or_dash(&event.event_type),
        or_dash(event.object_id.as_deref().unwrap_or_default()),
        second(event.received_at),
        came_by,
        event.outcome.as_str().to_owned(),
        event.outcome.reason().unwrap_or("-").to_owned(),
    ]
}
