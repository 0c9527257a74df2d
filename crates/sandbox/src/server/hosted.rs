//! The pages that a customer sees.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::App;
use crate::checkout::card::{self, Problems};
use crate::checkout::pay::{self, Attempt};
use crate::clock;
use crate::objects::SessionStatus;
use crate::pages::{self, Page};
use crate::store::Origin;

const STYLESHEET: &str = include_str!("../../assets/checkout.css");
const DECLINED: &str = "Your card was declined. Try another card.";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/c/pay/{id}", get(show).post(submit))
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
    form: Result<Form<card::Form>, axum::extract::rejection::FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return respond(StatusCode::BAD_REQUEST, pages::unreadable_form());
    };
    let typed = |problems, declined| Typed {
        entered: Some((form.email.clone(), form.cardholder_name.clone())),
        problems,
        declined,
    };
    let card = match form.read(clock::year_and_month(clock::now())) {
        Ok(card) => card,
        Err(problems) => {
            let page = page(&app, &id, &typed(problems, None));
            return respond(StatusCode::UNPROCESSABLE_ENTITY, page);
        }
    };
    let origin = Origin::default();
    let attempt = app.store.change(&origin, |change| pay::pay(change, &id, &card)).await;
    match attempt {
        Ok(Attempt::Paid { landing_url, session }) => {
            wait_for_webhook(&app, &session).await;
            Redirect::to(&landing_url).into_response()
        }
        Ok(Attempt::Declined) => {
            let page = page(&app, &id, &typed(Problems::default(), Some(DECLINED)));
            respond(StatusCode::PAYMENT_REQUIRED, page)
        }
        Ok(Attempt::Expired) => respond(StatusCode::GONE, pages::expired()),
        Err(error) if error.status == StatusCode::NOT_FOUND => respond(StatusCode::NOT_FOUND, pages::not_found()),
        Err(_) => respond(StatusCode::INTERNAL_SERVER_ERROR, pages::broken()),
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

/// What the customer typed last time. Card numbers are never shown again.
#[derive(Default)]
struct Typed {
    entered: Option<(String, String)>,
    problems: Problems,
    declined: Option<&'static str>,
}

fn page(app: &App, id: &str, typed: &Typed) -> Page {
    app.store.read(|state| {
        let Some(session) = state.sessions.get(id) else {
            return pages::not_found();
        };
        match session.status {
            SessionStatus::Complete => pages::complete(session),
            SessionStatus::Expired => pages::expired(),
            SessionStatus::Open if session.expires_at <= clock::now() => pages::expired(),
            SessionStatus::Open => {
                let known = session.payer.as_ref().and_then(|payer| payer.email.clone());
                let (email, name) = typed.entered.clone().unwrap_or_else(|| (known.unwrap_or_default(), String::new()));
                pages::payment(state, session, &email, &name, &typed.problems, typed.declined)
            }
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
fn respond(status: StatusCode, page: Page) -> Response {
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
