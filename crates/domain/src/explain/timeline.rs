use time::{Duration, OffsetDateTime};

use crate::event::EventSource;
use crate::history::{PastEvent, PastTransition, WaitingRefresh};
use crate::ids::{EventId, PaymentId, PriceId};
use crate::money::{Money, Quantity};
use crate::payment::Payment;
use crate::refresh_request::{RefreshObject, RefreshReason};
use crate::settlement::Outcome;
use crate::transition::Cause;

/// One thing that happened or is to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The user clicked, and the payment was written down.
    Clicked {
        /// The payment.
        payment_id: PaymentId,
        /// What was to be bought.
        price_id: PriceId,
        /// How many.
        quantity: Quantity,
        /// For how much.
        quoted: Money,
    },
    /// Stripe made an event.
    Made {
        /// Which.
        event_id: EventId,
        /// Its type.
        event_type: String,
        /// About what.
        object_id: Option<String>,
    },
    /// An event reached us.
    Received {
        /// Which.
        event_id: EventId,
        /// By which way.
        source: EventSource,
        /// How long after it was made.
        after: Duration,
        /// What became of it.
        outcome: Outcome,
    },
    /// Stripe posted an event after the sweep had found it.
    ArrivedLate {
        /// Which.
        event_id: EventId,
        /// How long after it was made.
        after: Duration,
    },
    /// A parked event was settled again.
    Replayed {
        /// Which.
        event_id: EventId,
        /// What became of it.
        outcome: Outcome,
    },
    /// A row changed.
    Changed {
        /// Which.
        object_id: String,
        /// The status before; `None` for a new row.
        from: Option<String>,
        /// The status after.
        to: String,
        /// What made it change.
        cause: Cause,
        /// The event that said so, and how long after it had been received the change was written.
        by: Option<(EventId, Option<Duration>)>,
    },
    /// Stripe is to be asked.
    Waits {
        /// About what.
        object: RefreshObject,
        /// Why.
        reason: RefreshReason,
        /// How often it was tried and failed.
        attempts: u32,
    },
}

impl What {
    /// Things of one moment in the order in which they follow from each other.
    const fn rank(&self) -> u8 {
        match self {
            Self::Clicked { .. } => 0,
            Self::Made { .. } => 1,
            Self::Received { .. } => 2,
            Self::Replayed { .. } => 3,
            Self::Changed { .. } => 4,
            Self::ArrivedLate { .. } => 5,
            Self::Waits { .. } => 6,
        }
    }
}

pub(super) fn entries(
    payments: &[Payment],
    events: &[PastEvent],
    transitions: &[PastTransition],
    waiting: &[WaitingRefresh],
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = payments.iter().map(clicked).collect();
    for event in events {
        entries.extend(of_event(event));
    }
    entries.extend(transitions.iter().map(|it| changed(it, events)));
    entries.extend(waiting.iter().map(|it| Entry {
        at: it.due_at,
        what: What::Waits { object: it.object.clone(), reason: it.reason, attempts: it.attempts },
    }));
    // A sort that keeps the order of equals: the changes of one row stay in theirs.
    entries.sort_by_key(|entry| (entry.at, entry.what.rank()));
    entries
}

fn clicked(payment: &Payment) -> Entry {
    let row = payment.record();
    let what = What::Clicked {
        payment_id: row.id,
        price_id: row.price_id.clone(),
        quantity: row.quantity,
        quoted: row.quoted,
    };
    Entry { at: row.created_at, what }
}

fn of_event(event: &PastEvent) -> Vec<Entry> {
    let id = || event.id.clone();
    let made = What::Made { event_id: id(), event_type: event.event_type.clone(), object_id: event.object_id.clone() };
    let received = What::Received {
        event_id: id(),
        source: event.source,
        after: event.received_at - event.created,
        outcome: event.outcome,
    };
    let mut entries = vec![Entry { at: event.created, what: made }, Entry { at: event.received_at, what: received }];
    entries.extend(
        event
            .arrived_late_at
            .map(|at| Entry { at, what: What::ArrivedLate { event_id: id(), after: at - event.created } }),
    );
    entries.extend(
        event.replayed_at.map(|at| Entry { at, what: What::Replayed { event_id: id(), outcome: event.outcome } }),
    );
    entries
}

fn changed(change: &PastTransition, events: &[PastEvent]) -> Entry {
    let by = change.event_id.clone().map(|id| {
        let received_at = events.iter().find(|event| event.id == id).map(|event| event.received_at);
        (id, received_at.map(|received_at| change.at - received_at))
    });
    let what = What::Changed {
        object_id: change.object_id.clone(),
        from: change.from.clone(),
        to: change.to.clone(),
        cause: change.cause,
        by,
    };
    Entry { at: change.at, what }
}
