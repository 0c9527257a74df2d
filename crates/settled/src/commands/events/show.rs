use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use settled_domain::history::PastEvent;
use settled_domain::ids::EventId;

use super::{open, plain_words};
use crate::cli::EventsShowArgs;
use crate::report::{NOT_DONE, duration, misused, print, print_bytes, second};

pub(super) async fn run(args: &EventsShowArgs) -> Result<ExitCode> {
    let id = match EventId::new(args.id.as_str()) {
        Ok(id) => id,
        Err(error) => return Ok(misused(format!("{:?} is {error}", args.id))),
    };
    let database = open(&args.database).await?;
    let history = database.history();
    let found = history.find_event(&id).await.context("cannot look for the event")?;
    let payload = history.find_event_payload(&id).await.context("cannot look for the event")?;
    database.close().await;
    let Some(event) = found else {
        eprintln!("settled: no event {id} has reached us, or it was forgotten since");
        return Ok(NOT_DONE);
    };
    match (args.payload, payload) {
        (false, payload) => print(&facts(&event, payload.map(|payload| payload.as_bytes().len())))?,
        (true, Some(payload)) => print_bytes(payload.as_bytes())?,
        (true, None) => {
            eprintln!("settled: only parked events keep their body");
            return Ok(NOT_DONE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn facts(event: &PastEvent, payload_bytes: Option<usize>) -> String {
    let mut text = String::new();
    let mut fact = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<12} {value}");
    };
    fact("event", event.id.to_string());
    fact("type", if event.event_type.is_empty() { "could not be read".into() } else { event.event_type.clone() });
    fact("object", event.object_id.clone().unwrap_or_else(|| "none".into()));
    fact("rendered in", event.api_version.clone().unwrap_or_else(|| "an unknown API version".into()));
    fact("mode", if event.livemode { "live" } else { "test" }.into());
    fact("made", format!("{} UTC, by Stripe", second(event.created)));
    let delay = duration(event.received_at - event.created);
    fact("received", format!("{} UTC, by {}, {delay} later", second(event.received_at), event.source));
    if let Some(at) = event.arrived_late_at {
        fact("delivered", format!("{} UTC, after the sweep had found it", second(at)));
    }
    if let Some(at) = event.replayed_at {
        fact("replayed", format!("{} UTC", second(at)));
    }
    let reason = event.outcome.reason().map(|reason| format!(", {reason}")).unwrap_or_default();
    fact("outcome", format!("{}{reason}: {}", event.outcome.as_str(), plain_words(event.outcome)));
    if let Some(bytes) = payload_bytes {
        fact("body", format!("{bytes} bytes are kept; --payload prints them"));
    }
    text
}
