use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use settled_domain::ids::SessionId;
use settled_domain::money::Money;
use settled_domain::payment::{Payment, PaymentRecord};
use settled_domain::transition::SettledBy;
use time::OffsetDateTime;

use crate::answer::MoneyAnswer;
use crate::current_user::CurrentUser;
use crate::error::ApiError;
use crate::extract::Params;
use crate::router::Api;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    session_id: SessionId,
}

/// How far a payment has come.
#[derive(Serialize)]
pub(crate) struct PaymentAnswer {
    session_id: Option<String>,
    payment_id: String,
    status: &'static str,
    amount: MoneyAnswer,
    subscription_id: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    settled_at: Option<OffsetDateTime>,
    settled_by: Option<&'static str>,
    #[serde(with = "time::serde::rfc3339")]
    as_of: OffsetDateTime,
}

/// `GET /api/payment-status`
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
