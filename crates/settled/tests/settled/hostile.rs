//! What strangers and users try.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{SandboxProcess, Service, Shopper, Started, answer_to, free_addr, signature, until};
use crate::users::token_for;

/// The service over a sandbox whose events go nowhere.
fn start(dir: &TempDir, more: &[(&str, &str)]) -> (SandboxProcess, Started) {
    let sandbox = SandboxProcess::start(dir, "http://127.0.0.1:9/");
    let service = Service::start_in(dir, &[&sandbox.vars()[..], more].concat());
    (sandbox, service)
}

fn now() -> i64 {
    i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

fn ping(id: &str) -> Vec<u8> {
    json!({ "id": id, "object": "event", "type": "ping", "created": now(), "livemode": false, "data": { "object": {} } })
        .to_string()
        .into_bytes()
}

async fn deliver(shopper: &Shopper, body: Vec<u8>, signature: String) -> StatusCode {
    let url = format!("{}/api/webhook/stripe", shopper.url);
    answer_to(shopper.client.post(url).header("Stripe-Signature", signature).body(body)).await.status()
}

#[tokio::test]
async fn whatever_a_request_says_of_hosts_stripe_is_told_the_public_url() {
    let dir = TempDir::new().unwrap();
    let addr = free_addr();
    let (sandbox, _service) = start(&dir, &[("PUBLIC_URL", "https://shop.example/pay"), ("LISTEN_ADDR", &addr)]);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut asked = client.post(format!("http://{addr}/api/checkout")).bearer_auth(token_for("alice").trim());
    for (name, value) in [
        ("Host", "evil.example"),
        ("Forwarded", "host=evil.example;proto=http"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "javascript"),
        ("X-Forwarded-Prefix", "//evil.example"),
        ("X-Original-URL", "https://evil.example/"),
    ] {
        asked = asked.header(name, value);
    }
    let opened: Value =
        asked.json(&json!({ "price_id": "price_lifetime" })).send().await.unwrap().json().await.unwrap();
    let id = opened["session_id"].as_str().unwrap_or_else(|| panic!("{opened}"));
    let url = format!("{}/v1/checkout/sessions/{id}", sandbox.api_base.trim_end_matches('/'));
    let session: Value = client.get(url).bearer_auth(&sandbox.secret_key).send().await.unwrap().json().await.unwrap();
    assert_eq!(session["success_url"], "https://shop.example/pay/success?session_id={CHECKOUT_SESSION_ID}");
    assert_eq!(session["cancel_url"], "https://shop.example/pay/cancel");
}

#[tokio::test]
async fn nobody_can_say_where_a_customer_is_sent() {
    let dir = TempDir::new().unwrap();
    let (_sandbox, service) = start(&dir, &[("RATE_LIMIT_WRITES_PER_MINUTE", "0")]);
    let alice = Shopper::with_token(&service.url, &token_for("alice"));
    for field in ["success_url", "cancel_url", "return_to", "return_url", "redirect", "next"] {
        for target in [
            "https://evil.example/",
            "//evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "https://shop.example@evil.example",
            "https://xn--shp-sna.example",
            "/ok\r\nLocation: https://evil.example",
        ] {
            let answer = alice.post("/api/checkout", &json!({ "price_id": "price_lifetime", field: target })).await;
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{field}");
            let query: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
            for page in ["/", "/success", "/cancel"] {
                let answer = alice.get(&format!("{page}?{field}={query}")).await;
                assert_eq!(answer.status(), StatusCode::OK, "{page}");
                assert!(!answer.text().await.unwrap().contains("evil"), "{page}");
            }
        }
    }
}

#[tokio::test]
async fn texts_that_break_others_are_inert() {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    for text in ["' OR '1'='1", "\"; DROP TABLE payments; --", "\u{0}", "\u{202e}txt.exe", "😀𝕏", "%00", "{{7*7}}"]
    {
        let answer = alice.post("/api/checkout", &json!({ "price_id": format!("price_{text}") })).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{text:?}");
        let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let answer = alice.get(&format!("/api/payment-status?session_id=cs_{query}")).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{text:?}");
    }
    let million = "m".repeat(1024 * 1024);
    let answer = alice.client.post(format!("{}/api/checkout", alice.url)).bearer_auth(&alice.token);
    // The server may hang up before all of it has been sent.
    if let Ok(answer) = answer.json(&json!({ "price_id": "price_lifetime", "metadata": million })).send().await {
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    assert_eq!(alice.checkout("price_lifetime").await["status"], "pending");
}

#[tokio::test]
async fn a_user_who_opens_checkouts_without_end_is_stopped_and_the_others_are_not() {
    let dir = TempDir::new().unwrap();
    let (_sandbox, service) = start(&dir, &[("RATE_LIMIT_WRITES_PER_MINUTE", "3")]);
    let mallory = Shopper::with_token(&service.url, &token_for("mallory"));
    let alice = Shopper::with_token(&service.url, &token_for("alice"));
    let order = json!({ "price_id": "price_lifetime" });
    let mut refused = 0;
    for _ in 0..10 {
        let answer = mallory.post("/api/checkout", &order).await;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            let wait: u32 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait));
            assert_eq!(answer.json::<Value>().await.unwrap()["code"], "rate_limited");
            refused += 1;
        }
    }
    assert!(refused >= 6, "{refused}");
    alice.checkout("price_lifetime").await;
    assert_eq!(mallory.subscription().await["status"], "none", "questions have a limit of their own");
}

#[tokio::test]
async fn a_price_that_is_not_in_the_list_cannot_be_bought_and_is_not_shown() {
    let dir = TempDir::new().unwrap();
    let (_sandbox, service) = start(&dir, &[("ALLOWED_PRICES", "price_basic_monthly, price_pro_monthly")]);
    let alice = Shopper::with_token(&service.url, &token_for("alice"));
    assert_eq!(alice.checkout_refusal("price_lifetime").await, "price_not_available");
    let page = alice.get("/").await.text().await.unwrap();
    assert!(page.contains("price_basic_monthly") && !page.contains("price_lifetime"));
    alice.checkout("price_basic_monthly").await;
}

#[tokio::test]
async fn a_flood_of_forged_webhooks_stores_nothing_and_no_signed_one_is_refused_or_lost() {
    let dir = TempDir::new().unwrap();
    let (sandbox, service) = start(&dir, &[]);
    let shopper = Shopper::with_token(&service.url, "");
    let forge = async |number: usize| {
        let body = vec![b'{'; 64 * 1024];
        let signature = format!("t={},{}", now(), vec![format!("v1={number:064x}"); 40].join(","));
        deliver(&shopper, body, signature).await
    };
    let sign = async |number: usize| {
        let body = ping(&format!("evt_{number}"));
        let signature = signature(&body, &sandbox.webhook_secret, now());
        deliver(&shopper, body, signature).await
    };
    let flood = join_all((0..300).map(forge));
    let signed = join_all((0..60).map(sign));
    let (forged, signed) = tokio::join!(flood, signed);
    assert!(forged.iter().all(|status| *status == StatusCode::BAD_REQUEST));
    assert!(signed.iter().all(|status| *status == StatusCode::OK));
    let (_, log) = service.process.terminate();
    let lines = log.iter().filter(|line| line.contains("Stripe-Signature") || line.contains("signature")).count();
    assert!(lines <= 10, "{lines} lines for 300 forgeries");
}

#[tokio::test]
async fn a_webhook_that_cannot_be_stripes_is_answered_before_its_body_has_come() {
    let service = Service::start();
    let addr = service.process.url.strip_prefix("http://").unwrap();
    for headers in ["", "Stripe-Signature: t=1\r\nStripe-Signature: t=1\r\n", "Content-Encoding: gzip\r\n"] {
        let mut socket = TcpStream::connect(addr).await.unwrap();
        let head = format!("POST /api/webhook/stripe HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: 1000\r\n\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        socket.read_exact(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&answer));
    }
}

#[tokio::test]
async fn a_body_that_never_comes_or_breaks_off_stores_nothing_and_holds_up_nobody() {
    let dir = TempDir::new().unwrap();
    let (sandbox, service) = start(&dir, &[]);
    let alice = Shopper::with_token(&service.url, &token_for("alice"));
    let body = ping("evt_broken");
    let signature = signature(&body, &sandbox.webhook_secret, now());
    let addr = service.url.strip_prefix("http://").unwrap().to_owned();
    let head = format!(
        "POST /api/webhook/stripe HTTP/1.1\r\nHost: x\r\nStripe-Signature: {signature}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let half = &body[..body.len() / 2];
    let send_half = async || {
        let mut socket = TcpStream::connect(&addr).await.unwrap();
        socket.write_all(&[head.as_bytes(), half].concat()).await.unwrap();
        socket
    };
    let broken = send_half().await;
    drop(broken);
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(send_half().await);
    }
    assert_eq!(alice.subscription().await["status"], "none");
    // Those who stay silent are told that time is up.
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_mins(1), silent[0].read_to_end(&mut answer)).await.unwrap().unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 504") || answer.starts_with("HTTP/1.1 408"), "{answer}");
    // Had half of it been stored, this would be a duplicate.
    let url = format!("{}/api/webhook/stripe", service.url);
    let request = alice.client.post(url).header("Stripe-Signature", signature).body(body);
    let receipt: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(receipt["outcome"], "ignored");
}

#[tokio::test]
async fn the_signing_secret_is_rolled_without_losing_an_event() {
    let dir = TempDir::new().unwrap();
    let sandbox = SandboxProcess::start(&dir, "http://127.0.0.1:9/");
    let (old, new) = (sandbox.webhook_secret.clone(), "whsec_the_new_one".to_owned());
    let both = format!("{old},{new}");
    let taken = async |secrets: &str, number: u32| {
        let mut vars = sandbox.vars().to_vec();
        vars.retain(|(name, _)| *name != "STRIPE_WEBHOOK_SECRET");
        vars.push(("STRIPE_WEBHOOK_SECRET", secrets));
        let service = Service::start_in(&dir, &vars);
        let shopper = Shopper::with_token(&service.url, "");
        let mut statuses = Vec::new();
        for secret in [&old, &new] {
            let body = ping(&format!("evt_{number}_{}", secret.len()));
            statuses.push(deliver(&shopper, body.clone(), signature(&body, secret, now())).await.as_u16());
        }
        // During a roll Stripe signs with both.
        let body = ping(&format!("evt_{number}_both"));
        let (first, second) = (signature(&body, &old, now()), signature(&body, &new, now()));
        let doubly = format!("{first},{}", second.split_once(',').unwrap().1);
        statuses.push(deliver(&shopper, body, doubly).await.as_u16());
        assert!(service.process.terminate().0.success());
        statuses
    };
    assert_eq!(taken(&old, 1).await, [200, 400, 200]);
    assert_eq!(taken(&both, 2).await, [200, 200, 200]);
    assert_eq!(taken(&new, 3).await, [400, 200, 200]);
}

#[tokio::test]
async fn the_landing_page_alone_proves_nothing() {
    let dir = TempDir::new().unwrap();
    let (_sandbox, service) = start(&dir, &[]);
    let alice = Shopper::with_token(&service.url, &token_for("alice"));
    let mallory = Shopper::with_token(&service.url, &token_for("mallory"));
    let checkout = alice.checkout("price_basic_monthly").await;
    let session = checkout["session_id"].as_str().unwrap();
    for visitor in [&alice, &mallory] {
        assert_eq!(visitor.get(&format!("/success?session_id={session}")).await.status(), StatusCode::OK);
    }
    // Stripe has been asked and says that it is open.
    until("an answer of Stripe's", async || {
        (alice.status_of(&checkout).await["as_of"] != checkout["as_of"]).then_some(())
    })
    .await;
    assert_eq!(alice.status_of(&checkout).await["status"], "pending");
    for visitor in [&alice, &mallory] {
        assert_eq!(visitor.subscription().await["access"], false);
    }
}
