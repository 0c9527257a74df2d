//! Thousands of open streams on one process: what each costs, and when the last one hears of its change.

use std::collections::HashMap;
use std::fs;

use futures_util::StreamExt;
use futures_util::stream;
use reqwest::Client;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::process::Started;
use crate::proxy::{Treatment, now_ms};
use crate::purchase::Case;
use crate::report::percentile;
use crate::shopper::Shopper;
use crate::world::{Backend, World, token};

/// As many as one user may have.
const STREAMS_OF_A_USER: usize = 10;
const CHECKOUTS_AT_ONCE: usize = 8;

static CASE: Case =
    Case { name: "streams", redirect_hold_s: 0, treatment: Treatment::Pass, other_replica: false, at_once: 1 };

/// Opens so many streams, lets all payments succeed at once, and tells in words what that took.
pub(crate) async fn measure(backend: &Backend, streams: usize) -> String {
    let world = World::start(backend, &CASE).await;
    hold_deliveries(&world, "hold").await;
    let users = streams.div_ceil(STREAMS_OF_A_USER);
    let customers: Vec<(String, serde_json::Value)> = stream::iter(0..users)
        .map(|n| checkout(&world, format!("customer {n}")))
        .buffer_unordered(CHECKOUTS_AT_ONCE)
        .collect()
        .await;

    let before = memory_kib(&world.service);
    let mut listeners = JoinSet::new();
    for (token, checkout) in &customers {
        for _ in 0..STREAMS_OF_A_USER {
            let session = checkout["session_id"].as_str().unwrap().to_owned();
            let open = open(&world.service.url, token, &session).await;
            listeners.spawn(async move { (session, hear_of_success(open).await) });
        }
    }
    let opened = listeners.len();
    let after = memory_kib(&world.service);

    stream::iter(&customers)
        .map(|(token, checkout)| pay(&world, token, checkout))
        .buffer_unordered(CHECKOUTS_AT_ONCE)
        .collect::<Vec<()>>()
        .await;
    let released = now_ms();
    hold_deliveries(&world, "release").await;
    let heard: Vec<(String, f64)> = listeners.join_all().await;
    let committed: HashMap<_, _> = world.proxy.passages();
    let last_answer = committed.values().filter_map(|passage| passage.answered).fold(released, f64::max);
    let last_heard = heard.iter().map(|(_, at)| *at).fold(released, f64::max);
    let late: Vec<f64> =
        heard.iter().filter_map(|(session, at)| Some((at - committed[session].answered?).max(0.0))).collect();
    #[expect(clippy::cast_precision_loss, reason = "kibibytes of one process")]
    let each_kib = after.saturating_sub(before) as f64 / opened as f64;
    format!(
        "\n{}: {opened} open streams cost {each_kib:.1} KiB each. {} payments settled within {:.0} ms; each stream heard of \
         its commit after {:.1} ms (median), {:.1} ms (99th percentile), and the last one of all {:.1} ms after the last \
         commit.\n",
        backend.name(),
        customers.len(),
        last_answer - released,
        percentile(late.iter().copied(), 0.5).unwrap_or_default(),
        percentile(late.iter().copied(), 0.99).unwrap_or_default(),
        (last_heard - last_answer).max(0.0),
    )
}

async fn hold_deliveries(world: &World, what: &str) {
    let url = format!("{}/sandbox/deliveries/{what}", world.sandbox_url.trim_end_matches('/'));
    let done = Client::new().post(url).bearer_auth(&world.sandbox_key).send().await.unwrap();
    assert!(done.status().is_success(), "{done:?}");
}

async fn checkout(world: &World, user: String) -> (String, serde_json::Value) {
    let token = token(&user);
    let checkout = Shopper::with_token(&world.service.url, &token).checkout("price_lifetime").await;
    (token, checkout)
}

async fn pay(world: &World, token: &str, checkout: &serde_json::Value) {
    let shopper = Shopper::with_token(&world.service.url, token);
    shopper.pay(checkout, "4242424242424242").await.expect("the card pays");
}

/// Opens a stream, and returns when it has told the state.
async fn open(service: &str, token: &str, session: &str) -> BufReader<TcpStream> {
    let host = service.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "GET /api/payment-status/stream?session_id={session} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer \
         {token}\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut open = BufReader::with_capacity(1_024, connection);
    read_until(&mut open, "\"pending\"").await;
    open
}

async fn hear_of_success(mut open: BufReader<TcpStream>) -> f64 {
    read_until(&mut open, "\"succeeded\"").await;
    now_ms()
}

async fn read_until(open: &mut BufReader<TcpStream>, part: &str) {
    let mut line = String::new();
    while !line.contains(part) {
        line.clear();
        assert!(open.read_line(&mut line).await.unwrap() > 0, "the stream ended before {part}");
    }
}

/// How much memory the service holds.
fn memory_kib(service: &Started) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", service.process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}
