use clap::builder::Resettable;
use clap::{CommandFactory, FromArgMatches};

use super::*;
use crate::cli::BareServe;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn check(args: &[&str]) -> Result<Settings, String> {
    // Without the variables of whoever runs the tests.
    let command = BareServe::command().mut_args(|arg| arg.env(Resettable::Reset));
    let matches = command.get_matches_from(["settled"].iter().chain(args));
    let args = BareServe::from_arg_matches(&matches).unwrap().args;
    Settings::check(&args).map_err(|problems| problems.to_string())
}

fn problem(args: &[&str]) -> String {
    check(args).expect_err("the settings are wrong")
}

fn account<'a>(key: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let basis = ["--stripe-secret-key", key, "--stripe-webhook-secret", "whsec_1", "--auth-jwt-secret", SECRET];
    [basis.as_slice(), more].concat()
}

#[test]
fn without_a_key_the_sandbox_is_used_and_its_journal_lies_beside_the_database() {
    let settings = check(&["--database-url", "sqlite:///var/lib/settled/pay.db"]).unwrap();
    let StripeSettings::Sandbox { addr, journal } = settings.stripe else { panic!("not the sandbox") };
    assert_eq!(addr.to_string(), SANDBOX_ADDR);
    assert_eq!(journal, PathBuf::from("/var/lib/settled/pay.db.sandbox"));
}

#[test]
fn a_key_with_its_companions_is_an_account_and_several_webhook_secrets_are_kept() {
    let settings = check(&[
        "--stripe-secret-key",
        "rk_test_1",
        "--stripe-webhook-secret",
        "whsec_old, whsec_new",
        "--auth-jwt-secret",
        SECRET,
    ]);
    let StripeSettings::Account(config) = settings.unwrap().stripe else { panic!("not an account") };
    let secrets: Vec<&str> = config.webhook_secrets.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(secrets, ["whsec_old", "whsec_new"]);
    assert_eq!(config.api_base.as_str(), STRIPE);
}

#[test]
fn every_problem_is_told_at_once_and_without_the_secrets() {
    let told = problem(&[
        "--listen-addr",
        "nowhere",
        "--database-url",
        "mysql://root:hush@db",
        "--stripe-secret-key",
        "sk_oops_hush",
        "--auth-jwt-secret",
        "hush",
        "--public-url",
        "ftp://shop",
        "--past-due-grace-hours",
        "soon",
        "--allow-promotion-codes",
        "maybe",
    ]);
    for name in [
        "LISTEN_ADDR",
        "DATABASE_URL",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "AUTH_JWT_SECRET",
        "PUBLIC_URL",
        "PAST_DUE",
        "ALLOW_PROMOTION_CODES",
    ] {
        assert!(told.contains(name), "{name} is missing in: {told}");
    }
    assert!(!told.contains("hush"), "{told}");
}

#[test]
fn promotion_codes_are_taken_in_the_sandbox_and_of_an_account_only_when_it_says_so() {
    let codes = |args: &[&str]| check(args).unwrap().promotion_codes;
    assert_eq!(codes(&[]), PromotionCodes::Taken);
    assert_eq!(codes(&["--allow-promotion-codes", "false"]), PromotionCodes::NotTaken);
    assert_eq!(codes(&account("sk_test_1", &[])), PromotionCodes::NotTaken);
    assert_eq!(codes(&account("sk_test_1", &["--allow-promotion-codes", "true"])), PromotionCodes::Taken);
}

#[test]
fn a_blank_secret_refuses_to_start() {
    for blank in ["", " ", "whsec_1,", "whsec_1, ,whsec_2"] {
        let args = ["--stripe-secret-key", "sk_test_1", "--stripe-webhook-secret", blank, "--auth-jwt-secret", SECRET];
        assert!(problem(&args).contains("blank"), "{blank:?}");
    }
    assert!(problem(&["--stripe-secret-key", " "]).contains("STRIPE_SECRET_KEY: it is blank"));
}

#[test]
fn a_live_key_goes_with_neither_the_sandbox_nor_a_simulator_nor_plain_http() {
    assert!(check(&account("sk_live_1", &["--public-url", "https://shop.example"])).is_ok());
    assert!(problem(&account("sk_live_1", &["--sandbox-addr", "127.0.0.1:1"])).contains("SANDBOX_ADDR"));
    assert!(problem(&account("rk_live_1", &["--stripe-api-base", "http://127.0.0.1:1"])).contains("STRIPE_API_BASE"));
    assert!(problem(&account("sk_live_1", &["--public-url", "http://shop.example"])).contains("PUBLIC_URL"));
}

#[test]
fn a_test_key_may_go_to_a_simulator_on_this_machine_and_not_in_the_clear_to_another() {
    assert!(check(&account("sk_test_1", &["--stripe-api-base", "http://127.0.0.1:12111"])).is_ok());
    assert!(problem(&account("sk_test_1", &["--stripe-api-base", "http://10.0.0.1"])).contains("STRIPE_API_BASE"));
}

#[test]
fn a_publishable_key_is_called_what_it_is() {
    assert!(problem(&account("pk_test_1", &[])).contains("publishable"));
}

#[test]
fn a_key_without_a_token_secret_refuses_to_start() {
    let told = problem(&["--stripe-secret-key", "sk_test_1", "--stripe-webhook-secret", "whsec_1"]);
    assert!(told.contains("AUTH_JWT_SECRET or AUTH_JWKS_URL is required"));
}

#[test]
fn a_secret_may_come_from_a_file_but_not_from_both() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "sk_test_from_file\n").unwrap();
    let path = file.path().to_str().unwrap();
    let rest = ["--stripe-webhook-secret", "whsec_1", "--auth-jwt-secret", SECRET, "--stripe-secret-key-file", path];
    let StripeSettings::Account(config) = check(&rest).unwrap().stripe else { panic!("not an account") };
    assert_eq!(config.secret_key.expose_secret(), "sk_test_from_file");
    assert!(problem(&account("sk_test_1", &["--stripe-secret-key-file", path])).contains("not both"));
    assert!(problem(&["--auth-jwt-secret-file", "/nonexistent"]).contains("cannot read /nonexistent"));
}

#[test]
fn half_of_an_account_is_no_sandbox() {
    assert!(problem(&["--stripe-webhook-secret", "whsec_1"]).contains("without STRIPE_SECRET_KEY"));
    assert!(problem(&["--stripe-api-base", "https://api.stripe.com"]).contains("without STRIPE_SECRET_KEY"));
}

#[test]
fn the_database_may_come_from_a_file_but_not_from_both() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "postgres://settled:hush@db.example/settled\n").unwrap();
    let path = file.path().to_str().unwrap();
    let settings = check(&["--database-url-file", path]).unwrap();
    assert_eq!(settings.database_url.expose_secret(), "postgres://settled:hush@db.example/settled");
    assert!(!format!("{settings:?}").contains("hush"));
    assert!(problem(&["--database-url-file", path, "--database-url", "sqlite://x.db"]).contains("not both"));
    assert_eq!(check(&[]).unwrap().database_url.expose_secret(), DATABASE_URL);
}

const PROVIDER: [&str; 6] = [
    "--auth-jwks-url",
    "https://idp.example/jwks.json",
    "--auth-issuer",
    "https://idp.example/",
    "--auth-audience",
    "settled",
];

#[test]
fn a_provider_needs_an_issuer_and_an_audience_and_no_secret() {
    let auth = check(&PROVIDER).unwrap().auth;
    assert!(matches!(auth, Some(AuthSettings::Provider { .. })), "{auth:?}");
    let told = problem(&PROVIDER[..2]);
    assert!(told.contains("AUTH_ISSUER is required") && told.contains("AUTH_AUDIENCE is required"), "{told}");
    assert!(problem(&[&PROVIDER[..], &["--auth-jwt-secret", SECRET]].concat()).contains("both set"));
    let account = ["--stripe-secret-key", "sk_test_1", "--stripe-webhook-secret", "whsec_1"];
    assert!(check(&[&account[..], &PROVIDER].concat()).is_ok());
}

#[test]
fn keys_of_a_provider_come_by_https_or_from_this_machine() {
    let with = |url: &'static str| [&["--auth-jwks-url", url], &PROVIDER[2..]].concat();
    assert!(check(&with("http://localhost:8080/jwks.json")).is_ok());
    for url in ["http://idp.example/jwks.json", "https://user:hush@idp.example/", "idp.example", "file:///keys.json"] {
        let told = problem(&with(url));
        assert!(told.contains("AUTH_JWKS_URL") && !told.contains("hush"), "{told}");
    }
}

#[test]
fn a_list_of_prices_is_read_and_an_empty_one_refuses_to_start() {
    assert_eq!(check(&[]).unwrap().assortment, Assortment::Everything);
    let prices = ["price_a", "price_b"].map(|price| settled_domain::ids::PriceId::new(price).unwrap());
    let listed = check(&["--allowed-prices", "price_a, price_b"]).unwrap().assortment;
    assert_eq!(listed, Assortment::only(prices));
    assert!(problem(&["--allowed-prices", " "]).contains("names no price"));
    assert!(problem(&["--allowed-prices", "price/1"]).contains("ALLOWED_PRICES"));
}

#[test]
fn a_limit_of_nothing_is_none() {
    let limits = check(&["--rate-limit-reads-per-minute", "0"]).unwrap().rate_limits;
    assert_eq!(limits, RateLimits { reads_per_minute: None, ..RateLimits::default() });
}
