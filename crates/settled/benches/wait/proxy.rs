//! The stretch between Stripe and us: it looks at the clock, and treats webhooks as the case wants.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::Client;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

/// What becomes of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// It is passed on.
    Pass,
    /// It is passed on when the browser shows the page.
    WhenThePageIsOpen,
    /// The completion of a session is passed on so much later.
    After(Duration),
    /// Stripe hears a 200 and we hear nothing.
    Swallow,
}

/// When the event of a session's completion came by, in milliseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passage {
    pub(crate) arrived: f64,
    pub(crate) answered: Option<f64>,
}

#[derive(Clone)]
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    pub(crate) url: String,
}

struct Shared {
    treatment: Treatment,
    client: Client,
    target: watch::Sender<String>,
    /// The sessions whose page was open so far.
    pages: watch::Sender<HashSet<String>>,
    passages: watch::Sender<HashMap<String, Passage>>,
}

/// Now.
pub(crate) fn now_ms() -> f64 {
    UNIX_EPOCH.elapsed().unwrap().as_secs_f64() * 1_000.0
}

impl Proxy {
    pub(crate) async fn start(treatment: Treatment) -> Self {
        let shared = Arc::new(Shared {
            treatment,
            client: Client::new(),
            target: watch::Sender::new(String::new()),
            pages: watch::Sender::new(HashSet::new()),
            passages: watch::Sender::new(HashMap::new()),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().route("/", post(pass)).with_state(Arc::clone(&shared));
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { shared, url }
    }

    /// Where webhooks are passed on to.
    pub(crate) fn lead_to(&self, service: &str) {
        self.shared.target.send_replace(format!("{service}/api/webhook/stripe"));
    }

    pub(crate) fn page_is_open(&self, session: &str) {
        self.shared.pages.send_modify(|pages| pages.extend([session.to_owned()]));
    }

    /// When the session's completion came by; waits for it.
    pub(crate) async fn passage_of(&self, session: &str) -> Passage {
        let swallowed = self.shared.treatment == Treatment::Swallow;
        let mut passages = self.shared.passages.subscribe();
        let is_there = |passages: &HashMap<String, Passage>| {
            passages.get(session).is_some_and(|passage| swallowed || passage.answered.is_some())
        };
        passages.wait_for(is_there).await.unwrap()[session]
    }

    /// The passages of all sessions so far.
    pub(crate) fn passages(&self) -> HashMap<String, Passage> {
        self.shared.passages.borrow().clone()
    }
}

async fn pass(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let arrived = now_ms();
    let mut pages = shared.pages.subscribe();
    let event: Value = serde_json::from_slice(&body).unwrap();
    let session = (event["type"] == "checkout.session.completed")
        .then(|| event["data"]["object"]["id"].as_str().unwrap().to_owned());
    let note = |answered| {
        if let Some(session) = session.clone() {
            // What is delivered again has arrived before.
            shared.passages.send_modify(|passages| {
                let passage = passages.entry(session).or_insert(Passage { arrived, answered });
                passage.answered = passage.answered.or(answered);
            });
        }
    };
    note(None);
    match shared.treatment {
        Treatment::Swallow => return StatusCode::OK,
        Treatment::After(delay) if session.is_some() => sleep(delay).await,
        // The session's other events are not held: only so many are sent at once.
        Treatment::Pass | Treatment::After(_) => {}
        Treatment::WhenThePageIsOpen => {
            if let Some(session) = &session {
                pages.wait_for(|pages| pages.contains(session)).await.unwrap();
            }
        }
    }
    let target = shared.target.borrow().clone();
    let request = shared.client.post(target).header("Stripe-Signature", headers["stripe-signature"].clone()).body(body);
    let status = request.send().await.map_or(StatusCode::BAD_GATEWAY, |answer| answer.status());
    if status.is_success() {
        note(Some(now_ms()));
    }
    status
}
