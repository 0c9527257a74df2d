use axum::Json;
use axum::extract::State;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};
use settled_domain::ids::UserId;
use time::{Duration, OffsetDateTime};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::Body;
use crate::openapi::refusals;
use crate::router::Api;
use crate::token;

/// How long a visitor of the sandbox stays signed in.
const TTL: Duration = Duration::hours(12);

/// Who somebody wants to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Visitor {
    /// Any name of up to 200 bytes.
    #[schema(value_type = String, min_length = 1, max_length = 200, pattern = r"^[^\u0000-\u001f\u007f-\u009f]+$")]
    user_id: UserId,
}

/// Who somebody is from now on.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// The name.
    #[schema(value_type = String)]
    user_id: UserId,
    /// Until when.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

refusals!(Refusals { InvalidRequest, CrossOrigin, PayloadTooLarge, UnsupportedMediaType });

/// Signs anybody in as anybody.
///
/// Only in the sandbox, where nothing is real. The token is in the cookie.
#[utoipa::path(
    post,
    path = "/sandbox/login",
    operation_id = "signInToSandbox",
    tag = "pages",
    request_body(content = Visitor, example = json!({ "user_id": "alice" })),
    responses(
        (
            status = 200, description = "The cookie is set.", body = SignedIn,
            headers(("Set-Cookie" = String, description = "The token.")),
            example = json!({ "user_id": "bob", "expires_at": "2100-01-02T00:00:00Z" }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    Body(Visitor { user_id }): Body<Visitor>,
) -> Result<(CookieJar, Json<SignedIn>), ApiError> {
    let now = api.settled.ports().clock.now();
    let token = token::issue(&api.config.auth, &user_id, TTL, now).map_err(|error| ApiError::Internal(error.into()))?;
    let cookie = Cookie::build((api.config.cookie_name(), token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(api.config.is_https())
        .max_age(TTL);
    Ok((CookieJar::new().add(cookie), Json(SignedIn { user_id, expires_at: now.saturating_add(TTL) })))
}
