use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use settled_domain::checkout::Order;
use settled_domain::ids::PriceId;
use settled_domain::money::Quantity;
use settled_domain::payment::PaymentStatus;
use time::OffsetDateTime;

use crate::current_user::CurrentUser;
use crate::error::ApiError;
use crate::extract::Body;
use crate::router::Api;

/// What the user wants. The amount is not among it: it comes from Stripe's catalogue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    price_id: PriceId,
    #[serde(default = "one")]
    quantity: i64,
}

const fn one() -> i64 {
    1
}

/// Where to send the user's browser.
#[derive(Serialize)]
pub(crate) struct Opened {
    payment_id: String,
    session_id: String,
    url: String,
    status: &'static str,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

/// `POST /api/checkout`
pub(crate) async fn post(
    State(api): State<Api>,
    CurrentUser(user_id): CurrentUser,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<Opened>), ApiError> {
    let quantity = Quantity::new(wish.quantity).map_err(|error| ApiError::Invalid(error.to_string()))?;
    let order = Order { price_id: wish.price_id, quantity };
    let checkout = api.settled.create_checkout_session(&user_id, &order).await?;
    let status = if checkout.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let opened = Opened {
        payment_id: checkout.payment_id.to_string(),
        session_id: checkout.session_id.to_string(),
        url: checkout.url,
        status: PaymentStatus::Pending.as_str(),
        expires_at: checkout.expires_at,
    };
    Ok((status, Json(opened)))
}
