use std::fs;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

/// Where a Stripe key's money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyMode {
    /// Nowhere.
    Test,
    /// In the real world.
    Live,
}

/// Tells a test key from a live one, and refuses what is no secret key at all. Never shows the key.
pub(crate) fn key_mode(key: &SecretString) -> Result<KeyMode, &'static str> {
    let key = key.expose_secret();
    let begins = |prefixes: [&str; 2]| prefixes.iter().any(|prefix| key.starts_with(prefix));
    if begins(["sk_test_", "rk_test_"]) {
        Ok(KeyMode::Test)
    } else if begins(["sk_live_", "rk_live_"]) {
        Ok(KeyMode::Live)
    } else if begins(["pk_test_", "pk_live_"]) {
        Err("this is a publishable key; the secret or restricted key is needed")
    } else {
        Err("this is not a Stripe key; those begin with sk_test_, rk_test_, sk_live_ or rk_live_")
    }
}

/// A secret from its variable or from the file that the `…_FILE` variable names. Blank ones are refused: they are
/// mistakes, and a blank signing secret would let anybody in.
pub(crate) fn read_secret(
    name: &str,
    value: Option<&SecretString>,
    file: Option<&PathBuf>,
) -> Result<Option<SecretString>, String> {
    let secret = match (value, file) {
        (Some(_), Some(_)) => return Err(format!("set either {name} or {name}_FILE, not both")),
        (Some(value), None) => value.clone(),
        (None, Some(file)) => {
            let text = fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            SecretString::from(text.trim_end_matches(['\r', '\n']))
        }
        (None, None) => return Ok(None),
    };
    if secret.expose_secret().trim().is_empty() {
        return Err("it is blank; unset it, or give it a value".to_owned());
    }
    Ok(Some(secret))
}
