use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use settled_domain::ids::SessionId;
use settled_domain::money::Money;
use settled_domain::payment::{Payment, PaymentRecord};
use settled_domain::transition::SettledBy;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::answer::MoneyAnswer;
use crate::current_user::CurrentUser;
use crate::error::ApiError;
use crate::extract::Params;
use crate::openapi::{payment_statuses, refusals, settled_by};
use crate::router::Api;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Question {
    /// The Checkout Session, as `POST /api/checkout` and the URL of the success page name it.
    #[param(value_type = String, pattern = "^cs_[A-Za-z0-9_-]+$", max_length = 255, example = "cs_test_1")]
    session_id: SessionId,
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

refusals!(Refusals {
    InvalidRequest,
    Unauthorized,
    PaymentNotFound,
    RateLimited,
    IdentityProviderUnavailable,
    DatabaseUnavailable
});

/// How a payment stands.
///
/// It is answered from our database at once. A payment that is still open when its customer is back is asked for at Stripe
/// in the background, so asking again every two seconds is enough.
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
    CurrentUser(user_id): CurrentUser,
    Params(Question { session_id }): Params<Question>,
) -> Result<Json<PaymentAnswer>, ApiError> {
    let payment = api.settled.get_payment_status_by_session_id(&user_id, &session_id).await?;
    Ok(Json(PaymentAnswer::from(&payment.ok_or(ApiError::PaymentNotFound)?)))
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
fn amount(row: &PaymentRecord) -> Money {
    Money::new(row.total_minor.unwrap_or(row.quoted.minor_units), row.quoted.currency)
}
