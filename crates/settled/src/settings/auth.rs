use settled_api::AuthConfig;
use url::Url;

use super::{is_loopback, read_secret};
use crate::cli::AuthArgs;
use crate::identity::check_url;
use crate::problems::Problems;

/// Whose tokens are trusted.
#[derive(Debug, Clone)]
pub(crate) enum AuthSettings {
    /// Those signed with a secret.
    Secret(AuthConfig),
    /// Those of an identity provider.
    Provider { jwks_url: Url, issuer: String, audience: String },
}

impl AuthArgs {
    /// Something is set that tells who a caller is, right or wrong.
    pub(super) const fn is_given(&self) -> bool {
        self.secret.is_some() || self.secret_file.is_some() || self.jwks_url.is_some()
    }
}

/// What tells who a caller is; `None` when nothing does, or something is wrong.
pub(crate) fn check_auth(args: &AuthArgs, problems: &mut Problems) -> Option<AuthSettings> {
    let secret = read_secret("AUTH_JWT_SECRET", args.secret.as_ref(), args.secret_file.as_ref());
    let secret = problems.note("AUTH_JWT_SECRET", secret).flatten();
    match (&args.jwks_url, secret) {
        (Some(_), Some(_)) => {
            problems
                .add("AUTH_JWKS_URL and AUTH_JWT_SECRET are both set: tokens are either the provider's or your own");
            None
        }
        (Some(jwks_url), None) => check_provider(jwks_url, args, problems),
        (None, Some(secret)) => {
            let auth = problems.note("AUTH_JWT_SECRET", AuthConfig::new(secret))?;
            let auth = match &args.issuer {
                Some(issuer) => auth.with_issuer(issuer),
                None => auth,
            };
            Some(AuthSettings::Secret(match &args.audience {
                Some(audience) => auth.with_audience(audience),
                None => auth,
            }))
        }
        (None, None) => None,
    }
}

/// A provider signs tokens for others, too: without issuer and audience they would be let in here.
fn check_provider(jwks_url: &str, args: &AuthArgs, problems: &mut Problems) -> Option<AuthSettings> {
    let mut required = |name: &str, value: &Option<String>| {
        let value = value.clone().filter(|value| !value.trim().is_empty());
        if value.is_none() {
            problems.add(format!("{name} is required with AUTH_JWKS_URL: the provider signs tokens for others, too"));
        }
        value
    };
    let (issuer, audience) = (required("AUTH_ISSUER", &args.issuer), required("AUTH_AUDIENCE", &args.audience));
    let jwks_url = problems.note("AUTH_JWKS_URL", Url::parse(jwks_url.trim()))?;
    problems.note("AUTH_JWKS_URL", check_url(&jwks_url, is_loopback(&jwks_url)))?;
    Some(AuthSettings::Provider { jwks_url, issuer: issuer?, audience: audience? })
}
