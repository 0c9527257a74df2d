//! The hosted pages, rendered. They work without JavaScript.

pub(crate) mod dashboard;
mod money;

use askama::Template;
use axum::http::StatusCode;

use crate::checkout::form::{Form, Payable, Problems};
use crate::checkout::pay;
use crate::objects::{Invoice, Mode, PaymentIntentStatus, Price, Session, SessionStatus, Trial};
use crate::payments::settle::Ending;
use crate::store::State;
pub(crate) use money::money;

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
    period: String,
    lines: Vec<Line<'a>>,
    /// What follows a trial.
    afterwards: Option<String>,
    discount: Option<String>,
    takes_code: bool,
    code: &'a str,
    button: &'static str,
    payable: Payable,
    by_account: bool,
    email: &'a str,
    holder: &'a str,
    account_holder: &'a str,
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
#[template(path = "challenge.html")]
struct Challenge {
    action: String,
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
    form: &Form,
    problems: &Problems,
    declined: Option<&'static str>,
) -> Page {
    let known = session.payer.as_ref().and_then(|payer| payer.email.as_deref()).unwrap_or_default();
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
    let (verb, button) = match (session.mode, session.trial) {
        (Mode::Payment, _) => ("Pay for", "Pay"),
        (Mode::Subscription, None) => ("Subscribe to", "Subscribe"),
        (Mode::Subscription, Some(_)) => ("Try", "Start trial"),
    };
    let period = period(state, session);
    let off = session.subtotal() - session.total();
    let page = Payment {
        action: format!("/c/pay/{}", session.id),
        cancel_url: session.cancel_url.as_deref(),
        heading: format!("{verb} {first}"),
        total: money(session.total(), &session.currency),
        afterwards: session.trial.map(|trial| afterwards(state, session, trial, &period)),
        period: if session.trial.is_some() { String::new() } else { period },
        discount: session.discount.is_some().then(|| money(-off, &session.currency)),
        takes_code: session.allow_promotion_codes == Some(true),
        code: &form.promotion_code,
        button,
        payable: pay::payable(session),
        by_account: form.is_by_account(),
        email: if form.email.is_empty() { known } else { &form.email },
        holder: &form.cardholder_name,
        account_holder: &form.account_holder,
        problems,
        declined,
        lines,
    };
    Page { landing_origin: origin(&session.success_url), ..render(&page) }
}

/// The page where the holder of a card confirms a payment; `None` when nobody is asked.
pub(crate) fn challenge(state: &State, id: &str) -> Option<Page> {
    let (amount, leads_to) = if let Some(session) = state.sessions.get(id) {
        if session.status != SessionStatus::Open || session.challenged.is_none() {
            return None;
        }
        (money(session.total(), &session.currency), origin(&session.success_url))
    } else {
        let intent = state.payment_intents.get(id);
        let intent = intent.filter(|intent| intent.status == PaymentIntentStatus::RequiresAction)?;
        (money(intent.amount, &intent.currency), intent.return_url.as_deref().and_then(origin))
    };
    let page = Challenge { action: format!("/c/authenticate/{id}"), amount };
    Some(Page { landing_origin: leads_to, ..render(&page) })
}

/// A payment without a page to return to was confirmed, or not.
pub(crate) fn answered(ending: Ending) -> Page {
    match ending {
        Ending::Success => message(None, "Payment confirmed", "You can close this page.", None),
        Ending::Failure => message(None, "Payment not confirmed", "Nothing was charged.", None),
    }
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

/// Somebody asked at the dashboard for what cannot be done.
pub(crate) fn not_done(reason: &str) -> Page {
    message(Some(StatusCode::BAD_REQUEST), "That was not done", reason, Some(("/", "Back to the dashboard")))
}

/// A form that was not sent from the dashboard, or a dashboard that is asked for from elsewhere.
pub(crate) fn not_from_here() -> Page {
    message(
        Some(StatusCode::FORBIDDEN),
        "Not from here",
        "The dashboard works on its own machine only, by its numeric address or as localhost.",
        None,
    )
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

/// `per month`, or `every 3 months`; nothing for what is paid once.
fn period(state: &State, session: &Session) -> String {
    let price = session.line_items.first().and_then(|item| state.prices.get(&item.price));
    let rhythm = price.and_then(|price| Some((price.interval?.name(), price.interval_count)));
    match rhythm {
        Some((interval, 1)) => format!("per {interval}"),
        Some((interval, count)) => format!("every {count} {interval}s"),
        None => String::new(),
    }
}

fn afterwards(state: &State, session: &Session, trial: Trial, period: &str) -> String {
    let cost = |price: &Price, quantity: i64| price.unit_amount.saturating_mul(quantity);
    let items = session.line_items.iter();
    let amount: i64 = items.filter_map(|item| Some(cost(state.prices.get(&item.price)?, item.quantity))).sum();
    let amount = money(amount, &session.currency);
    match trial {
        Trial::Days(1) => format!("1 day free, then {amount} {period}"),
        Trial::Days(days) => format!("{days} days free, then {amount} {period}"),
        Trial::Until(_) => format!("Free at first, then {amount} {period}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_escaped() {
        let page = message(None, "<script>", "a & b", Some(("\"><img>", "go")));
        assert!(!page.html.contains("<script>") && !page.html.contains("<img>"));
    }
}
