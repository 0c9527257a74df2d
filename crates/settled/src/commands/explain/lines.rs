use std::fmt::Write as _;

use settled_domain::explain::{Entry, Story, What};
use settled_domain::payment::Payment;
use settled_domain::refresh_request::RefreshReason;
use settled_domain::subscription::Subscription;

use crate::commands::events::plain_words;
use crate::report::{duration, millisecond, second};

/// The whole story: how things stand now, and how they came to it.
pub(super) fn of(story: &Story) -> String {
    let mut text = String::new();
    for payment in &story.payments {
        text.push_str(&payment_line(payment));
    }
    for subscription in &story.subscriptions {
        text.push_str(&subscription_line(subscription));
    }
    let _ = writeln!(text, "\n{:<23}  WHAT", "TIME (UTC)");
    for entry in &story.entries {
        let _ = writeln!(text, "{}  {}", millisecond(entry.at), what(entry));
    }
    text
}

fn payment_line(payment: &Payment) -> String {
    let row = payment.record();
    let mut text = format!("payment {} of {}: {}", row.id, row.user_id, row.status);
    if let Some(way) = row.settled_by {
        let _ = write!(text, ", settled by {way}");
    }
    if let Some(session) = &row.session_id {
        let _ = write!(text, ", {session}");
    }
    text.push('\n');
    text
}

fn subscription_line(subscription: &Subscription) -> String {
    let row = subscription.record();
    let mut text = format!("subscription {} of {}: {}", row.id, row.user_id, row.status);
    if subscription.is_stub() {
        text.push_str(", of which stripe has not told yet");
    }
    if let Some(end) = row.current_period_end {
        let _ = write!(text, ", paid until {}", second(end));
    }
    let _ = writeln!(text, ", last heard of {}", second(row.known_at()));
    text
}

fn what(entry: &Entry) -> String {
    match &entry.what {
        What::Clicked { payment_id, price_id, quantity, quoted } => {
            let (amount, currency) = (quoted.minor_units, quoted.currency);
            let quantity = quantity.get();
            format!("payment {payment_id} was begun: {quantity} x {price_id}, {amount} minor units of {currency}")
        }
        What::Made { event_id, event_type, object_id } => {
            let about = object_id.as_ref().map(|id| format!(" about {id}")).unwrap_or_default();
            let event_type = if event_type.is_empty() { "an unreadable event" } else { event_type };
            format!("stripe made {event_type}{about} ({event_id})")
        }
        What::Received { event_id, source, after, outcome } => {
            let why = outcome.reason().map(|_| format!(", because {}", plain_words(*outcome))).unwrap_or_default();
            format!("{event_id} came by {source}, {} after it was made: {}{why}", duration(*after), outcome.as_str())
        }
        What::ArrivedLate { event_id, after } => {
            format!("{event_id} was delivered, {} after it was made, and had been found before", duration(*after))
        }
        What::Replayed { event_id, outcome } => format!("{event_id} was replayed: {}", outcome.as_str()),
        What::Changed { object_id, from, to, cause, by } => {
            let from = from.as_deref().map_or_else(|| "new".to_owned(), ToOwned::to_owned);
            let by = by.as_ref().map(|(id, after)| {
                let after = after.map(|after| format!(", {} after it came", duration(after))).unwrap_or_default();
                format!(" ({id}{after})")
            });
            format!("{object_id}: {from} -> {to}, by {cause}{}", by.unwrap_or_default())
        }
        What::Waits { object, reason, attempts } => {
            let tried = if *attempts > 0 { format!(", tried {attempts} times in vain") } else { String::new() };
            format!("to be asked at stripe: {object}, because {}{tried}", because(*reason))
        }
    }
}

const fn because(reason: RefreshReason) -> &'static str {
    match reason {
        RefreshReason::Stub => "a paid session names it and no snapshot has come",
        RefreshReason::Doubt => "two snapshots do not tell which of them is newer",
        RefreshReason::Contradiction => "stripe has said both that it was paid and that it was not",
        RefreshReason::Landing => "the customer is back and no event has come",
        RefreshReason::Creating => "the call that opens the session was left undone",
        RefreshReason::Invoice => "an invoice tells that it may have moved",
        RefreshReason::Owner => "it is not known yet to which purchase it belongs",
        RefreshReason::Named => "an event has named it without describing it",
        RefreshReason::UnknownStatus => "it is in a status that this version does not know",
        RefreshReason::CustomerDeleted => "its customer was deleted",
        RefreshReason::Overdue => "nothing was heard of it for long",
        RefreshReason::Lapsed => "one of its dates has passed without news",
        RefreshReason::Listed => "stripe lists it and no event has told of it",
        RefreshReason::Rotation => "it is its turn",
    }
}
