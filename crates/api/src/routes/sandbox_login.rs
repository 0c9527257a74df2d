use axum::Json;
use axum::extract::State;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};
use settled_domain::ids::UserId;
use time::{Duration, OffsetDateTime};

use crate::error::ApiError;
use crate::extract::Body;
use crate::router::Api;
use crate::token;

/// How long a visitor of the sandbox stays signed in.
const TTL: Duration = Duration::hours(12);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Visitor {
    user_id: UserId,
}

#[derive(Serialize)]
pub(crate) struct SignedIn {
    user_id: UserId,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// `POST /sandbox/login`: signs anybody in as anybody, because nothing here is real.
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
