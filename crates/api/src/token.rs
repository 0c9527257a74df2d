//! The tokens that name a user: JSON Web Tokens, signed with a shared secret (HS256) or by an identity provider whose
//! public keys are known (RS256, ES256, EdDSA).
//!
//! A host application issues them, in whatever language, or a provider does; [`issue`] is for the sandbox, for tests and
//! for trying things out.

mod issue;
mod keys;
mod verify;

pub use issue::{IssueError, issue};
pub use keys::{KeySet, KeysUnavailable, NotAKeySet, TokenKeys};
pub(crate) use verify::{InvalidToken, Named, TokenError};

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

/// The shortest secret that is taken, in bytes: as long as the hash (<https://www.rfc-editor.org/rfc/rfc7518#section-3.2>).
pub const MIN_SECRET_BYTES: usize = 32;

/// The secret is shorter than [`MIN_SECRET_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token secret is shorter than {MIN_SECRET_BYTES} bytes")]
pub struct SecretTooShort;

/// Whose tokens are trusted.
#[derive(Clone)]
pub struct AuthConfig {
    trust: Trust,
    issuer: Option<String>,
    audience: Option<String>,
}

/// What proves that a token is genuine. Never both: a token cannot choose by which of two means it is checked.
#[derive(Clone)]
enum Trust {
    Secret(SecretString),
    Provider(Arc<dyn TokenKeys>),
}

impl fmt::Debug for AuthConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trust, issuer, audience } = self;
        let trust = match trust {
            Trust::Secret(_) => "a secret",
            Trust::Provider(_) => "an identity provider",
        };
        formatter
            .debug_struct("AuthConfig")
            .field("trust", &trust)
            .field("issuer", issuer)
            .field("audience", audience)
            .finish()
    }
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
        Ok(Self { trust: Trust::Secret(secret), issuer: None, audience: None })
    }

    /// Trusts tokens that an identity provider has signed with one of `keys`, as this issuer and for this audience. A
    /// provider signs for others, too, and with one set of keys for several issuers sometimes, so neither can be left out.
    #[must_use]
    pub fn of_provider(keys: Arc<dyn TokenKeys>, issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self { trust: Trust::Provider(keys), issuer: Some(issuer.into()), audience: Some(audience.into()) }
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
}
