//! Where Stripe sends the customer back to. A payment that is settled by then is shown in the first paint: the script has
//! nothing to wait for, and without scripts the page comes again by itself.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use settled_domain::ids::{SessionId, UserId};
use settled_domain::payment::{Payment, PaymentStatus};
use url::form_urlencoded;

use super::words::{self, WORDS, Words};
use super::{Frame, price_text, render};
use crate::current_user::CurrentUser;
use crate::error::ApiError;
use crate::openapi::refusals;
use crate::router::Api;
use crate::routes::amount;

/// Without scripts the page comes again this soon, as often as fits into the half minute after which it calms.
const AGAIN_AFTER_S: u32 = 2;
const AGAIN_AT_MOST: u32 = 15;
/// And then, calmed, so many times more.
const CALM_AFTER_S: u32 = 20;
const CALM_AT_MOST: u32 = 30;

/// What the address of the page says. It proves nothing: the payment is looked up as the user's own.
#[derive(Default)]
struct Address {
    session_id: Option<SessionId>,
    /// How often the page has come again by itself.
    seen: u32,
}

impl Address {
    /// Whatever else stands in the query is for others.
    fn read(query: Option<String>) -> Self {
        let mut address = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "session_id" => address.session_id = SessionId::new(value).ok(),
                "seen" => address.seen = value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        address
    }
}

#[derive(Template)]
#[template(path = "success.html")]
struct Success {
    frame: Frame,
    shown: Words,
    words: &'static [Words],
    paid: Option<Paid>,
    /// When, and with which query, the page comes again where there are no scripts.
    again: Option<String>,
}

/// What a settled payment adds.
struct Paid {
    minor_units: i64,
    currency: String,
    amount: String,
    /// How the subscription that came of it stands.
    subscription: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "cancel.html")]
struct Cancel {
    frame: Frame,
}

refusals!(Refusals {});

/// Where Stripe sends the customer who has paid.
///
/// It says how the payment stands, and from then on its script listens. The URL alone proves nothing: the payment is looked
/// up as the signed-in user's own.
#[utoipa::path(
    get,
    path = "/success",
    operation_id = "getSuccessPage",
    tag = "pages",
    params(
        ("session_id" = Option<String>, Query, description = "The Checkout Session."),
        ("seen" = Option<String>, Query, description = "How often the page has come again by itself, without scripts."),
    ),
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html"),
        (
            status = 429, description = "The page, for a user who asks too often.",
            headers(("Retry-After" = u64, description = "Seconds.")), body = String, content_type = "text/html",
        ),
        (
            status = 503, description = "The page, without news.",
            headers(("Retry-After" = u64, description = "Seconds.")), body = String, content_type = "text/html",
        ),
        Refusals,
    ),
)]
pub(crate) async fn success(
    State(api): State<Api>,
    user: Result<CurrentUser, ApiError>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let address = Address::read(query);
    let (shown, payment, failure) = match look(&api, user, &address).await {
        Ok((shown, payment)) => (shown, payment, None),
        // Who asks too often, or cannot be recognised at present, has paid all the same.
        Err(error) => (words::UNREACHABLE, None, Some(error)),
    };
    if let Some(payment) = payment.as_ref().filter(|_| address.seen == 0) {
        api.landings.note(payment, api.settled.ports().clock.now());
    }
    let paid = match payment.filter(|payment| payment.status() == PaymentStatus::Succeeded) {
        Some(payment) => Some(Paid::read(&api, &payment).await),
        None => None,
    };
    let is_calm = shown == words::PENDING && address.seen >= AGAIN_AT_MOST;
    let page = Success {
        frame: Frame::new(&api.config),
        again: if shown.waits { again(&address) } else { None },
        shown: if is_calm { words::TIMEOUT } else { shown },
        words: WORDS,
        paid,
    };
    let mut response = render(&page)?.into_response();
    if let Some(error) = failure {
        *response.status_mut() = error.code().status();
        let again = error.retry_after_s().map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds)));
        response.headers_mut().extend(again);
    }
    Ok(response)
}

/// What there is to say, and of which payment.
async fn look(
    api: &Api,
    user: Result<CurrentUser, ApiError>,
    address: &Address,
) -> Result<(Words, Option<Payment>), ApiError> {
    let Some(session_id) = &address.session_id else {
        return Ok((words::NOT_FOUND, None));
    };
    let user_id = match user {
        Ok(user) => user.user_id,
        Err(ApiError::Unauthorized(_)) => return Ok((words::UNAUTHORIZED, None)),
        Err(error) => return Err(error),
    };
    match api.settled.get_payment_status_by_session_id(&user_id, session_id).await {
        Ok(Some(payment)) => Ok((Words::of(&payment), Some(payment))),
        Ok(None) => Ok((words::NOT_FOUND, None)),
        Err(error) => {
            tracing::warn!(%error, "the success page cannot ask the database");
            Err(ApiError::NotReady(error))
        }
    }
}

/// More and more seldom, and not for ever.
fn again(address: &Address) -> Option<String> {
    let session_id = address.session_id.as_ref()?;
    let seen = address.seen.saturating_add(1);
    let after_s = match seen {
        ..=AGAIN_AT_MOST => AGAIN_AFTER_S,
        _ if seen <= AGAIN_AT_MOST + CALM_AT_MOST => CALM_AFTER_S,
        _ => return None,
    };
    Some(format!("{after_s}; url=?session_id={session_id}&seen={seen}"))
}

impl Paid {
    async fn read(api: &Api, payment: &Payment) -> Self {
        let charged = amount(payment.record());
        let subscription = match payment.record().subscription_id {
            Some(_) => Some(standing(api, &payment.record().user_id).await),
            None => None,
        };
        Self {
            minor_units: charged.minor_units,
            currency: charged.currency.to_string(),
            amount: price_text::amount(charged),
            subscription,
        }
    }
}

/// In a word; the script says more.
async fn standing(api: &Api, user_id: &UserId) -> &'static str {
    match api.settled.get_user_subscription_status(user_id, None).await {
        Ok(standing) if standing.access => "Active",
        // It comes a moment after the payment, and the script goes on asking.
        Ok(_) | Err(_) => "Being set up",
    }
}

/// Where Stripe sends the customer who has turned back.
#[utoipa::path(
    get,
    path = "/cancel",
    operation_id = "getCancelPage",
    tag = "pages",
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"), Refusals),
)]
pub(crate) async fn cancel(State(api): State<Api>) -> Result<Html<String>, ApiError> {
    render(&Cancel { frame: Frame::new(&api.config) })
}
