//! Streams as clients of all manners use them.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Service, Shopper, until};

/// Asks for the stream of a session, and reads nothing yet.
async fn connect(shopper: &Shopper, session: &str) -> TcpStream {
    let host = shopper.url.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "GET /api/payment-status/stream?session_id={session} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer \
         {}\r\n\r\n",
        shopper.token
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    connection
}

/// Reads on until `part` has come by; everything that was read.
async fn read_until(connection: &mut TcpStream, part: &str) -> String {
    let mut read = String::new();
    let mut piece = [0; 4_096];
    while !read.contains(part) {
        let length = connection.read(&mut piece).await.unwrap();
        assert!(length > 0, "the stream ended before {part}: {read}");
        read.push_str(std::str::from_utf8(&piece[..length]).unwrap());
    }
    read
}

/// A service, and Alice with a checkout that is not paid yet.
async fn open_payment() -> (Service, Shopper, Value) {
    let service = Service::start();
    let alice = service.shopper("alice").await;
    let checkout = alice.checkout("price_lifetime").await;
    (service, alice, checkout)
}

async fn open(shopper: &Shopper, session: &str) -> TcpStream {
    let mut connection = connect(shopper, session).await;
    read_until(&mut connection, "\"pending\"").await;
    connection
}

fn assert_that_it_stops_with_nothing_unfinished(service: Service) {
    let (status, log) = service.process.process.terminate();
    assert!(status.success(), "{log:#?}");
    assert!(!log.iter().any(|line| line.contains("did not finish")), "{log:#?}");
}

#[tokio::test]
async fn every_stream_of_a_session_hears_of_its_payment() {
    let (_service, alice, checkout) = open_payment().await;
    let session = checkout["session_id"].as_str().unwrap();
    let mut streams = [open(&alice, session).await, open(&alice, session).await];
    let landing = alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
    for stream in &mut streams {
        let told = read_until(stream, "\"succeeded\"").await;
        assert!(told.contains("event: status") && told.contains("\"settled_by\":\"webhook\""), "{told}");
    }
    assert!(landing.contains(session));
}

#[tokio::test]
async fn a_request_that_waits_is_answered_by_the_payment() {
    let (_service, alice, checkout) = open_payment().await;
    let session = checkout["session_id"].as_str().unwrap().to_owned();
    let waiting = tokio::spawn({
        let alice = alice.clone();
        async move { alice.get(&format!("/api/payment-status?session_id={session}&wait=30")).await }
    });
    alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
    let answer: Value = waiting.await.unwrap().json().await.unwrap();
    assert_eq!(answer["status"], "succeeded");
}

#[tokio::test]
async fn who_never_reads_is_in_nobodys_way() {
    let (service, alice, checkout) = open_payment().await;
    let session = checkout["session_id"].as_str().unwrap();
    let mut deaf = Vec::new();
    for _ in 0..9 {
        deaf.push(connect(&alice, session).await);
    }
    let mut listening = open(&alice, session).await;
    alice.pay(&checkout, "4242424242424242").await.expect("the card pays");
    read_until(&mut listening, "\"succeeded\"").await;
    assert_that_it_stops_with_nothing_unfinished(service);
    drop(deaf);
}

#[tokio::test]
async fn a_thousand_who_connect_and_vanish_leave_their_places_to_others() {
    let (service, alice, checkout) = open_payment().await;
    let session = checkout["session_id"].as_str().unwrap();
    let bob = service.shopper("bob").await;
    let other = bob.checkout("price_lifetime").await;
    let other = other["session_id"].as_str().unwrap();
    for _ in 0..50 {
        let crowd: Vec<_> = (0..10).flat_map(|_| [connect(&alice, session), connect(&bob, other)]).collect();
        drop(futures_util::future::join_all(crowd).await);
    }
    // All ten places of the user are free again, as soon as the service has noticed who has gone.
    let mut streams = Vec::new();
    until("ten places", async || {
        let mut connection = connect(&alice, session).await;
        let mut head = [0; 12];
        connection.read_exact(&mut head).await.unwrap();
        if &head == b"HTTP/1.1 200" {
            streams.push(connection);
        }
        (streams.len() == 10).then_some(())
    })
    .await;
    assert_eq!(alice.status_of(&checkout).await["status"], "pending");
}

#[tokio::test]
async fn a_stop_ends_open_streams_at_once_and_says_when_to_come_again() {
    let (service, alice, checkout) = open_payment().await;
    let mut stream = open(&alice, checkout["session_id"].as_str().unwrap()).await;
    assert_that_it_stops_with_nothing_unfinished(service);
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("retry: "), "{rest}");
}
