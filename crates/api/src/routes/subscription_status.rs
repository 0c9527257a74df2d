use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use settled_domain::ids::PriceId;
use settled_domain::status::SubscriptionStanding;
use settled_domain::subscription::{Subscription, SubscriptionStatus};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::current_user::CurrentUser;
use crate::error::ApiError;
use crate::extract::Params;
use crate::openapi::{refusals, subscription_statuses};
use crate::router::Api;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Question {
    /// Only subscriptions to this price count. Without it, any does.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", max_length = 255, example = "price_basic_monthly")]
    price_id: Option<PriceId>,
}

/// Where the user stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Standing)]
pub(crate) struct StandingAnswer {
    #[schema(schema_with = subscription_statuses)]
    status: &'static str,
    /// Whether the user may use the product now. The one field to go by.
    access: bool,
    /// The subscription that the answer is about: of several, one that grants access, else the newest.
    #[schema(required)]
    subscription: Option<SubscriptionAnswer>,
    /// The moment of which all this is true.
    #[serde(with = "time::serde::rfc3339")]
    as_of: OffsetDateTime,
    /// When an event last told of it, or when Stripe was last asked, whichever is later.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    checked_at: Option<OffsetDateTime>,
}

/// A subscription as Stripe last described it.
#[derive(Serialize, ToSchema)]
#[schema(as = Subscription)]
pub(crate) struct SubscriptionAnswer {
    /// Stripe's name for it.
    subscription_id: String,
    /// What was bought.
    price_id: String,
    /// How many.
    quantity: u32,
    /// When the time that is paid for ends.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    current_period_end: Option<OffsetDateTime>,
    /// It ends then and is not renewed.
    cancel_at_period_end: bool,
    /// When it is to end, if that is known.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    cancel_at: Option<OffsetDateTime>,
    /// When the free trial ends or ended, if there is one.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    trial_end: Option<OffsetDateTime>,
}

refusals!(Refusals { InvalidRequest, Unauthorized, RateLimited, IdentityProviderUnavailable, DatabaseUnavailable });

/// Whether the user may use the product.
///
/// Answered from our database, so it can be asked on every page of yours.
#[utoipa::path(
    get,
    path = "/api/subscription-status",
    operation_id = "getSubscriptionStatus",
    tag = "subscriptions",
    security(("bearer" = []), ("cookie" = [])),
    params(Question),
    responses(
        (
            status = 200, description = "Where the user stands.", body = StandingAnswer,
            examples(
                ("subscribed" = (summary = "Somebody who has a subscription", value = json!({
                    "status": "active",
                    "access": true,
                    "subscription": {
                        "subscription_id": "sub_1",
                        "price_id": "price_basic_monthly",
                        "quantity": 1,
                        "current_period_end": "2026-12-24T10:01:00Z",
                        "cancel_at_period_end": false,
                        "cancel_at": null,
                        "trial_end": null,
                    },
                    "as_of": "2026-11-24T10:01:00Z",
                    "checked_at": "2026-11-24T10:01:02.5Z",
                }))),
                ("none" = (summary = "Somebody who has none", value = json!({
                    "status": "none",
                    "access": false,
                    "subscription": null,
                    "as_of": "2100-01-01T12:00:00Z",
                    "checked_at": null,
                }))),
            ),
        ),
        Refusals,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    CurrentUser { user_id, .. }: CurrentUser,
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
            checked_at: held.map(|held| held.record().known_at()),
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
