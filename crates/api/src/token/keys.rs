use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// More keys of a set are not looked at.
const MAX_KEYS: usize = 64;

/// Where the public keys of an identity provider come from.
///
/// An implementation MUST answer from what it holds when the key is there, and MUST bound how often it asks the provider,
/// because whoever sends a request chooses `kid`.
#[async_trait]
pub trait TokenKeys: Send + Sync {
    /// The newest keys that are known. When `kid` is not among them they may be out of date: then the provider is asked
    /// first, if it may be asked again already.
    ///
    /// # Errors
    ///
    /// [`KeysUnavailable`] when the provider cannot be asked and what is held, if anything, cannot decide.
    async fn keys_for(&self, kid: &str) -> Result<Arc<KeySet>, KeysUnavailable>;
}

/// The identity provider gives no answer, so it is not known which keys are its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the keys of the identity provider are not known at present")]
pub struct KeysUnavailable;

/// The text is not a JSON Web Key Set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a JSON Web Key Set")]
pub struct NotAKeySet;

/// The keys of an identity provider that tokens can be checked with: <https://www.rfc-editor.org/rfc/rfc7517#section-5>.
#[derive(Clone, Default)]
pub struct KeySet {
    keys: Vec<TrustedKey>,
}

#[derive(Clone)]
struct TrustedKey {
    kid: String,
    /// The one algorithm that this key is for, by its type.
    algorithm: Algorithm,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.keys.iter().map(|key| (&key.kid, key.algorithm))).finish()
    }
}

impl KeySet {
    /// Reads a JSON Web Key Set. Keys of other types, for other uses, or that nobody can read are left out: one odd key
    /// says nothing about the others.
    ///
    /// # Errors
    ///
    /// [`NotAKeySet`]
    pub fn from_json(json: &[u8]) -> Result<Self, NotAKeySet> {
        let Document { keys } = serde_json::from_slice(json).map_err(|_| NotAKeySet)?;
        let keys =
            keys.into_iter().take(MAX_KEYS).filter_map(|key| TrustedKey::new(&serde_json::from_value(key).ok()?));
        Ok(Self { keys: keys.collect() })
    }

    /// There is no key that a token could be checked with.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// There is a key of this name.
    #[must_use]
    pub fn has_key(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid == kid)
    }

    pub(crate) fn find(&self, kid: &str, algorithm: Algorithm) -> Option<&DecodingKey> {
        self.keys.iter().find(|key| key.kid == kid && key.algorithm == algorithm).map(|key| &key.key)
    }
}

impl TrustedKey {
    fn new(jwk: &Jwk) -> Option<Self> {
        let algorithm = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
            // A shared secret in a public document is none.
            _ => return None,
        };
        let common = &jwk.common;
        let is_for_it = common.key_algorithm.is_none_or(|named| named == KeyAlgorithm::from(algorithm));
        let is_for_signatures = common.public_key_use.as_ref().is_none_or(|it| *it == PublicKeyUse::Signature);
        let is_for_checking = common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
        if !(is_for_it && is_for_signatures && is_for_checking) {
            return None;
        }
        let kid = common.key_id.clone().filter(|kid| !kid.is_empty())?;
        Some(Self { kid, algorithm, key: DecodingKey::from_jwk(jwk).ok()? })
    }
}

/// The algorithms of providers, all with a public key.
pub(super) const fn is_public(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA)
}
