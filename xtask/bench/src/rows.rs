//! What is in the database before anything is measured: so many customers, each with a subscription, a payment, and the
//! event and the transition that they came from.

mod postgres;
mod sqlite;

pub(crate) use postgres::fill as fill_postgres;
pub(crate) use sqlite::fill as fill_sqlite;

use settled_domain::ports::Clock;
use settled_engine::SystemClock;

use crate::event::{FIRST_SECOND, PERIOD_END};
use crate::ids::{stripe_id, uuid};

/// Whose payments are read.
pub(crate) const READER: &str = "reader";
/// The account that the database belongs to.
pub(crate) const ACCOUNT: &str = "acct_1SbenchmarkAccount";

/// A table, its columns, and its row number `n`.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    row: fn(u64) -> Vec<Cell>,
}

/// A value as both databases can be given it.
enum Cell {
    Text(String),
    Number(u64),
    Flag(bool),
    /// A second since 1970.
    Second(u64),
    Nothing,
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// The present second. What came long ago would be forgotten while we measure.
fn just_now() -> Cell {
    Cell::Second(u64::try_from(SystemClock.now().unix_timestamp()).expect("a time after 1970"))
}

/// The second before the first event.
const BEFORE: Cell = Cell::Second(FIRST_SECOND - 1);

const TABLES: [Table; 5] = [
    Table { name: "customers", columns: &["key", "user_id", "customer_id", "deleted_at"], row: customer },
    Table {
        name: "subscriptions",
        columns: &[
            "id",
            "user_id",
            "customer_id",
            "slot",
            "price_id",
            "quantity",
            "status",
            "status_since",
            "current_period_end",
            "cancel_at_period_end",
            "as_of",
            "from_created",
            "checked_at",
            "version",
        ],
        row: subscription,
    },
    Table {
        name: "payments",
        columns: &[
            "id",
            "user_id",
            "slot",
            "price_id",
            "quantity",
            "mode",
            "params",
            "idempotency_key",
            "session_id",
            "status",
            "quoted_minor",
            "currency",
            "total_minor",
            "customer_id",
            "settled_at",
            "settled_by",
            "as_of",
            "created_at",
            "version",
        ],
        row: payment,
    },
    Table {
        name: "webhook_events",
        columns: &["id", "type", "object_id", "api_version", "livemode", "event_created", "received_at", "outcome"],
        row: event,
    },
    Table {
        name: "transitions",
        columns: &["object_id", "version", "from_status", "to_status", "cause", "event_id", "at"],
        row: transition,
    },
];

fn customer(n: u64) -> Vec<Cell> {
    vec![text(uuid(n)), text(format!("user-{n}")), text(stripe_id("cus_", n)), Cell::Nothing]
}

fn subscription(n: u64) -> Vec<Cell> {
    vec![
        text(stripe_id("sub_", n)),
        text(format!("user-{n}")),
        text(stripe_id("cus_", n)),
        text("default"),
        text("price_basic_monthly"),
        Cell::Number(1),
        text("active"),
        BEFORE,
        Cell::Second(PERIOD_END - 1),
        Cell::Flag(false),
        BEFORE,
        Cell::Flag(false),
        // Nobody has to look at it again while we measure.
        Cell::Second(PERIOD_END),
        Cell::Number(1),
    ]
}

fn payment(n: u64) -> Vec<Cell> {
    let params = serde_json::json!({
        "mode": "payment",
        "price_id": "price_lifetime",
        "quantity": 1,
        "customer_id": stripe_id("cus_", n),
        "client_reference_id": uuid(n),
        "success_url": "http://bench/success?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://bench/cancel",
        "metadata": { "settled_payment_id": uuid(n) },
    });
    vec![
        text(uuid(n)),
        text(READER),
        text(format!("price_{n}")),
        text("price_lifetime"),
        Cell::Number(1),
        text("payment"),
        text(params.to_string()),
        text(uuid(n)),
        text(stripe_id("cs_test_", n)),
        text("succeeded"),
        Cell::Number(19_900),
        text("usd"),
        Cell::Number(19_900),
        text(stripe_id("cus_", n)),
        BEFORE,
        text("webhook"),
        BEFORE,
        BEFORE,
        Cell::Number(2),
    ]
}

fn event(n: u64) -> Vec<Cell> {
    vec![
        text(stripe_id("evt_", n)),
        text("customer.subscription.created"),
        text(stripe_id("sub_", n)),
        text("2026-09-30.endive"),
        Cell::Flag(false),
        BEFORE,
        just_now(),
        text("processed"),
    ]
}

fn transition(n: u64) -> Vec<Cell> {
    vec![
        text(stripe_id("sub_", n)),
        Cell::Number(1),
        Cell::Nothing,
        text("active"),
        text("webhook"),
        text(stripe_id("evt_", n)),
        BEFORE,
    ]
}
