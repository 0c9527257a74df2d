//! What whoever runs the service asks the program, with the sandbox in Stripe's place.

use std::process::Output;

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{SandboxProcess, bin, run};

const PUBLIC_URL: &str = "https://shop.example";

struct Shop {
    dir: TempDir,
    sandbox: SandboxProcess,
}

impl Shop {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let sandbox = SandboxProcess::start(&dir, "http://127.0.0.1:9/");
        Self { dir, sandbox }
    }

    fn database_url(&self) -> String {
        format!("sqlite://{}", self.dir.path().join("settled.db").display())
    }

    /// Whether it went well, and what was said.
    fn run(&self, args: &[&str]) -> (bool, String) {
        self.run_with(args, &[])
    }

    fn run_with(&self, args: &[&str], more: &[(&str, &str)]) -> (bool, String) {
        let mut command = bin();
        command.args(args).envs(self.sandbox.vars()).env("PUBLIC_URL", PUBLIC_URL);
        command.env("DATABASE_URL", self.database_url()).envs(more.iter().copied());
        let Output { status, stdout, stderr } = run(&mut command);
        let said = String::from_utf8([stdout, stderr].concat()).unwrap();
        assert!(!said.contains(&self.sandbox.secret_key) && !said.contains("panicked"), "{said}");
        (status.success(), said)
    }

    async fn call(&self, method: reqwest::Method, path: &str, form: &[(&str, &str)]) -> Value {
        let url = format!("{}/v1{path}", self.sandbox.api_base.trim_end_matches('/'));
        let request = Client::new().request(method, url).bearer_auth(&self.sandbox.secret_key).form(form);
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn endpoint(&self) -> Value {
        self.call(reqwest::Method::GET, "/webhook_endpoints", &[]).await["data"][0].clone()
    }
}

const CREATE: &[&str] = &["stripe", "endpoint", "create"];
const CHECK: &[&str] = &["stripe", "endpoint", "check"];

#[tokio::test]
async fn an_endpoint_is_registered_once_and_its_secret_is_printed() {
    let shop = Shop::new();
    let (went_well, said) = shop.run(CHECK);
    assert!(!went_well && said.contains("settled stripe endpoint create"), "{said}");
    let (went_well, said) = shop.run(CREATE);
    assert!(went_well && said.contains("STRIPE_WEBHOOK_SECRET=whsec_"), "{said}");
    assert_eq!(shop.endpoint().await["url"], "https://shop.example/api/webhook/stripe");
    let (went_well, said) = shop.run(CHECK);
    assert!(went_well && said.contains("as it should be"), "{said}");
    let (went_well, said) = shop.run(CREATE);
    assert!(!went_well && said.contains("is registered already"), "{said}");
}

#[tokio::test]
async fn what_has_been_changed_at_an_endpoint_is_told_and_fails_when_news_are_lost() {
    let shop = Shop::new();
    assert!(shop.run(CREATE).0);
    let path = format!("/webhook_endpoints/{}", shop.endpoint().await["id"].as_str().unwrap());
    shop.call(reqwest::Method::POST, &path, &[("enabled_events[]", "invoice.upcoming"), ("disabled", "true")]).await;
    let (went_well, said) = shop.run(CHECK);
    assert!(!went_well, "{said}");
    for told in ["disabled", "checkout.session.completed", "invoice.upcoming"] {
        assert!(said.contains(told), "{told}: {said}");
    }
    shop.call(reqwest::Method::POST, &path, &[("enabled_events[]", "*"), ("disabled", "false")]).await;
    let (went_well, said) = shop.run(CHECK);
    assert!(went_well && said.contains("have no effect"), "{said}");
}

#[tokio::test]
async fn the_doctor_says_what_is_broken_and_what_to_do_and_changes_nothing() {
    let shop = Shop::new();
    let (went_well, said) = shop.run(&["doctor"]);
    assert!(!went_well && said.contains("BROKEN  endpoint") && said.contains("endpoint create"), "{said}");
    assert!(said.contains("there is no schema yet"), "{said}");
    assert!(!shop.dir.path().join("settled.db").exists());

    assert!(shop.run(CREATE).0);
    assert!(shop.run(&["migrate"]).0);
    let (went_well, said) = shop.run(&["doctor"]);
    assert!(went_well, "{said}");
    for healthy in ["ok      settings", "ok      database", "ok      tokens", "ok      clock", "ok      endpoint"] {
        assert!(said.contains(healthy), "{healthy}: {said}");
    }
    assert!(said.contains("a restricted key"), "{said}");
    let customers = shop.call(reqwest::Method::GET, "/customers", &[]).await;
    assert_eq!(customers["data"].as_array().unwrap().len(), 0, "it has made nobody");
}

#[tokio::test]
async fn the_doctor_tells_a_wrong_key_from_a_stripe_that_is_away() {
    let shop = Shop::new();
    let (went_well, said) = shop.run_with(&["doctor"], &[("STRIPE_SECRET_KEY", "sk_test_of_nobody")]);
    assert!(!went_well && said.contains("Stripe does not know STRIPE_SECRET_KEY"), "{said}");
    // Nothing listens on port 1.
    let (went_well, said) = shop.run_with(&["doctor"], &[("STRIPE_API_BASE", "http://127.0.0.1:1/")]);
    assert!(!went_well && said.contains("Stripe cannot be asked"), "{said}");
}

#[test]
fn the_doctor_is_content_with_the_sandbox() {
    let dir = TempDir::new().unwrap();
    let database = format!("sqlite://{}", dir.path().join("settled.db").display());
    let output = run(bin().arg("doctor").env("DATABASE_URL", database));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("no money moves"), "{said}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
