use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use secrecy::ExposeSecret;
use serde::Deserialize;
use settled_domain::ids::UserId;
use time::{Duration, OffsetDateTime};

use super::keys::is_public;
use super::{AuthConfig, KeysUnavailable, TokenKeys, Trust};

/// How far the clocks of issuer and server may differ, in seconds.
const LEEWAY_S: u32 = 30;
/// A longer token is not looked at.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// What may stand in `typ`, in small letters, if anything does. Providers sign other things with the same keys, such as
/// logout tokens, and name them there: <https://www.rfc-editor.org/rfc/rfc8725#section-3.11>.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// Why a token does not name a user. It never says what the token was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidToken {
    #[error("the token is not valid")]
    Token(#[source] jsonwebtoken::errors::Error),
    #[error("the token is too long")]
    TooLong,
    #[error("the token is of another type")]
    Type,
    #[error("the token must not be used by who does not know an extension of it")]
    Critical,
    #[error("the token is signed with an algorithm that is not taken")]
    Algorithm,
    #[error("the token does not name its key")]
    NoKeyId,
    #[error("the identity provider has no such key")]
    UnknownKey,
    #[error("the token's subject is not a user id")]
    Subject,
}

/// Why a token is not answered with a user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    #[error(transparent)]
    Invalid(#[from] InvalidToken),
    #[error(transparent)]
    Unverifiable(#[from] KeysUnavailable),
}

/// Whom a token names.
pub(crate) struct Named {
    pub(crate) user_id: UserId,
    /// From when on it would be refused.
    pub(crate) until: OffsetDateTime,
}

/// What we read ourselves; `jsonwebtoken` checks these and the other claims.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    /// Seconds, with a fraction if the issuer likes: <https://www.rfc-editor.org/rfc/rfc7519#section-2>.
    exp: f64,
}

impl AuthConfig {
    /// Whom a token names, and until when.
    pub(crate) async fn verify(&self, token: &str) -> Result<Named, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(InvalidToken::TooLong.into());
        }
        let header = jsonwebtoken::decode_header(token).map_err(InvalidToken::Token)?;
        check(&header)?;
        let claims = match &self.trust {
            Trust::Secret(secret) => {
                let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
                self.decode(token, &key, Algorithm::HS256)?
            }
            Trust::Provider(keys) => self.verify_by_provider(token, &header, keys.as_ref()).await?,
        };
        let user_id = UserId::new(claims.sub).map_err(|_| InvalidToken::Subject)?;
        let until = Duration::saturating_seconds_f64(claims.exp).saturating_add(Duration::seconds(LEEWAY_S.into()));
        Ok(Named { user_id, until: OffsetDateTime::UNIX_EPOCH.saturating_add(until) })
    }

    /// The key decides about the algorithm: what the token says only has to be the same. Keys in the token itself, or
    /// behind URLs in it, are not looked at.
    async fn verify_by_provider(
        &self,
        token: &str,
        header: &Header,
        keys: &dyn TokenKeys,
    ) -> Result<Claims, TokenError> {
        if !is_public(header.alg) {
            return Err(InvalidToken::Algorithm.into());
        }
        let kid = header.kid.as_deref().filter(|kid| !kid.is_empty()).ok_or(InvalidToken::NoKeyId)?;
        let keys = keys.keys_for(kid).await?;
        let key = keys.find(kid, header.alg).ok_or(InvalidToken::UnknownKey)?;
        Ok(self.decode(token, key, header.alg)?)
    }

    fn decode(&self, token: &str, key: &DecodingKey, algorithm: Algorithm) -> Result<Claims, InvalidToken> {
        let data = jsonwebtoken::decode(token, key, &self.validation(algorithm)).map_err(InvalidToken::Token)?;
        Ok(data.claims)
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY_S.into();
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

/// What a token says about itself, before anything is computed.
fn check(header: &Header) -> Result<(), InvalidToken> {
    if header.crit.is_some() {
        return Err(InvalidToken::Critical);
    }
    match &header.typ {
        Some(typ) if !TYPES.contains(&typ.to_ascii_lowercase().as_str()) => Err(InvalidToken::Type),
        _ => Ok(()),
    }
}
