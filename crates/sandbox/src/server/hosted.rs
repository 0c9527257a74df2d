//! The pages that a customer sees.

use axum::Router;
use axum::extract::{self, Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::App;
use crate::checkout::form::{Form, Payable, Problems};
use crate::checkout::pay::{self, Attempt};
use crate::checkout::promotion::{self, Applied};
use crate::clock;
use crate::errors::StripeError;
use crate::objects::SessionStatus;
use crate::pages::{self, Page};
use crate::payments::settle::{self, Ending};
use crate::store::Origin;

const STYLESHEET: &str = include_str!("../../assets/checkout.css");
const NO_SUCH_CODE: &str = "This code is invalid, or has expired.";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/c/pay/{id}", get(show).post(submit))
        .route("/c/authenticate/{id}", get(show_challenge).post(answer_challenge))
        .route("/i/{id}", get(invoice))
        .route("/assets/checkout.css", get(stylesheet))
}

async fn stylesheet() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "max-age=300"),
    ];
    (headers, STYLESHEET).into_response()
}

async fn show(State(app): State<App>, Path(id): Path<String>) -> Response {
    respond(StatusCode::OK, page(&app, &id, &Typed::default()))
}

async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Result<extract::Form<Form>, axum::extract::rejection::FormRejection>,
) -> Response {
    let Ok(extract::Form(form)) = form else {
        return respond(StatusCode::BAD_REQUEST, pages::unreadable_form());
    };
    match form.action.as_str() {
        "apply" => return apply_code(&app, &id, &form.promotion_code).await,
        "remove" => return apply_code(&app, &id, "").await,
        _ => {}
    }
    let payable = app.store.read(|state| state.sessions.get(&id).map(pay::payable));
    let entry = match form.read(payable.unwrap_or(Payable::ByCard), clock::year_and_month(app.store.now())) {
        Ok(entry) => entry,
        Err(problems) => {
            let page = page(&app, &id, &Typed { form, problems: *problems, refusal: None });
            return respond(StatusCode::UNPROCESSABLE_ENTITY, page);
        }
    };
    let attempt = app.store.change(&Origin::default(), |change| pay::pay(change, &id, &entry)).await;
    conclude(&app, &id, attempt, form).await
}

/// What follows an attempt to pay.
async fn conclude(app: &App, id: &str, attempt: Result<Attempt, StripeError>, form: Form) -> Response {
    match attempt {
        Ok(Attempt::Complete { landing_url, session }) => {
            wait_for_webhook(app, &session).await;
            Redirect::to(&landing_url).into_response()
        }
        Ok(Attempt::Challenged) => Redirect::to(&format!("/c/authenticate/{id}")).into_response(),
        Ok(Attempt::Declined(reason)) => {
            let page = page(app, id, &Typed { form, refusal: Some(reason), ..Typed::default() });
            respond(StatusCode::PAYMENT_REQUIRED, page)
        }
        Ok(Attempt::Expired) => respond(StatusCode::GONE, pages::expired()),
        Err(error) if error.status == StatusCode::NOT_FOUND => respond(StatusCode::NOT_FOUND, pages::not_found()),
        Err(_) => respond(StatusCode::INTERNAL_SERVER_ERROR, pages::broken()),
    }
}

async fn apply_code(app: &App, id: &str, code: &str) -> Response {
    let applied = app.store.change(&Origin::default(), |change| promotion::apply(change, id, code)).await;
    match applied {
        Ok(Applied::Yes) => Redirect::to(&format!("/c/pay/{id}")).into_response(),
        Ok(Applied::No) => {
            let form = Form { promotion_code: code.to_owned(), ..Form::default() };
            let problems = Problems { code: Some(NO_SUCH_CODE), ..Problems::default() };
            respond(StatusCode::UNPROCESSABLE_ENTITY, page(app, id, &Typed { form, problems, refusal: None }))
        }
        Err(error) if error.status == StatusCode::NOT_FOUND => respond(StatusCode::NOT_FOUND, pages::not_found()),
        Err(_) => respond(StatusCode::INTERNAL_SERVER_ERROR, pages::broken()),
    }
}

/// Where the bank asks the holder of the card, for a session or for a PaymentIntent.
async fn show_challenge(State(app): State<App>, Path(id): Path<String>) -> Response {
    let page = app.store.read(|state| pages::challenge(state, &id));
    respond(StatusCode::OK, page.unwrap_or_else(pages::not_found))
}

#[derive(serde::Deserialize)]
struct Answer {
    result: String,
}

async fn answer_challenge(
    State(app): State<App>,
    Path(id): Path<String>,
    answer: Result<extract::Form<Answer>, axum::extract::rejection::FormRejection>,
) -> Response {
    let ending = match answer.as_ref().map(|form| form.result.as_str()) {
        Ok("confirm") => Ending::Success,
        Ok("fail") => Ending::Failure,
        _ => return respond(StatusCode::BAD_REQUEST, pages::unreadable_form()),
    };
    let origin = Origin::default();
    if id.starts_with("cs_") {
        let attempt = app.store.change(&origin, |change| pay::authenticate(change, &id, ending)).await;
        return conclude(&app, &id, attempt, Form::default()).await;
    }
    match app.store.change(&origin, |change| settle::authenticate(change, &id, ending)).await {
        Ok(intent) => match intent.return_url {
            Some(url) => Redirect::to(&url).into_response(),
            None => respond(StatusCode::OK, pages::answered(ending)),
        },
        Err(error) if error.status == StatusCode::INTERNAL_SERVER_ERROR => {
            respond(StatusCode::INTERNAL_SERVER_ERROR, pages::broken())
        }
        Err(_) => respond(StatusCode::NOT_FOUND, pages::not_found()),
    }
}

/// Checkout waits up to ten seconds for the endpoint before it redirects.
///
/// <https://docs.stripe.com/payments/checkout/fulfillment>
async fn wait_for_webhook(app: &App, session: &str) {
    let event = app.store.read(|state| {
        let mut events = state.events.newest_first();
        let completed =
            events.find(|event| event.kind == "checkout.session.completed" && event.object["id"] == session);
        completed.map(|event| event.id.clone())
    });
    if let Some(event) = event {
        let answered = tokio::time::timeout(app.redirect_hold, app.store.delivered(&event));
        // A sandbox that stops lets its customers go.
        let in_time = app.stop.run_until_cancelled(answered).await;
        if !matches!(in_time, Some(Ok(()))) {
            tracing::warn!(event, "redirecting before the webhook was answered");
        }
    }
}

/// What the customer typed last time. Numbers are never shown again.
#[derive(Default)]
struct Typed {
    form: Form,
    problems: Problems,
    refusal: Option<&'static str>,
}

fn page(app: &App, id: &str, typed: &Typed) -> Page {
    app.store.read(|state| {
        let Some(session) = state.sessions.get(id) else {
            return pages::not_found();
        };
        let now = state.time_of(session.test_clock.as_deref());
        match session.status {
            SessionStatus::Complete => pages::complete(session),
            SessionStatus::Expired => pages::expired(),
            SessionStatus::Open if session.expires_at <= now => pages::expired(),
            SessionStatus::Open => pages::payment(state, session, &typed.form, &typed.problems, typed.refusal),
        }
    })
}

async fn invoice(State(app): State<App>, Path(id): Path<String>) -> Response {
    let page = app.store.read(|state| match state.invoices.get(&id) {
        Some(invoice) => pages::invoice(invoice),
        None => pages::not_found(),
    });
    respond(StatusCode::OK, page)
}

/// Strict headers. Browsers apply `form-action` to the redirect after a form, too, so it names
/// where this session's customer lands.
pub(super) fn respond(status: StatusCode, page: Page) -> Response {
    let status = page.status.unwrap_or(status);
    let action = page.landing_origin.unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {action}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let mut response = (status, axum::response::Html(page.html)).into_response();
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 3] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
