//! The dashboard: what is there, and buttons for what a person may want to happen.

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::{App, hosted};
use crate::errors::StripeError;
use crate::form;
use crate::objects::{Delivery, Interval};
use crate::pages;
use crate::params::Params;
use crate::payments::settle::{self, Ending};
use crate::payments::{disputes, refunds};
use crate::store::{Change, Origin};
use crate::test_clocks;

/// How long one press of *Delay* keeps an event back.
const DELAY_S: i64 = 60;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(show))
        .route("/dashboard/deliveries/{what}", post(hold_deliveries))
        .route("/dashboard/events/{id}/{what}", post(redirect_event))
        .route("/dashboard/charges/{id}/{what}", post(act_on_charge))
        .route("/dashboard/refunds/{id}/fail", post(fail_refund))
        .route("/dashboard/debits/{id}/{what}", post(end_debit))
        .route("/dashboard/customers/{id}/advance", post(advance))
}

async fn show(State(app): State<App>) -> Response {
    let held = *app.hold.borrow();
    let page = app.store.read(|state| pages::dashboard::dashboard(state, held));
    let mut response = hosted::respond(StatusCode::OK, page);
    // Without a referrer, browsers would not say where the forms come from.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

async fn hold_deliveries(State(app): State<App>, Path(what): Path<String>) -> Response {
    app.hold.send_replace(what == "hold");
    back("events")
}

async fn redirect_event(State(app): State<App>, Path((id, what)): Path<(String, String)>) -> Response {
    let done = match what.as_str() {
        "resend" => app.store.resend(&id),
        "delay" => {
            app.store.hold_until(&id, app.store.now() + DELAY_S);
            true
        }
        "drop" => {
            app.store.end_delivery(&id, Delivery::Dropped);
            true
        }
        _ => false,
    };
    if done {
        return back("events");
    }
    refused("There is no endpoint to send it to, or no such event.")
}

async fn act_on_charge(State(app): State<App>, Path((id, what)): Path<(String, String)>) -> Response {
    change(&app, "payments", |change| match what.as_str() {
        "refund" => {
            let encoded = url::form_urlencoded::Serializer::new(String::new()).append_pair("charge", &id).finish();
            refunds::create(change, &mut Params::new(form::parse(encoded.as_bytes())?)).map(drop)
        }
        "dispute" => disputes::open_on_demand(change, &id),
        _ => Err(StripeError::invalid("Nobody knows how to do that.")),
    })
    .await
}

async fn fail_refund(State(app): State<App>, Path(id): Path<String>) -> Response {
    change(&app, "payments", |change| refunds::fail(change, &id)).await
}

async fn end_debit(State(app): State<App>, Path((id, what)): Path<(String, String)>) -> Response {
    let ending = if what == "settle" { Ending::Success } else { Ending::Failure };
    change(&app, "payments", |change| settle::settle(change, &id, ending)).await
}

#[derive(serde::Deserialize)]
struct Advance {
    by: String,
}

async fn advance(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Result<Form<Advance>, FormRejection>,
) -> Response {
    let Ok(Form(Advance { by })) = form else {
        return refused("The form could not be read.");
    };
    change(&app, "customers", |change| {
        let renewal = test_clocks::next_renewal(change.state, &id);
        test_clocks::advance_customer(change, &id, |now| match by.as_str() {
            "hour" => now + 3_600,
            "day" => Interval::Day.after(now, 1),
            "month" => Interval::Month.after(now, 1),
            _ => renewal.unwrap_or(now),
        })
    })
    .await
}

async fn change(app: &App, section: &str, make: impl FnOnce(&mut Change<'_>) -> Result<(), StripeError>) -> Response {
    match app.store.change(&Origin::default(), make).await {
        Ok(()) => back(section),
        Err(error) => refused(&error.message),
    }
}

fn back(section: &str) -> Response {
    Redirect::to(&format!("/#{section}")).into_response()
}

fn refused(reason: &str) -> Response {
    hosted::respond(StatusCode::BAD_REQUEST, pages::not_done(reason))
}
