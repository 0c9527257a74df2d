//! The hosted pages, rendered. They work without JavaScript.

use askama::Template;
use axum::http::StatusCode;

use crate::checkout::card::Problems;
use crate::objects::{Interval, Invoice, Mode, Session};
use crate::store::State;

/// A page to send.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) html: String,
    /// Where its form may lead in the end.
    pub(crate) landing_origin: Option<String>,
    /// The status it insists on.
    pub(crate) status: Option<StatusCode>,
}

#[derive(Template)]
#[template(path = "payment.html")]
struct Payment<'a> {
    action: String,
    cancel_url: Option<&'a str>,
    heading: String,
    total: String,
    period: &'static str,
    lines: Vec<Line<'a>>,
    button: &'static str,
    email: &'a str,
    holder: &'a str,
    problems: &'a Problems,
    declined: Option<&'static str>,
}

struct Line<'a> {
    name: &'a str,
    description: &'a str,
    quantity: i64,
    amount: String,
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    title: &'a str,
    text: &'a str,
    link: Option<(&'a str, &'a str)>,
}

/// The payment form of an open session.
pub(crate) fn payment(
    state: &State,
    session: &Session,
    email: &str,
    holder: &str,
    problems: &Problems,
    declined: Option<&'static str>,
) -> Page {
    let lines: Vec<_> = session
        .line_items
        .iter()
        .map(|item| {
            let price = state.prices.get(&item.price);
            let product = price.and_then(|price| state.products.get(&price.product));
            Line {
                name: &item.description,
                description: product.and_then(|product| product.description.as_deref()).unwrap_or_default(),
                quantity: item.quantity,
                amount: money(item.amount, &item.currency),
            }
        })
        .collect();
    let first = lines.first().map_or("", |line| line.name);
    let (verb, button) = match session.mode {
        Mode::Payment => ("Pay for", "Pay"),
        Mode::Subscription => ("Subscribe to", "Subscribe"),
    };
    let page = Payment {
        action: format!("/c/pay/{}", session.id),
        cancel_url: session.cancel_url.as_deref(),
        heading: format!("{verb} {first}"),
        total: money(session.total(), &session.currency),
        period: period(state, session),
        button,
        email,
        holder,
        problems,
        declined,
        lines,
    };
    Page { landing_origin: origin(&session.success_url), ..render(&page) }
}

/// A session that was paid.
pub(crate) fn complete(session: &Session) -> Page {
    let landing = session.landing_url();
    message(
        None,
        "You’re all done here",
        "This checkout is complete; nothing more will be charged.",
        Some((&landing, "Continue to the shop")),
    )
}

/// A session whose time is over.
pub(crate) fn expired() -> Page {
    message(
        Some(StatusCode::GONE),
        "This checkout has expired",
        "Nothing was charged. Go back to the shop and start again.",
        None,
    )
}

pub(crate) fn not_found() -> Page {
    message(
        Some(StatusCode::NOT_FOUND),
        "Page not found",
        "This link leads nowhere: check that you copied all of it.",
        None,
    )
}

pub(crate) fn unreadable_form() -> Page {
    message(
        Some(StatusCode::BAD_REQUEST),
        "This form could not be read",
        "Nothing was charged. Go back and try again.",
        None,
    )
}

pub(crate) fn broken() -> Page {
    message(
        None,
        "Something went wrong",
        "The sandbox could not write its journal. Look at its log before you try again.",
        None,
    )
}

/// What an invoice's `hosted_invoice_url` shows.
pub(crate) fn invoice(invoice: &Invoice) -> Page {
    let title = format!("Invoice {}", invoice.number);
    let text = format!("{} – {}.", money(invoice.total, &invoice.currency), invoice.status.name());
    message(None, &title, &text, None)
}

fn message(status: Option<StatusCode>, title: &str, text: &str, link: Option<(&str, &str)>) -> Page {
    Page { status, ..render(&Message { title, text, link }) }
}

fn render(page: &impl Template) -> Page {
    Page {
        html: page.render().expect("templates write to a String, which takes everything"),
        landing_origin: None,
        status: None,
    }
}

fn origin(url: &str) -> Option<String> {
    let origin = url::Url::parse(url).ok()?.origin();
    let text = origin.ascii_serialization();
    // A host may contain what would end a directive of the policy.
    (origin.is_tuple() && !text.contains([';', ','])).then_some(text)
}

fn period(state: &State, session: &Session) -> &'static str {
    let first = session.line_items.first();
    let price = first.and_then(|item| state.prices.get(&item.price));
    match price.and_then(|price| price.interval) {
        Some(Interval::Month) => "per month",
        Some(Interval::Year) => "per year",
        None => "",
    }
}

/// The sandbox's catalogue is in dollars, whose smallest unit is the hundredth.
fn money(minor_units: i64, currency: &str) -> String {
    let (whole, cents) = (minor_units / 100, minor_units % 100);
    match currency {
        "usd" => format!("${whole}.{cents:02}"),
        other => format!("{whole}.{cents:02} {}", other.to_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_written_with_cents() {
        assert_eq!(money(1_905, "usd"), "$19.05");
    }

    #[test]
    fn what_is_shown_is_escaped() {
        let page = message(None, "<script>", "a & b", Some(("\"><img>", "go")));
        assert!(!page.html.contains("<script>") && !page.html.contains("<img>"));
    }
}
