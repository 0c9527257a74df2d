//! Connections that fail, break and stay silent, over plain sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use settled_domain::ports::{GatewayError, StripeGateway};
use settled_stripe::{RetryPolicy, StripeApi};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::{MockServer, ResponseTemplate};

use crate::double::{DATE, answering, config, ok, params, requests, session, session_id};

/// A server that answers each connection with these bytes and hangs up; and how many have come.
async fn saying(answers: Vec<Vec<u8>>) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let index = counted.fetch_add(1, Ordering::SeqCst);
            let answer = answers[index.min(answers.len() - 1)].clone();
            tokio::spawn(async move {
                let mut question = [0; 16 * 1024];
                let _ = socket.read(&mut question).await;
                let _ = socket.write_all(&answer).await;
            });
        }
    });
    (address, count)
}

fn at(address: SocketAddr) -> StripeApi {
    StripeApi::new(config(&format!("http://{address}/"))).unwrap()
}

fn whole(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nDate: {DATE}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn cut(body: &str) -> Vec<u8> {
    let mut bytes = whole(body);
    bytes.truncate(bytes.len() - 5);
    bytes
}

#[tokio::test]
async fn nobody_there_is_ambiguous() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let answer = at(address).fetch_checkout_session(&session_id()).await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_and_then_ambiguous() {
    let (address, count) = saying(vec![Vec::new()]).await;
    let answer = at(address).create_checkout_session(&params(), "key-1").await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_cut_answer_is_asked_for_again_under_the_same_key() {
    let body = session("open").to_string();
    let (address, count) = saying(vec![cut(&body), whole(&body)]).await;
    let opened = at(address).create_checkout_session(&params(), "key-1").await.unwrap();
    assert_eq!((opened.session_id, count.load(Ordering::SeqCst)), (session_id(), 2));
}

#[tokio::test]
async fn an_answer_that_stays_cut_is_ambiguous() {
    let (address, _) = saying(vec![cut(&session("open").to_string())]).await;
    let answer = at(address).create_checkout_session(&params(), "key-1").await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
}

#[tokio::test]
async fn something_that_is_not_http_is_ambiguous() {
    let (address, _) = saying(vec![b"SSH-2.0-OpenSSH_10.0\r\n".to_vec()]).await;
    let answer = at(address).fetch_checkout_session(&session_id()).await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let body = format!("{{\"id\":\"cs_test_1\",\"pad\":\"{}\"}}", "x".repeat(5 * 1024 * 1024));
    let server = answering(ResponseTemplate::new(200).insert_header("date", DATE).set_body_string(body)).await;
    let api = StripeApi::new(config(&server.uri())).unwrap();
    let answer = api.fetch_checkout_session(&session_id()).await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
    assert_eq!(requests(&server).await.len(), 1);
}

#[tokio::test]
async fn silence_ends_with_the_timeout_of_every_attempt() {
    let server = answering(ok(&session("open")).set_delay(Duration::from_hours(1))).await;
    let mut config = config(&server.uri());
    config.call_timeout = Duration::from_millis(50);
    let answer = StripeApi::new(config).unwrap().create_checkout_session(&params(), "key-1").await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
}

#[tokio::test]
async fn all_attempts_together_have_a_timeout_too() {
    let server = answering(ok(&session("open")).set_delay(Duration::from_hours(1))).await;
    let mut config = config(&server.uri());
    config.call_timeout = Duration::from_hours(1);
    config.retries = RetryPolicy { whole: Duration::from_millis(50), ..config.retries };
    let answer = StripeApi::new(config).unwrap().create_checkout_session(&params(), "key-1").await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_key() {
    let elsewhere = MockServer::start().await;
    for status in [301, 302, 303, 307, 308] {
        let server = answering(ResponseTemplate::new(status).insert_header("location", elsewhere.uri().as_str())).await;
        let api = StripeApi::new(config(&server.uri())).unwrap();
        let answer = api.fetch_checkout_session(&session_id()).await;
        assert!(matches!(answer, Err(GatewayError::Ambiguous(_))), "{status}");
        assert_eq!(requests(&server).await.len(), 1);
    }
    assert_eq!(requests(&elsewhere).await.len(), 0);
}
