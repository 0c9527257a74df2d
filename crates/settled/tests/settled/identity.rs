//! Users whose tokens an identity provider signs.

use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::Ed25519KeyPair;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{SandboxProcess, Service, Started, answer_to, free_addr, until};

/// After every clock that these tests will meet.
const FAR: i64 = 4_102_444_800;

/// A key of the provider.
struct Key {
    kid: &'static str,
    signer: EncodingKey,
}

impl Key {
    fn new(kid: &'static str) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        Self { kid, signer: EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref()) }
    }

    fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.signer, Algorithm::EdDSA).unwrap();
        jwk.common.key_id = Some(self.kid.to_owned());
        serde_json::to_value(&jwk).unwrap()
    }

    fn token(&self) -> String {
        let header = Header { kid: Some(self.kid.to_owned()), ..Header::new(Algorithm::EdDSA) };
        let claims = json!({ "sub": "alice", "exp": FAR, "iss": "https://idp.example", "aud": "settled" });
        encode(&header, &claims, &self.signer).unwrap()
    }
}

/// A provider that publishes these keys.
#[derive(Clone, Default)]
struct Provider(Arc<Mutex<Vec<Value>>>);

impl Provider {
    fn publish(&self, keys: &[&Key]) {
        *self.0.lock().unwrap() = keys.iter().map(|key| key.jwk()).collect();
    }

    async fn start(&self, addr: &str) {
        let listener = tokio::net::TcpListener::bind(addr).await.unwrap();
        let keys = Arc::clone(&self.0);
        let answer = move || {
            let document = json!({ "keys": *keys.lock().unwrap() });
            async move { axum::Json(document) }
        };
        tokio::spawn(axum::serve(listener, Router::new().route("/jwks.json", get(answer))).into_future());
    }
}

fn start(dir: &TempDir, sandbox: &SandboxProcess, provider: &str) -> Started {
    let url = format!("http://{provider}/jwks.json");
    let mut vars = sandbox.vars().to_vec();
    vars.retain(|(name, _)| *name != "AUTH_JWT_SECRET");
    vars.extend([
        ("AUTH_JWKS_URL", url.as_str()),
        ("AUTH_ISSUER", "https://idp.example"),
        ("AUTH_AUDIENCE", "settled"),
    ]);
    Service::start_in(dir, &vars)
}

async fn status_for(service: &Started, token: &str) -> StatusCode {
    let url = format!("{}/api/subscription-status", service.url);
    let answer = answer_to(Client::new().get(url).bearer_auth(token)).await;
    StatusCode::from_u16(answer.status().as_u16()).unwrap()
}

#[tokio::test]
async fn the_service_starts_before_its_identity_provider_and_follows_its_keys_without_a_restart() {
    let dir = TempDir::new().unwrap();
    let sandbox = SandboxProcess::start(&dir, "http://127.0.0.1:9/");
    let provider = Provider::default();
    let addr = free_addr();
    let service = start(&dir, &sandbox, &addr);
    let (old, new) = (Key::new("old"), Key::new("new"));
    // Nobody knows yet whether this token is good.
    assert_eq!(status_for(&service, &old.token()).await, StatusCode::SERVICE_UNAVAILABLE);

    provider.publish(&[&old]);
    provider.start(&addr).await;
    let answered = async |token: String, wanted| {
        until("an answer", async || (status_for(&service, &token).await == wanted).then_some(())).await;
    };
    answered(old.token(), StatusCode::OK).await;
    assert_eq!(status_for(&service, &Key::new("old").token()).await, StatusCode::UNAUTHORIZED, "signed by another");

    provider.publish(&[&new]);
    answered(new.token(), StatusCode::OK).await;
    assert_eq!(status_for(&service, &old.token()).await, StatusCode::UNAUTHORIZED);
}
