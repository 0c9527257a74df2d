use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use settled_domain::ids::PriceId;
use settled_domain::status::SubscriptionStanding;
use settled_domain::subscription::{Subscription, SubscriptionStatus};
use time::OffsetDateTime;

use crate::current_user::CurrentUser;
use crate::error::ApiError;
use crate::extract::Params;
use crate::router::Api;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    price_id: Option<PriceId>,
}

/// Where the user stands.
#[derive(Serialize)]
pub(crate) struct StandingAnswer {
    status: &'static str,
    access: bool,
    subscription: Option<SubscriptionAnswer>,
    #[serde(with = "time::serde::rfc3339")]
    as_of: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    checked_at: Option<OffsetDateTime>,
}

#[derive(Serialize)]
struct SubscriptionAnswer {
    subscription_id: String,
    price_id: String,
    quantity: u32,
    #[serde(with = "time::serde::rfc3339::option")]
    current_period_end: Option<OffsetDateTime>,
    cancel_at_period_end: bool,
    #[serde(with = "time::serde::rfc3339::option")]
    cancel_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    trial_end: Option<OffsetDateTime>,
}

/// `GET /api/subscription-status`
pub(crate) async fn get(
    State(api): State<Api>,
    CurrentUser(user_id): CurrentUser,
    Params(Question { price_id }): Params<Question>,
) -> Result<Json<StandingAnswer>, ApiError> {
    let standing = api.settled.get_user_subscription_status(&user_id, price_id).await?;
    Ok(Json(standing.into()))
}

impl From<SubscriptionStanding> for StandingAnswer {
    fn from(standing: SubscriptionStanding) -> Self {
        let SubscriptionStanding { subscription, access, asked_at } = standing;
        let held = subscription.as_ref();
        Self {
            status: held.map(Subscription::status).map_or("none", SubscriptionStatus::as_str),
            access,
            as_of: held.map_or(asked_at, as_of),
            checked_at: held.map(|held| held.record().checked_at),
            subscription: held.map(SubscriptionAnswer::from),
        }
    }
}

/// Of a subscription whose name is all we know, the moment in which we learned it.
fn as_of(held: &Subscription) -> OffsetDateTime {
    if held.is_stub() { held.record().checked_at } else { held.record().as_of }
}

impl From<&Subscription> for SubscriptionAnswer {
    fn from(held: &Subscription) -> Self {
        let row = held.record();
        Self {
            subscription_id: row.id.to_string(),
            price_id: row.price_id.to_string(),
            quantity: row.quantity,
            current_period_end: row.current_period_end,
            cancel_at_period_end: row.cancel_at_period_end,
            cancel_at: row.cancel_at,
            trial_end: row.trial_end,
        }
    }
}
