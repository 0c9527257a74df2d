use tower_http::csrf::CsrfLayer;
use url::Url;

use crate::limits::RateLimits;
use crate::token::AuthConfig;

/// Whether `POST /sandbox/login` exists, which signs anybody in as anybody: for the sandbox only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SandboxLogin {
    /// It does, and the storefront shows a sign-in form and says that no money moves.
    Enabled,
    /// It is not found.
    Disabled,
}

/// The public URL cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// Browsers cannot come from there.
    #[error("the public URL must be an http or https URL without credentials, query and fragment")]
    PublicUrl,
}

/// What the router needs to know about the place where it runs.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    pub(crate) public_url: Url,
    pub(crate) auth: AuthConfig,
    pub(crate) sandbox_login: SandboxLogin,
    pub(crate) csrf: CsrfLayer,
    pub(crate) rate_limits: RateLimits,
}

impl ApiConfig {
    /// `public_url` is where browsers find the router, with the path that it is nested at, if any: links and the
    /// `Secure` attribute of the cookie come from it, and requests from its origin are not cross-origin whatever a
    /// reverse proxy makes of the `Host` header.
    ///
    /// # Errors
    ///
    /// [`InvalidConfig`] when it is not an `http` or `https` URL.
    pub fn new(public_url: Url, auth: AuthConfig) -> Result<Self, InvalidConfig> {
        let is_web = matches!(public_url.scheme(), "http" | "https");
        let is_bare = public_url.query().is_none() && public_url.fragment().is_none();
        let is_anonymous = public_url.username().is_empty() && public_url.password().is_none();
        if !(is_web && is_bare && is_anonymous) {
            return Err(InvalidConfig::PublicUrl);
        }
        let origin = public_url.origin().ascii_serialization();
        let csrf = CsrfLayer::new().add_trusted_origin(origin).map_err(|_| InvalidConfig::PublicUrl)?;
        let rate_limits = RateLimits::default();
        Ok(Self { public_url, auth, sandbox_login: SandboxLogin::Disabled, csrf, rate_limits })
    }

    /// Decides about `POST /sandbox/login`; without this it is disabled.
    #[must_use]
    pub fn with_sandbox_login(self, sandbox_login: SandboxLogin) -> Self {
        Self { sandbox_login, ..self }
    }

    /// Decides how often one user may ask; without this as [`RateLimits::default`] says.
    #[must_use]
    pub fn with_rate_limits(self, rate_limits: RateLimits) -> Self {
        Self { rate_limits, ..self }
    }

    pub(crate) fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The path that every link starts with: empty at the root of a host.
    pub(crate) fn base_path(&self) -> &str {
        self.public_url.path().trim_end_matches('/')
    }

    /// Browsers keep a `__Host-` cookie only when it is `Secure` and nobody else's subdomain can set it.
    pub(crate) fn cookie_name(&self) -> &'static str {
        if self.is_https() { "__Host-settled_token" } else { "settled_token" }
    }
}
