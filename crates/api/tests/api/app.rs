//! The router under test, and how to talk to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use settled_api::{ApiConfig, AuthConfig, Readiness, SandboxLogin, router, token};
use settled_domain::checkout::{Assortment, PromotionCodes, ReturnUrls};
use settled_domain::ids::UserId;
use settled_domain::mock::{MockClock, MockIdSource, MockIntake, MockStore, MockStripeGateway};
use settled_domain::ports::{Intake, SilentFeed, StatusFeed};
use settled_domain::{Policy, Ports, Settled};
use settled_overheard::{Said, keep};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tower::ServiceExt;
use uuid::Uuid;

use crate::{contract, log};

/// The present time of the tests. It lies far in the future because tokens are checked against the real clock.
pub(crate) const NOW: OffsetDateTime = datetime!(2100-01-01 12:00 UTC);
pub(crate) const SECRET: &str = "a secret that is long enough: 32 bytes";

/// What the router stands on; a call that a test does not expect is a panic, and so a 500.
pub(crate) struct Backend {
    pub(crate) store: MockStore,
    pub(crate) gateway: MockStripeGateway,
    pub(crate) intake: Arc<dyn Intake>,
    pub(crate) assortment: Assortment,
    pub(crate) feed: Arc<dyn StatusFeed>,
}

impl Default for Backend {
    fn default() -> Self {
        Self {
            store: MockStore::new(),
            gateway: MockStripeGateway::new(),
            intake: Arc::new(intake()),
            assortment: Assortment::Everything,
            feed: Arc::new(SilentFeed),
        }
    }
}

/// An intake that admits webhooks, and expects none.
pub(crate) fn intake() -> MockIntake {
    let mut intake = MockIntake::new();
    intake.expect_admit().returning(|| Ok(()));
    intake
}

pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) readiness: Readiness,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn auth() -> AuthConfig {
    AuthConfig::new(SECRET.into()).unwrap()
}

pub(crate) fn config(public_url: &str) -> ApiConfig {
    ApiConfig::new(public_url.parse().unwrap(), auth()).unwrap()
}

impl Backend {
    /// As it runs in the sandbox.
    pub(crate) fn app(self) -> App {
        self.app_with(config("http://shop.test").with_sandbox_login(SandboxLogin::Enabled))
    }

    pub(crate) fn app_with(self, config: ApiConfig) -> App {
        log::keep();
        let (mut clock, mut ids) = (MockClock::new(), MockIdSource::new());
        clock.expect_now().return_const(NOW);
        let count = AtomicU64::new(1);
        ids.expect_new_uuid().returning(move || Uuid::from_u64_pair(0, count.fetch_add(1, Ordering::Relaxed)));
        let ports = Ports {
            store: Arc::new(self.store),
            gateway: Arc::new(self.gateway),
            clock: Arc::new(clock),
            ids: Arc::new(ids),
        };
        let policy = Policy {
            return_urls: ReturnUrls { success: "http://shop.test/success".into(), cancel: "http://shop.test/".into() },
            past_due_grace: Duration::ZERO,
            assortment: self.assortment,
            promotion_codes: PromotionCodes::NotTaken,
        };
        let readiness = Readiness::new();
        let settled = Settled::new(ports, self.intake, policy).with_status_feed(self.feed);
        App { router: router(settled, readiness.clone(), config), readiness }
    }
}

impl App {
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        let reply = Reply { status: parts.status, headers: parts.headers, body };
        contract::check(&method, &path, &reply);
        if reply.status.is_client_error() || reply.status.is_server_error() {
            keep(
                Said::Answer,
                &format!("{} {:?} {}", reply.status, reply.headers, String::from_utf8_lossy(&reply.body)),
            );
        }
        reply
    }

    /// A GET by alice.
    pub(crate) async fn get(&self, uri: &str) -> Reply {
        self.send(by_alice(uri).body(Body::empty()).unwrap()).await
    }

    /// A POST of JSON by alice.
    pub(crate) async fn post(&self, uri: &str, json: &str) -> Reply {
        let request = by_alice(uri).method("POST").header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(json.to_owned())).unwrap()).await
    }
}

pub(crate) fn token_of(user: &str) -> String {
    token::issue(&auth(), &UserId::new(user).unwrap(), Duration::hours(1), NOW).unwrap()
}

pub(crate) fn by_alice(uri: &str) -> axum::http::request::Builder {
    Request::get(uri).header(header::AUTHORIZATION, format!("Bearer {}", token_of("alice")))
}

impl Reply {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        let mut json: Value =
            serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.text()));
        // Another crate of the build may have made serde_json keep the order; snapshots must not depend on that.
        json.sort_all_objects();
        json
    }

    pub(crate) fn header(&self, name: impl axum::http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and code of a problem, after checking that it is a whole one.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header(header::CONTENT_TYPE), Some("application/problem+json"), "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["request_id"], self.header("x-request-id").unwrap());
        for member in ["type", "title", "detail"] {
            assert!(problem[member].is_string(), "{problem}");
        }
        (self.status.as_u16(), problem["code"].as_str().unwrap().to_owned())
    }

    #[track_caller]
    pub(crate) fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap().to_owned()
    }
}
