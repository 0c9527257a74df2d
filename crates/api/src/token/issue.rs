use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret;
use serde::Serialize;
use settled_domain::ids::UserId;
use time::{Duration, OffsetDateTime};

use super::{AuthConfig, Trust};

/// A token could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The cryptography failed.
    #[error("the token could not be signed")]
    Signing(#[source] jsonwebtoken::errors::Error),
    /// Only the identity provider can sign.
    #[error("only the identity provider can issue tokens")]
    NotOurs,
}

/// A token that names this user for so long, with the issuer and audience that `auth` demands.
///
/// # Errors
///
/// [`IssueError`] when tokens are an identity provider's business, or the cryptography fails.
pub fn issue(auth: &AuthConfig, user_id: &UserId, ttl: Duration, now: OffsetDateTime) -> Result<String, IssueError> {
    #[derive(Serialize)]
    struct Issued<'a> {
        sub: &'a str,
        iat: i64,
        exp: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        iss: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        aud: Option<&'a str>,
    }
    let Trust::Secret(secret) = &auth.trust else {
        return Err(IssueError::NotOurs);
    };
    let claims = Issued {
        sub: user_id.as_str(),
        iat: now.unix_timestamp(),
        exp: now.saturating_add(ttl).unix_timestamp(),
        iss: auth.issuer.as_deref(),
        aud: auth.audience.as_deref(),
    };
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(IssueError::Signing)
}
