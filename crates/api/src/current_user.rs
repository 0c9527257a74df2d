use std::convert::Infallible;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use axum_extra::headers::authorization::Bearer;
use axum_extra::headers::{Authorization, HeaderMapExt};
use settled_domain::ids::UserId;
use time::OffsetDateTime;

use crate::error::ApiError;
use crate::router::Api;
use crate::token::{Named, TokenError};

/// The user whose token came with the request: in the `Authorization` header or, without one, in the cookie. Whoever
/// asks more often than a user may is refused here, so that no route can forget it.
pub(crate) struct CurrentUser {
    pub(crate) user_id: UserId,
    /// When the token ends.
    pub(crate) until: OffsetDateTime,
}

async fn identify(parts: &Parts, api: &Api) -> Result<CurrentUser, ApiError> {
    let bearer: Option<Authorization<Bearer>> =
        parts.headers.typed_try_get().map_err(|_| ApiError::Unauthorized(None))?;
    let named = if let Some(bearer) = bearer {
        api.config.auth.verify(bearer.token()).await
    } else {
        let jar = CookieJar::from_headers(&parts.headers);
        let cookie = jar.get(api.config.cookie_name()).ok_or(ApiError::Unauthorized(None))?;
        api.config.auth.verify(cookie.value()).await
    };
    let Named { user_id, until } = named?;
    Ok(CurrentUser { user_id, until })
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid(error) => Self::Unauthorized(Some(error)),
            TokenError::Unverifiable(error) => Self::IdentityProvider(error),
        }
    }
}

impl FromRequestParts<Api> for CurrentUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let user = identify(parts, api).await?;
        api.limits.check(&parts.method, &user.user_id)?;
        Ok(user)
    }
}

/// For pages, which look different to a stranger and to somebody with a stale cookie, but work for both.
impl OptionalFromRequestParts<Api> for CurrentUser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Option<Self>, Infallible> {
        Ok(identify(parts, api).await.ok())
    }
}
