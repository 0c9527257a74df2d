use std::process::Command;
use std::time::UNIX_EPOCH;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{SandboxProcess, Service, Shopper, Started, answer_to, bin, signature};

/// The service over a sandbox whose events go nowhere, so that the test alone says what Stripe says.
pub(crate) struct Silent {
    pub(crate) sandbox: SandboxProcess,
    pub(crate) service: Started,
    pub(crate) alice: Shopper,
    pub(crate) dir: TempDir,
}

impl Silent {
    pub(crate) fn start() -> Self {
        Self::start_by(bin())
    }

    /// The service by a command that begins it.
    pub(crate) fn start_by(command: Command) -> Self {
        Self::start_with(command, &[])
    }

    /// The same with more variables.
    pub(crate) fn start_with(command: Command, more: &[(&str, &str)]) -> Self {
        let dir = TempDir::new().unwrap();
        let sandbox = SandboxProcess::start(&dir, "http://127.0.0.1:9/");
        let service = Service::start_by(command, &dir, &[&sandbox.vars()[..], more].concat());
        let alice = Shopper::with_token(&service.url, &crate::users::token_for("alice"));
        Self { sandbox, service, alice, dir }
    }

    /// For `DATABASE_URL`: the database that the service works on.
    pub(crate) fn database_url(&self) -> String {
        format!("sqlite://{}", self.dir.path().join("settled.db").display())
    }

    /// The event that Stripe sends when the session of this checkout is paid.
    pub(crate) async fn paid(&self, id: &str, checkout: &Value) -> Value {
        let session = checkout["session_id"].as_str().unwrap();
        let url = format!("{}/v1/checkout/sessions/{session}", self.sandbox.api_base.trim_end_matches('/'));
        let answer = self.alice.client.get(url).bearer_auth(&self.sandbox.secret_key).send().await.unwrap();
        let mut object: Value = answer.json().await.unwrap();
        object["status"] = json!("complete");
        object["payment_status"] = json!("paid");
        event(id, "checkout.session.completed", &object)
    }

    pub(crate) async fn post(&self, body: impl Into<Vec<u8>>, signature: Option<&str>) -> (StatusCode, Value) {
        let mut request = self.alice.client.post(format!("{}/api/webhook/stripe", self.service.url)).body(body.into());
        if let Some(signature) = signature {
            request = request.header("Stripe-Signature", signature);
        }
        let answer = answer_to(request).await;
        (answer.status(), answer.json().await.unwrap())
    }

    /// Posts a body as Stripe would.
    pub(crate) async fn deliver(&self, body: impl Into<Vec<u8>>) -> (StatusCode, Value) {
        let body = body.into();
        let signature = signature(&body, &self.sandbox.webhook_secret, now());
        self.post(body, Some(&signature)).await
    }
}

pub(crate) fn now() -> i64 {
    i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

pub(crate) fn event(id: &str, kind: &str, object: &Value) -> Value {
    json!({
        "id": id, "object": "event", "type": kind, "created": now(), "livemode": false,
        "api_version": "2026-09-30.endive", "data": { "object": object }
    })
}
