//! A sandbox, its caller, and the webhook endpoint it delivers to.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use settled_sandbox::{ManualClock, Sandbox, SandboxConfig};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Longer than anything here takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) type Params<'a> = &'a [(&'a str, &'a str)];

pub(crate) const PRO: Params<'static> = &[
    ("mode", "subscription"),
    ("line_items[0][price]", "price_pro_monthly"),
    ("line_items[0][quantity]", "1"),
    ("success_url", "http://127.0.0.1:3000/success?session_id={CHECKOUT_SESSION_ID}"),
    ("cancel_url", "http://127.0.0.1:3000/cancel"),
    ("metadata[payment_id]", "p1"),
    ("subscription_data[metadata][payment_id]", "p1"),
];

pub(crate) const LIFETIME: Params<'static> = &[
    ("mode", "payment"),
    ("line_items[0][price]", "price_lifetime"),
    ("line_items[0][quantity]", "1"),
    ("success_url", "http://127.0.0.1:3000/success?session_id={CHECKOUT_SESSION_ID}"),
    ("payment_intent_data[metadata][payment_id]", "p2"),
];

pub(crate) const PAYS: &str = "4242 4242 4242 4242";
pub(crate) const DECLINED: &str = "4000 0000 0000 0002";

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: reqwest::Client,
    folder: Arc<tempfile::TempDir>,
}

/// Where the clocks of these tests begin.
pub(crate) const START: i64 = 1_800_000_000;

/// A sandbox whose time is set by hand, and its endpoint.
pub(crate) struct Story {
    pub(crate) world: World,
    pub(crate) endpoint: Endpoint,
    pub(crate) clock: ManualClock,
}

impl Story {
    /// Things go wrong by this plan.
    pub(crate) async fn under(plan: Value) -> Self {
        Self::answering(200, plan).await
    }

    pub(crate) async fn answering(status: u16, plan: Value) -> Self {
        let endpoint = Endpoint::answering(status).await;
        let clock = ManualClock::starting_at(START);
        let world = World::start_with(|config| {
            config.forward_to = Some(endpoint.url.clone());
            config.redirect_hold = Duration::ZERO;
            config.clock = Some(clock.clone());
            config.faults = Some(serde_json::from_value(plan).unwrap());
        })
        .await;
        Self { world, endpoint, clock }
    }

    /// Lets time pass; what is delivered meanwhile.
    pub(crate) async fn pass(&mut self, seconds: i64) -> Vec<Delivered> {
        self.world.sandbox.advance_to(self.clock.now() + seconds).await;
        self.endpoint.waiting()
    }

    /// Buys with a card that pays; nothing is delivered yet.
    pub(crate) async fn buy(&self, params: Params<'_>) -> Value {
        let session = self.world.session(params).await;
        assert_eq!(self.world.pay(&session, PAYS).await.status(), 303);
        session
    }
}

/// What the API answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl World {
    /// A sandbox without an endpoint.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A sandbox that delivers to `endpoint`.
    pub(crate) async fn start_for(endpoint: &Endpoint) -> Self {
        Self::start_with(|config| config.forward_to = Some(endpoint.url.clone())).await
    }

    pub(crate) async fn start_with(configure: impl FnOnce(&mut SandboxConfig)) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), configure).await
    }

    async fn start_in(folder: Arc<tempfile::TempDir>, configure: impl FnOnce(&mut SandboxConfig)) -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut config = SandboxConfig::new(listen, folder.path().join("sandbox.jsonl"));
        configure(&mut config);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { sandbox: Sandbox::start(config).await.unwrap(), client, folder }
    }

    /// Stops the sandbox and starts another one on its journal.
    pub(crate) async fn restart_with(self, configure: impl FnOnce(&mut SandboxConfig)) -> Self {
        let folder = self.folder.clone();
        self.sandbox.shutdown().await;
        Self::start_in(folder, configure).await
    }

    pub(crate) fn journal(&self) -> std::path::PathBuf {
        self.folder.path().join("sandbox.jsonl")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.bearer_auth(self.sandbox.secret_key()).send();
        let response = response.await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        Answer { status, headers, body: serde_json::from_slice(&body).unwrap_or_default() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.client.get(self.url(path))).await
    }

    pub(crate) async fn post(&self, path: &str, params: Params<'_>) -> Answer {
        self.send(self.client.post(self.url(path)).form(params)).await
    }

    pub(crate) async fn post_with_key(&self, path: &str, key: &str, params: Params<'_>) -> Answer {
        let request = self.client.post(self.url(path));
        self.send(request.header("Idempotency-Key", key).form(params)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.client.delete(self.url(path))).await
    }

    /// An open session.
    pub(crate) async fn session(&self, params: Params<'_>) -> Value {
        let answer = self.post("/v1/checkout/sessions", params).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// What the API answers when everything is right.
    pub(crate) async fn made(&self, path: &str, params: Params<'_>) -> Value {
        let answer = self.post(path, params).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// The session as it is now.
    pub(crate) async fn reread(&self, session: &Value, query: &str) -> Value {
        self.get(&format!("/v1/checkout/sessions/{}{query}", id(session))).await.body
    }

    /// Sends a form of the session's page.
    pub(crate) async fn fill(&self, session: &Value, fields: Params<'_>) -> reqwest::Response {
        self.client.post(session["url"].as_str().unwrap()).form(fields).send().await.unwrap()
    }

    /// Pays with a bank account.
    pub(crate) async fn debit(&self, session: &Value, account: &str) -> reqwest::Response {
        let fields = [
            ("email", "ada@example.com"),
            ("payment_method", "us_bank_account"),
            ("routing_number", "110000000"),
            ("account_number", account),
            ("account_holder", "Ada Lovelace"),
        ];
        self.fill(session, &fields).await
    }

    /// A customer with a clock, both new; the customer's id and the clock's.
    pub(crate) async fn customer_with_clock(&self, frozen_time: i64) -> (String, String) {
        let at = frozen_time.to_string();
        let clock = id(&self.made("/v1/test_helpers/test_clocks", &[("frozen_time", &at)]).await);
        let customer = id(&self.made("/v1/customers", &[("test_clock", &clock)]).await);
        (customer, clock)
    }

    /// Advances a clock and returns when it has arrived.
    pub(crate) async fn advance(&self, clock: &str, to: i64) {
        let path = format!("/v1/test_helpers/test_clocks/{clock}");
        self.made(&format!("{path}/advance"), &[("frozen_time", &to.to_string())]).await;
        let arrival = async {
            while self.get(&path).await.body["status"] != "ready" {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, arrival).await.expect("the clock arrives");
    }

    /// Presses *Pay* on the session's page.
    pub(crate) async fn pay(&self, session: &Value, card: &str) -> reqwest::Response {
        let fields = [
            ("email", "ada@example.com"),
            ("card_number", card),
            ("card_expiry", "12 / 40"),
            ("card_cvc", "123"),
            ("cardholder_name", "Ada Lovelace"),
        ];
        let url = session["url"].as_str().unwrap();
        self.client.post(url).form(&fields).send().await.unwrap()
    }

    /// The types of all events, oldest first.
    pub(crate) async fn event_types(&self) -> Vec<String> {
        let mut types: Vec<_> = self.events().await.iter().map(kind).collect();
        types.reverse();
        types
    }

    /// All events, newest first.
    pub(crate) async fn events(&self) -> Vec<Value> {
        let list = self.get("/v1/events?limit=100").await.body;
        list["data"].as_array().unwrap().clone()
    }
}

/// The id of an object.
pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

pub(crate) fn kind(event: &Value) -> String {
    event["type"].as_str().unwrap().to_owned()
}

/// A webhook endpoint that answers as it is told and hands out what it got.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    answer: Arc<AtomicU16>,
    received: mpsc::UnboundedReceiver<Delivered>,
}

/// One request to the endpoint.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) event: Value,
}

type EndpointState = (Arc<AtomicU16>, mpsc::UnboundedSender<Delivered>);

impl Endpoint {
    pub(crate) async fn answering(status: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let answer = Arc::new(AtomicU16::new(status));
        let (sender, received) = mpsc::unbounded_channel();
        let router = Router::new().route("/webhook", post(receive)).with_state((answer.clone(), sender));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, answer, received }
    }

    pub(crate) fn answer(&self, status: u16) {
        self.answer.store(status, Ordering::SeqCst);
    }

    /// The next request.
    pub(crate) async fn next(&mut self) -> Delivered {
        let next = tokio::time::timeout(PATIENCE, self.received.recv()).await;
        next.expect("a delivery comes").unwrap()
    }

    /// Requests until one carries an event of this type; that one.
    pub(crate) async fn next_of(&mut self, wanted: &str) -> Delivered {
        loop {
            let delivered = self.next().await;
            if kind(&delivered.event) == wanted {
                return delivered;
            }
        }
    }

    /// What has come that nobody has taken.
    pub(crate) fn waiting(&mut self) -> Vec<Delivered> {
        std::iter::from_fn(|| self.received.try_recv().ok()).collect()
    }
}

async fn receive(State((answer, sender)): State<EndpointState>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let event = serde_json::from_str(&body).unwrap();
    let _ = sender.send(Delivered { headers, body, event });
    StatusCode::from_u16(answer.load(Ordering::SeqCst)).unwrap()
}
