use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use settled_sandbox::{ManualClock, Sandbox, SandboxConfig};
use tempfile::TempDir;
use url::Url;

/// The first second of every story: the 15th of January 2027, 8 o'clock.
pub(crate) const START: i64 = 1_800_000_000;

/// Parameters of a call.
pub(crate) type Params<'a> = &'a [(&'a str, &'a str)];

/// The sandbox, and the means of those who act at Stripe without us: customers, banks and people at the Dashboard.
pub(crate) struct Stripe {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: ManualClock,
    client: Client,
}

impl Stripe {
    /// It delivers to `endpoint`, and things go wrong by this plan.
    pub(crate) async fn start(folder: &TempDir, endpoint: String, plan: &Value) -> Self {
        let clock = ManualClock::starting_at(START);
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = SandboxConfig {
            forward_to: Some(endpoint),
            redirect_hold: Duration::ZERO,
            debit_delay: Duration::from_hours(50),
            clock: Some(clock.clone()),
            faults: Some(serde_json::from_value(plan.clone()).unwrap()),
            ..SandboxConfig::new(listen, folder.path().join("sandbox.jsonl"))
        };
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { sandbox: Sandbox::start(config).await.unwrap(), clock, client }
    }

    /// A call that nothing goes wrong with; refusals are part of life.
    pub(crate) async fn call(&self, method: Method, path: &str, params: Params<'_>) -> Value {
        let target = format!("{}{path}", self.sandbox.base_url());
        let request = match method {
            Method::POST => self.client.post(target).form(params),
            _ => self.client.request(method, Url::parse_with_params(&target, params).unwrap()),
        };
        let request = request.bearer_auth(self.sandbox.secret_key()).header("Sandbox-Faults", "off");
        let answer = request.send().await.unwrap();
        let body = answer.bytes().await.unwrap();
        serde_json::from_slice(&body).unwrap_or_default()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, params: Params<'_>) -> Value {
        self.call(Method::POST, path, params).await
    }

    /// From now on nothing goes wrong any more.
    pub(crate) async fn end_faults(&self) {
        let request = self.client.post(format!("{}/sandbox/faults", self.sandbox.base_url()));
        let answer = request.bearer_auth(self.sandbox.secret_key()).json(&json!({})).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// Fills in the hosted page; the status of the answer.
    pub(crate) async fn pay(&self, page: &str, fields: Params<'_>) -> u16 {
        self.client.post(page).form(fields).send().await.unwrap().status().as_u16()
    }

    /// What our rows must hold in the end.
    pub(crate) async fn truth(&self) -> Value {
        self.get("/sandbox/truth").await
    }
}

/// The rows of a list, or of a part of the truth.
pub(crate) fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

pub(crate) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}
