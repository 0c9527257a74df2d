use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use tempfile::TempDir;

use crate::harness::{SandboxProcess, Service, TOKEN_SECRET, bin, run};

/// Runs the program to its end, which must be a failure, and returns what it told.
fn refusal(args: &[&str], vars: &[(&str, &str)]) -> String {
    let Output { status, stderr, .. } = run(bin().args(args).envs(vars.iter().copied()));
    let told = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "it started: {told}");
    assert!(!told.contains("panicked"), "{told}");
    told
}

fn database_in(dir: &TempDir) -> String {
    format!("sqlite://{}", dir.path().join("settled.db").display())
}

#[test]
fn all_wrong_settings_are_told_at_once_and_nothing_is_created() {
    let dir = TempDir::new().unwrap();
    let vars = [
        ("DATABASE_URL", database_in(&dir)),
        ("LISTEN_ADDR", "nowhere".into()),
        ("STRIPE_SECRET_KEY", "sk_test_1".into()),
        ("STRIPE_WEBHOOK_SECRET", " ".into()),
        ("AUTH_JWT_SECRET", "hush".into()),
    ];
    let vars: Vec<(&str, &str)> = vars.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let told = refusal(&["serve"], &vars);
    for name in ["LISTEN_ADDR", "STRIPE_WEBHOOK_SECRET", "AUTH_JWT_SECRET"] {
        assert!(told.contains(name), "{told}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_live_key_does_not_go_with_the_sandbox() {
    let vars = [
        ("STRIPE_SECRET_KEY", "sk_live_1"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_1"),
        ("AUTH_JWT_SECRET", TOKEN_SECRET),
        ("SANDBOX_ADDR", "127.0.0.1:0"),
    ];
    assert!(refusal(&["serve"], &vars).contains("real money"));
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let dir = TempDir::new().unwrap();
    let database = database_in(&dir);
    let told =
        refusal(&["serve"], &[("LISTEN_ADDR", &addr), ("DATABASE_URL", &database), ("SANDBOX_ADDR", "127.0.0.1:0")]);
    assert!(told.contains(&addr) && told.contains("LISTEN_ADDR"), "{told}");
    let told =
        refusal(&["serve"], &[("LISTEN_ADDR", "127.0.0.1:0"), ("DATABASE_URL", &database), ("SANDBOX_ADDR", &addr)]);
    assert!(told.contains(&addr) && told.contains("SANDBOX_ADDR"), "{told}");
}

#[test]
fn a_database_that_cannot_be_written_is_named() {
    let dir = TempDir::new().unwrap();
    let nowhere = dir.path().join("missing/folder/settled.db");
    let told = refusal(&["serve"], &[("DATABASE_URL", &format!("sqlite://{}", nowhere.display()))]);
    assert!(told.contains("missing/folder/settled.db"), "{told}");

    let file = dir.path().join("not-a-database.db");
    std::fs::write(&file, "this is not a database, but a text that is long enough to be looked at").unwrap();
    let told = refusal(&["migrate"], &[("DATABASE_URL", &format!("sqlite://{}", file.display()))]);
    assert!(told.contains("not-a-database.db") || told.contains("not a database"), "{told}");
}

#[test]
fn a_url_of_no_known_database_is_told_which_there_are() {
    for command in ["migrate", "serve"] {
        let told = refusal(&[command], &[("DATABASE_URL", "mysql://alice:hush@localhost/settled")]);
        assert!(told.contains("sqlite://") && told.contains("postgres://") && !told.contains("hush"), "{told}");
    }
}

#[test]
fn a_database_of_the_sandbox_is_not_used_for_an_account() {
    let dir = TempDir::new().unwrap();
    drop(Service::start_in(&dir, &[]));
    let other = TempDir::new().unwrap();
    let sandbox = SandboxProcess::start(&other, "http://127.0.0.1:9/api/webhook/stripe");
    let database = database_in(&dir);
    let vars = [&sandbox.vars()[..], &[("DATABASE_URL", &database), ("LISTEN_ADDR", "127.0.0.1:0")]].concat();
    let told = refusal(&["serve"], &vars);
    assert!(told.contains("belongs to Stripe account") && told.contains("sandbox mode"), "{told}");
}

#[test]
fn the_help_documents_every_setting_and_shows_no_secret() {
    let output = run(bin().args(["serve", "--help"]).env("STRIPE_SECRET_KEY", "sk_test_hush"));
    let help = String::from_utf8(output.stdout).unwrap();
    for name in [
        "LISTEN_ADDR",
        "PUBLIC_URL",
        "DATABASE_URL",
        "DATABASE_MAX_CONNECTIONS",
        "DATABASE_ACQUIRE_TIMEOUT_MS",
        "STRIPE_SECRET_KEY",
        "STRIPE_SECRET_KEY_FILE",
        "STRIPE_WEBHOOK_SECRET",
        "STRIPE_WEBHOOK_SECRET_FILE",
        "STRIPE_API_BASE",
        "SANDBOX_ADDR",
        "AUTH_JWT_SECRET",
        "AUTH_JWT_SECRET_FILE",
        "AUTH_ISSUER",
        "AUTH_AUDIENCE",
        "PAST_DUE_GRACE_HOURS",
        "RUST_LOG",
        "LOG_FORMAT",
    ] {
        assert!(help.contains(name), "{name} is missing in: {help}");
    }
    assert!(!help.contains("hush"));
}

#[test]
fn migrate_creates_the_schema_and_can_be_run_again() {
    let dir = TempDir::new().unwrap();
    let database = database_in(&dir);
    for _ in 0..2 {
        let output = run(bin().arg("migrate").env("DATABASE_URL", &database));
        assert!(output.status.success(), "{output:?}");
    }
    let mode = std::fs::metadata(dir.path().join("settled.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "others may not read payments");
}

#[test]
fn no_token_is_printed_without_a_secret_or_for_a_live_key() {
    assert!(refusal(&["token", "--user", "alice"], &[]).contains("AUTH_JWT_SECRET"));
    let vars = [("AUTH_JWT_SECRET", TOKEN_SECRET), ("STRIPE_SECRET_KEY", "sk_live_1")];
    assert!(refusal(&["token", "--user", "alice"], &vars).contains("live"));
}

#[test]
fn a_sandbox_with_a_fault_plan_that_cannot_be_read_does_not_start() {
    let dir = TempDir::new().unwrap();
    let plan = dir.path().join("plan.json");
    std::fs::write(&plan, r#"{ "deliveries": { "chance": { "dorp": 0.5 } } }"#).unwrap();
    let journal = dir.path().join("sandbox.journal");
    let args = ["sandbox", "--journal", journal.to_str().unwrap(), "--faults", plan.to_str().unwrap()];
    let told = refusal(&args, &[("SANDBOX_ADDR", "127.0.0.1:0")]);
    assert!(told.contains("--faults") && told.contains("dorp"), "{told}");
    assert!(!journal.exists());
}
