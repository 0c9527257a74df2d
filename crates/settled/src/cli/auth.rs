use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;

/// Who a caller is.
#[derive(Debug, Args)]
pub(crate) struct AuthArgs {
    /// The secret of the HS256 tokens that name our users, 32 bytes or more. With a Stripe key, this or the keys of an
    /// identity provider are required.
    #[arg(long = "auth-jwt-secret", env = "AUTH_JWT_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub(crate) secret: Option<SecretString>,

    /// A file that holds the secret of the tokens.
    #[arg(long = "auth-jwt-secret-file", env = "AUTH_JWT_SECRET_FILE", value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Where the identity provider publishes the keys (a JSON Web Key Set) of the RS256, ES256 or EdDSA tokens that name
    /// our users. The issuer and the audience are required with it.
    #[arg(long = "auth-jwks-url", env = "AUTH_JWKS_URL", value_name = "URL")]
    pub(crate) jwks_url: Option<String>,

    /// The issuer (`iss`) that tokens must have.
    #[arg(long = "auth-issuer", env = "AUTH_ISSUER", value_name = "ISSUER")]
    pub(crate) issuer: Option<String>,

    /// The audience (`aud`) that tokens must have.
    #[arg(long = "auth-audience", env = "AUTH_AUDIENCE", value_name = "AUDIENCE")]
    pub(crate) audience: Option<String>,
}
