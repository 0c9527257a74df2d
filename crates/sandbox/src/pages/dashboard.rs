//! The dashboard, rendered: the newest rows of everything.

use askama::Template;

use super::{Page, money, render};
use crate::clock;
use crate::objects::{
    Charge, Customer, Delivery, Event, Outcome, PaymentStatus, Refund, RefundStatus, Session, SessionStatus,
    Subscription,
};
use crate::store::State;

/// More rows of one kind are left to the API.
const ROWS_MAX: usize = 50;

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Dashboard<'a> {
    held: bool,
    customers: Vec<CustomerRow<'a>>,
    sessions: Vec<SessionRow<'a>>,
    subscriptions: Vec<SubscriptionRow<'a>>,
    payments: Vec<PaymentRow<'a>>,
    refunds: Vec<RefundRow<'a>>,
    events: Vec<EventRow<'a>>,
}

struct CustomerRow<'a> {
    id: &'a str,
    who: &'a str,
    /// The time on the customer's own clock.
    clock: Option<String>,
    renews: bool,
}

struct SessionRow<'a> {
    id: &'a str,
    page: Option<String>,
    what: String,
    amount: String,
    status: &'static str,
    payment: &'static str,
    created: String,
}

struct SubscriptionRow<'a> {
    id: &'a str,
    customer: &'a str,
    what: String,
    status: &'static str,
    period_end: String,
    ends: bool,
}

struct PaymentRow<'a> {
    id: &'a str,
    intent: &'a str,
    amount: String,
    status: &'static str,
    pending: bool,
    refundable: bool,
    disputable: bool,
    created: String,
}

struct RefundRow<'a> {
    id: &'a str,
    charge: &'a str,
    amount: String,
    status: &'static str,
    can_fail: bool,
}

struct EventRow<'a> {
    id: &'a str,
    kind: &'a str,
    object: &'a str,
    created: String,
    delivery: &'static str,
    attempts: Vec<String>,
    held_until: Option<String>,
    pending: bool,
    wanted: bool,
}

/// The page at `/`. `held` tells that all deliveries are kept back.
pub(crate) fn dashboard(state: &State, held: bool) -> Page {
    let customers = state.customers.newest_first().filter(|customer| !customer.deleted);
    let page = Dashboard {
        held,
        customers: customers.take(ROWS_MAX).map(|row| customer(state, row)).collect(),
        sessions: state.sessions.newest_first().take(ROWS_MAX).map(|row| session(state, row)).collect(),
        subscriptions: state.subscriptions.newest_first().take(ROWS_MAX).map(|row| subscription(state, row)).collect(),
        payments: state.charges.newest_first().take(ROWS_MAX).map(payment).collect(),
        refunds: state.refunds.newest_first().take(ROWS_MAX).map(refund).collect(),
        events: state.events.newest_first().take(ROWS_MAX).map(|row| event(row, state.clock.now())).collect(),
    };
    render(&page)
}

fn customer<'a>(state: &State, row: &'a Customer) -> CustomerRow<'a> {
    let mut subscriptions = state.subscriptions.oldest_first();
    CustomerRow {
        id: &row.id,
        who: row.email.as_deref().or(row.name.as_deref()).unwrap_or("(no e-mail)"),
        clock: row.test_clock.as_deref().map(|id| clock::readable(state.time_of(Some(id)))),
        renews: subscriptions.any(|other| other.customer == row.id && !other.status.has_ended()),
    }
}

fn session<'a>(state: &State, row: &'a Session) -> SessionRow<'a> {
    let items = row.line_items.iter().map(|item| format!("{} × {}", item.quantity, item.description));
    SessionRow {
        id: &row.id,
        page: (row.status == SessionStatus::Open).then(|| row.page_url(state)),
        what: items.collect::<Vec<_>>().join(", "),
        amount: money(row.total(), &row.currency),
        status: row.status.name(),
        payment: match row.payment_status {
            PaymentStatus::Unpaid => "unpaid",
            PaymentStatus::Paid => "paid",
            PaymentStatus::NoPaymentRequired => "nothing to pay",
        },
        created: clock::readable(row.created),
    }
}

fn subscription<'a>(state: &State, row: &'a Subscription) -> SubscriptionRow<'a> {
    let items = row.items.iter().map(|item| {
        let price = state.prices.get(&item.price);
        let product = price.and_then(|price| state.products.get(&price.product));
        format!("{} × {}", item.quantity, product.map_or(item.price.as_str(), |product| &product.name))
    });
    SubscriptionRow {
        id: &row.id,
        customer: &row.customer,
        what: items.collect::<Vec<_>>().join(", "),
        status: row.status.name(),
        period_end: clock::readable(row.current_period_end),
        ends: row.cancel_at_period_end && !row.status.has_ended(),
    }
}

fn payment(row: &Charge) -> PaymentRow<'_> {
    let paid = row.outcome == Outcome::Succeeded;
    let status = match row.outcome {
        Outcome::Declined => "failed",
        Outcome::Pending => "pending",
        Outcome::Succeeded if row.disputed => "disputed",
        Outcome::Succeeded if row.amount_refunded == row.amount => "refunded",
        Outcome::Succeeded if row.amount_refunded > 0 => "partly refunded",
        Outcome::Succeeded => "succeeded",
    };
    PaymentRow {
        id: &row.id,
        intent: &row.payment_intent,
        amount: money(row.amount, &row.currency),
        status,
        pending: row.outcome == Outcome::Pending,
        refundable: paid && row.amount_refunded < row.amount && !row.disputed,
        disputable: paid && !row.disputed,
        created: clock::readable(row.created),
    }
}

fn refund(row: &Refund) -> RefundRow<'_> {
    RefundRow {
        id: &row.id,
        charge: &row.charge,
        amount: money(row.amount, &row.currency),
        status: match row.status {
            RefundStatus::Pending => "pending",
            RefundStatus::Succeeded => "succeeded",
            RefundStatus::Failed => "failed",
        },
        can_fail: row.status != RefundStatus::Failed,
    }
}

fn event(row: &Event, now: i64) -> EventRow<'_> {
    let attempts = row.attempts.iter().map(|attempt| match attempt.status {
        Some(status) => format!("{} answered {status}", clock::readable(attempt.at)),
        None => format!("{} not answered", clock::readable(attempt.at)),
    });
    let pending = row.delivery == Delivery::Pending;
    EventRow {
        id: &row.id,
        kind: &row.kind,
        object: row.object["id"].as_str().unwrap_or_default(),
        created: clock::readable(row.created),
        delivery: row.delivery.name(),
        attempts: attempts.collect(),
        held_until: row.held_until.filter(|until| pending && *until > now).map(clock::readable),
        pending,
        wanted: row.delivery != Delivery::Unwanted,
    }
}
