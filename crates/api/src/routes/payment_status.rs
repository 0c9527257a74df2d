use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use settled_domain::ids::SessionId;
use settled_domain::money::Money;
use settled_domain::payment::{Payment, PaymentRecord, PaymentStatus};
use settled_domain::ports::FeedError;
use settled_domain::transition::SettledBy;
use settled_domain::waiting::{PaymentWatch, WatchError};
use time::OffsetDateTime;
use tokio::time::sleep;
use utoipa::{IntoParams, ToSchema};

use crate::answer::MoneyAnswer;
use crate::current_user::CurrentUser;
use crate::error::ApiError;
use crate::extract::Params;
use crate::measures::{self, Way};
use crate::openapi::{payment_statuses, refusals, settled_by};
use crate::router::Api;

/// The longest that an answer may be put off.
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(30);

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Question {
    /// The Checkout Session, as `POST /api/checkout` and the URL of the success page name it.
    #[param(value_type = String, pattern = "^cs_[A-Za-z0-9_-]+$", max_length = 255, example = "cs_test_1")]
    session_id: SessionId,
    /// For how many seconds the answer may be put off while the payment is `pending`.
    #[serde(default)]
    #[param(value_type = u32, maximum = 30, required = false, nullable = false, default = 0)]
    wait: Wait,
}

/// For how long the answer may be put off while the payment is pending.
#[derive(Default, Deserialize)]
#[serde(try_from = "String")]
struct Wait(Duration);

impl TryFrom<String> for Wait {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // A number and nothing else: no sign, no spaces.
        let seconds = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let wait = seconds.map(Duration::from_secs).filter(|wait| *wait <= MAX_WAIT);
        wait.map(Self).ok_or("not a whole number of seconds from 0 to 30")
    }
}

/// How far a payment has come.
#[derive(Serialize, ToSchema)]
#[schema(as = Payment)]
pub(crate) struct PaymentAnswer {
    /// The Checkout Session.
    #[schema(required)]
    session_id: Option<String>,
    /// Our name for this attempt to buy.
    #[schema(format = Uuid)]
    payment_id: String,
    #[schema(schema_with = payment_statuses)]
    status: &'static str,
    /// What was charged, and before that is known, what was quoted.
    amount: MoneyAnswer,
    /// The subscription that it pays for.
    #[schema(required)]
    subscription_id: Option<String>,
    /// When we learned that it had succeeded, failed or expired.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    settled_at: Option<OffsetDateTime>,
    #[schema(schema_with = settled_by, required)]
    settled_by: Option<&'static str>,
    /// The moment of which all this is true.
    #[serde(with = "time::serde::rfc3339")]
    as_of: OffsetDateTime,
}

// Whoever follows a payment by a stream is refused for the same reasons.
refusals!(pub(super) Refusals {
    InvalidRequest,
    Unauthorized,
    PaymentNotFound,
    RateLimited,
    TooManyWaiting,
    IdentityProviderUnavailable,
    DatabaseUnavailable,
    Unavailable,
});

/// How a payment stands.
///
/// It is answered from our database at once or, with `wait`, as soon as it is no longer `pending`. A payment that is still
/// open when its customer is back is asked for at Stripe in the background. A browser better listens to
/// `/api/payment-status/stream`.
#[utoipa::path(
    get,
    path = "/api/payment-status",
    operation_id = "getPaymentStatus",
    tag = "payments",
    security(("bearer" = []), ("cookie" = [])),
    params(Question),
    responses(
        (
            status = 200, description = "The payment.", body = PaymentAnswer,
            example = json!({
                "session_id": "cs_test_1",
                "payment_id": "00000000-0000-0000-0000-000000000007",
                "status": "succeeded",
                "amount": { "minor_units": 1710, "currency": "usd" },
                "subscription_id": "sub_1",
                "settled_at": "2026-11-24T10:01:02.5Z",
                "settled_by": "webhook",
                "as_of": "2026-11-24T10:01:00Z",
            }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    CurrentUser { user_id, .. }: CurrentUser,
    Params(Question { session_id, wait: Wait(wait) }): Params<Question>,
) -> Result<Json<PaymentAnswer>, ApiError> {
    let payment = api.settled.get_payment_status_by_session_id(&user_id, &session_id).await?;
    let payment = payment.ok_or(ApiError::PaymentNotFound)?;
    if wait.is_zero() || payment.status() != PaymentStatus::Pending {
        return Ok(Json(PaymentAnswer::from(&payment)));
    }
    let _place = api.waiters.admit(&user_id)?;
    let mut watch = api.settled.watch_payment(payment)?;
    tokio::select! {
        biased;
        () = api.readiness.drained() => {}
        waited = until_not_pending(&mut watch) => match waited {
            Ok(()) => measures::shown(watch.payment(), api.settled.ports().clock.now(), Way::Wait),
            // A process that stops answers with what it knows.
            Err(WatchError::Feed(FeedError::Stopping)) => {}
            Err(error) => return Err(error.into()),
        },
        () = sleep(wait) => {}
    }
    Ok(Json(PaymentAnswer::from(watch.payment())))
}

async fn until_not_pending(watch: &mut PaymentWatch) -> Result<(), WatchError> {
    while watch.payment().status() == PaymentStatus::Pending {
        watch.changed().await?;
    }
    Ok(())
}

impl From<&Payment> for PaymentAnswer {
    fn from(payment: &Payment) -> Self {
        let row = payment.record();
        Self {
            session_id: row.session_id.as_ref().map(ToString::to_string),
            payment_id: row.id.to_string(),
            status: row.status.as_str(),
            amount: amount(row).into(),
            subscription_id: row.subscription_id.as_ref().map(ToString::to_string),
            settled_at: row.settled_at,
            settled_by: row.settled_by.map(SettledBy::as_str),
            as_of: row.as_of,
        }
    }
}

/// What was charged, and before that is known, what was quoted.
pub(crate) fn amount(row: &PaymentRecord) -> Money {
    Money::new(row.total_minor.unwrap_or(row.quoted.minor_units), row.quoted.currency)
}
