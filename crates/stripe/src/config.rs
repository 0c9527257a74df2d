//! What has to be known to talk with Stripe, checked before anything is sent.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// The address of Stripe's API.
const STRIPE_API: &str = "https://api.stripe.com/";

/// What has to be known to talk with Stripe.
#[derive(Debug, Clone)]
pub struct StripeConfig {
    /// The secret or restricted key, `sk_…` or `rk_…`.
    pub secret_key: SecretString,
    /// The signing secrets of our webhook endpoint, `whsec_…`: one, and while it is rolled, the old and the new one.
    pub webhook_secrets: Vec<SecretString>,
    /// Where the API is. The path, if any, comes before `/v1`.
    pub api_base: Url,
    /// How long one attempt may take, from connecting to the last byte of the answer.
    pub call_timeout: Duration,
    /// How often and how long a call is tried.
    pub retries: RetryPolicy,
    /// Whether money moves.
    pub backend: Backend,
}

/// Who answers at [`StripeConfig::api_base`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Stripe, in the mode that the key says.
    Stripe,
    /// The built-in sandbox.
    Sandbox,
}

/// How often and how long a call is tried. Every attempt of a call carries the same idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many attempts there are, the first one included.
    pub attempts: usize,
    /// The wait before the second attempt; it doubles from then on. Up to as much again is added at random.
    pub first_delay: Duration,
    /// The longest `Retry-After` that is waited for; when Stripe asks for more, the caller is told.
    pub longest_retry_after: Duration,
    /// How long all attempts together may take, waits included.
    pub whole: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            first_delay: Duration::from_millis(250),
            longest_retry_after: Duration::from_secs(3),
            whole: Duration::from_secs(12),
        }
    }
}

impl StripeConfig {
    /// Stripe itself, with 8 s for an attempt and 12 s for a call.
    ///
    /// # Panics
    ///
    /// Never: the address of Stripe's API is a URL.
    #[must_use]
    pub fn new(secret_key: SecretString, webhook_secrets: Vec<SecretString>) -> Self {
        Self {
            secret_key,
            webhook_secrets,
            api_base: Url::parse(STRIPE_API).expect("a constant URL"),
            call_timeout: Duration::from_secs(8),
            retries: RetryPolicy::default(),
            backend: Backend::Stripe,
        }
    }

    /// # Errors
    ///
    /// The first thing that is wrong.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let key = self.secret_key.expose_secret();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(ConfigError::SecretKey);
        }
        if key.starts_with("pk_") {
            return Err(ConfigError::PublishableKey);
        }
        if self.backend == Backend::Sandbox && self.has_live_key() {
            return Err(ConfigError::LiveKeyInSandbox);
        }
        let base = &self.api_base;
        let is_plain = base.username().is_empty()
            && base.password().is_none()
            && base.query().is_none()
            && base.fragment().is_none()
            && base.has_host();
        match base.scheme() {
            "http" if is_plain && self.has_live_key() => Err(ConfigError::LiveKeyWithoutTls),
            "https" | "http" if is_plain => Ok(()),
            _ => Err(ConfigError::ApiBase),
        }
    }

    pub(crate) fn has_live_key(&self) -> bool {
        let key = self.secret_key.expose_secret();
        key.split('_').any(|part| part == "live")
    }
}

/// Why a configuration is refused. The messages name what is wrong and never its value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The key is missing or contains something else than letters, digits and underscores.
    #[error("the Stripe secret key is empty or has characters that no key has")]
    SecretKey,
    /// A key for browsers.
    #[error("the Stripe secret key is a publishable key (pk_…); a secret or restricted key is needed")]
    PublishableKey,
    /// The sandbox must never see a key that moves money.
    #[error("a live Stripe key must not be given to the sandbox")]
    LiveKeyInSandbox,
    /// A live key must not travel in the clear.
    #[error("a live Stripe key needs an API base URL with https")]
    LiveKeyWithoutTls,
    /// No webhook could be verified.
    #[error("there is no webhook signing secret")]
    NoWebhookSecret,
    /// An empty secret would let anybody forge webhooks; one with spaces or line breaks was copied wrongly.
    #[error("webhook signing secret number {number} is blank or has spaces in it")]
    WebhookSecret {
        /// Which one, from 1.
        number: usize,
    },
    /// The base URL cannot be one.
    #[error("the Stripe API base URL must be http or https with a host and without credentials, query and fragment")]
    ApiBase,
    /// The HTTP client cannot be made, for example because the system has no CA certificates.
    #[error("cannot set up the HTTP client")]
    Client(#[source] reqwest::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(key: &str) -> StripeConfig {
        StripeConfig::new(key.into(), vec!["whsec_1".into()])
    }

    fn at(key: &str, base: &str) -> Result<(), ConfigError> {
        StripeConfig { api_base: base.parse().unwrap(), ..config(key) }.check()
    }

    #[test]
    fn secret_and_restricted_keys_are_taken() {
        for key in ["sk_test_1", "rk_test_1", "sk_live_1", "rk_live_1"] {
            config(key).check().unwrap();
        }
    }

    #[test]
    fn a_key_that_is_blank_or_damaged_is_refused() {
        for key in ["", " ", "sk_test_1\n", "sk_test_1 ", "\"sk_test_1\"", "sk_test_é", "sk_test_1\0"] {
            assert!(matches!(config(key).check(), Err(ConfigError::SecretKey)), "{key:?}");
        }
    }

    #[test]
    fn a_publishable_key_is_refused_by_its_name() {
        assert!(matches!(config("pk_test_1").check(), Err(ConfigError::PublishableKey)));
    }

    #[test]
    fn the_sandbox_never_gets_a_live_key() {
        for key in ["sk_live_1", "rk_live_1", "sk_org_live_1"] {
            let config = StripeConfig { backend: Backend::Sandbox, ..config(key) };
            assert!(matches!(config.check(), Err(ConfigError::LiveKeyInSandbox)));
        }
    }

    #[test]
    fn a_live_key_is_never_sent_in_the_clear() {
        assert!(matches!(at("sk_live_1", "http://127.0.0.1:1/"), Err(ConfigError::LiveKeyWithoutTls)));
        at("sk_test_1", "http://127.0.0.1:1/").unwrap();
    }

    #[test]
    fn a_base_that_is_no_plain_web_address_is_refused() {
        for base in
            ["ftp://stripe.test/", "file:///etc", "mailto:a@b.c", "https://u:p@stripe.test/", "https://stripe.test/?a"]
        {
            assert!(matches!(at("sk_test_1", base), Err(ConfigError::ApiBase)), "{base}");
        }
    }

    #[test]
    fn neither_debug_nor_the_errors_show_a_secret() {
        let config = StripeConfig::new("sk_test_secret é".into(), vec!["whsec_hidden".into()]);
        let said = format!("{config:?} {:?} {}", config.check().unwrap_err(), config.check().unwrap_err());
        assert!(!said.contains("sk_test_secret") && !said.contains("whsec_hidden"), "{said}");
    }
}
