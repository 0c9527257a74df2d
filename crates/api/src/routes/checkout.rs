use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use settled_domain::checkout::Order;
use settled_domain::ids::PriceId;
use settled_domain::money::Quantity;
use settled_domain::payment::PaymentStatus;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::current_user::CurrentUser;
use crate::error::ApiError;
use crate::extract::{Body, whole_number};
use crate::openapi::refusals;
use crate::router::Api;

/// What the user wants. The amount is not among it: it comes from Stripe's catalogue.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckoutRequest)]
pub(crate) struct Wish {
    /// The price of Stripe's catalogue that the user wants to buy.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]+$", max_length = 255)]
    price_id: PriceId,
    /// How many.
    #[serde(default = "one", deserialize_with = "whole_number")]
    #[schema(minimum = 1, maximum = 999_999, default = 1)]
    quantity: i64,
}

const fn one() -> i64 {
    1
}

/// Where to send the user's browser.
#[derive(Serialize, ToSchema)]
#[schema(as = Checkout)]
pub(crate) struct Opened {
    /// Our name for this attempt to buy.
    #[schema(format = Uuid)]
    payment_id: String,
    /// Stripe's Checkout Session.
    #[schema(pattern = "^cs_[A-Za-z0-9_-]+$", max_length = 255)]
    session_id: String,
    /// Stripe's page, where the user pays.
    #[schema(format = "uri")]
    url: String,
    /// The payment waits for the user.
    #[schema(pattern = "^pending$")]
    status: &'static str,
    /// When Stripe's page stops taking payments.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

refusals!(Refusals {
    InvalidRequest,
    Unauthorized,
    CrossOrigin,
    AlreadySubscribed,
    PaymentProcessing,
    CheckoutBusy,
    PayloadTooLarge,
    UnsupportedMediaType,
    PriceNotAvailable,
    RateLimited,
    IdentityProviderUnavailable,
    StripeRefused,
    StripeUnavailable,
    DatabaseUnavailable,
});

/// Opens a checkout.
///
/// Asked again for the same price and quantity while the session is open, it answers with that same session; so it is
/// safe to repeat. Another quantity ends the old session first.
#[utoipa::path(
    post,
    path = "/api/checkout",
    operation_id = "createCheckout",
    tag = "payments",
    security(("bearer" = []), ("cookie" = [])),
    request_body(content = Wish, example = json!({ "price_id": "price_basic_monthly" })),
    responses(
        (
            status = 201, description = "A new session. Send the user's browser to `url`.", body = Opened,
            links(("status" = (operation_id = "getPaymentStatus", parameters(("session_id" = "$response.body#/session_id"))))),
            example = json!({
                "payment_id": "00000000-0000-0000-0000-000000000007",
                "session_id": "cs_test_1",
                "url": "https://checkout.stripe.test/pay/cs_test_1",
                "status": "pending",
                "expires_at": "2026-11-25T10:00:00Z",
            }),
        ),
        (
            status = 200, description = "The session that is open already.", body = Opened,
            example = json!({
                "payment_id": "00000000-0000-0000-0000-000000000007",
                "session_id": "cs_test_1",
                "url": "https://checkout.stripe.test/pay/cs_test_1",
                "status": "pending",
                "expires_at": "2026-11-25T10:00:00Z",
            }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    CurrentUser { user_id, .. }: CurrentUser,
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
