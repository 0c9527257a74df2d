//! The tokens that name a user: JSON Web Tokens signed with HS256.
//!
//! A host application issues them with the same secret, in whatever language; [`issue`] is for the sandbox, for tests
//! and for trying things out.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use settled_domain::ids::UserId;
use time::{Duration, OffsetDateTime};

/// The shortest secret that is taken, in bytes: as long as the hash (<https://www.rfc-editor.org/rfc/rfc7518#section-3.2>).
pub const MIN_SECRET_BYTES: usize = 32;

/// How far the clocks of issuer and server may differ, in seconds.
const LEEWAY_S: u64 = 30;

/// The secret is shorter than [`MIN_SECRET_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token secret is shorter than {MIN_SECRET_BYTES} bytes")]
pub struct SecretTooShort;

/// A token could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed")]
pub struct IssueError(#[source] jsonwebtoken::errors::Error);

/// Why a token does not name a user. It never says what the token was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidToken {
    /// It is not a token of ours, or no longer valid.
    #[error("the token is not valid")]
    Token(#[source] jsonwebtoken::errors::Error),
    /// Its `sub` is not a user id.
    #[error("the token's subject is not a user id")]
    Subject,
}

/// Whose tokens are trusted.
#[derive(Clone)]
pub struct AuthConfig {
    secret: SecretString,
    issuer: Option<String>,
    audience: Option<String>,
}

impl fmt::Debug for AuthConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secret: _, issuer, audience } = self;
        formatter.debug_struct("AuthConfig").field("issuer", issuer).field("audience", audience).finish_non_exhaustive()
    }
}

/// The one claim that we read; `jsonwebtoken` checks the others.
#[derive(Deserialize)]
struct Claims {
    sub: String,
}

impl AuthConfig {
    /// Trusts tokens signed with this secret.
    ///
    /// # Errors
    ///
    /// [`SecretTooShort`] when it has less than [`MIN_SECRET_BYTES`] bytes.
    pub fn new(secret: SecretString) -> Result<Self, SecretTooShort> {
        if secret.expose_secret().len() < MIN_SECRET_BYTES {
            return Err(SecretTooShort);
        }
        Ok(Self { secret, issuer: None, audience: None })
    }

    /// Trusts only tokens whose `iss` is this.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        Self { issuer: Some(issuer.into()), ..self }
    }

    /// Trusts only tokens whose `aud` is or contains this.
    #[must_use]
    pub fn with_audience(self, audience: impl Into<String>) -> Self {
        Self { audience: Some(audience.into()), ..self }
    }

    /// Whom a token names.
    pub(crate) fn verify(&self, token: &str) -> Result<UserId, InvalidToken> {
        let key = DecodingKey::from_secret(self.secret.expose_secret().as_bytes());
        let data = jsonwebtoken::decode::<Claims>(token, &key, &self.validation()).map_err(InvalidToken::Token)?;
        UserId::new(data.claims.sub).map_err(|_| InvalidToken::Subject)
    }

    fn validation(&self) -> Validation {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_S;
        validation.validate_nbf = true;
        validation.required_spec_claims.insert("sub".to_owned());
        if let Some(issuer) = &self.issuer {
            validation.required_spec_claims.insert("iss".to_owned());
            validation.set_issuer(&[issuer]);
        }
        match &self.audience {
            Some(audience) => {
                validation.required_spec_claims.insert("aud".to_owned());
                validation.set_audience(&[audience]);
            }
            None => validation.validate_aud = false,
        }
        validation
    }
}

/// A token that names this user for so long, with the issuer and audience that `auth` demands.
///
/// # Errors
///
/// [`IssueError`] when the cryptography fails.
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
    let claims = Issued {
        sub: user_id.as_str(),
        iat: now.unix_timestamp(),
        exp: now.saturating_add(ttl).unix_timestamp(),
        iss: auth.issuer.as_deref(),
        aud: auth.audience.as_deref(),
    };
    let key = EncodingKey::from_secret(auth.secret.expose_secret().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(IssueError)
}
