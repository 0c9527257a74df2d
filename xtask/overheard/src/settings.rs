use std::collections::BTreeSet;
use std::fs;
use std::sync::Mutex;

use crate::keep::{Said, keep};

/// Notes a variable that is handed to the program, if its value must stay secret. A file that it names is read.
pub fn note_setting(name: &str, value: &str) {
    static NOTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let secrets = match name.strip_suffix("_FILE") {
        Some(name) => fs::read_to_string(value).map(|content| secrets_in(name, &content)).unwrap_or_default(),
        None => secrets_in(name, value),
    };
    for secret in secrets {
        let is_new = NOTED.lock().is_ok_and(|mut noted| noted.insert(secret.clone()));
        if is_new {
            keep(Said::Setting, &secret);
        }
    }
}

/// What must stay secret of a variable's value.
fn secrets_in(name: &str, value: &str) -> Vec<String> {
    let all: Vec<&str> = match name {
        "STRIPE_SECRET_KEY" | "AUTH_JWT_SECRET" => vec![value],
        "STRIPE_WEBHOOK_SECRET" => value.split(',').collect(),
        "DATABASE_URL" => password(value).into_iter().collect(),
        _ => Vec::new(),
    };
    all.into_iter().map(|secret| secret.trim().to_owned()).filter(|secret| !secret.is_empty()).collect()
}

/// The password in a URL. That of somebody's own server for tests may be a word that says nothing.
fn password(url: &str) -> Option<&str> {
    let (user_info, _) = url.split_once("://")?.1.split_once('@')?;
    let (user, password) = user_info.split_once(':')?;
    (password != user && password != "password").then_some(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_in_a_variable_is_taken_and_nothing_else() {
        for (name, value, secrets) in [
            ("STRIPE_SECRET_KEY", "sk_test_1", &["sk_test_1"][..]),
            ("STRIPE_WEBHOOK_SECRET", "whsec_old, whsec_new", &["whsec_old", "whsec_new"]),
            ("AUTH_JWT_SECRET", "a sentence, and a comma\n", &["a sentence, and a comma"]),
            ("AUTH_JWT_SECRET", " ", &[]),
            ("DATABASE_URL", "postgres://settled:hush@127.0.0.1:1/settled", &["hush"]),
            ("DATABASE_URL", "postgres://postgres:postgres@127.0.0.1:1/settled", &[]),
            ("DATABASE_URL", "sqlite:///tmp/settled.db", &[]),
            ("PUBLIC_URL", "https://shop.example", &[]),
        ] {
            assert_eq!(secrets_in(name, value), secrets, "{name}={value}");
        }
    }
}
