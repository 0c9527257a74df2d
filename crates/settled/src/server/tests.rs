use std::net::SocketAddr;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::*;

/// Longer than any test waits for something that comes.
const PATIENCE: Duration = Duration::from_secs(30);

struct Server {
    addr: SocketAddr,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start(limits: ConnectionLimits) -> Self {
        let routes = Router::new()
            .route("/", get(async || "here"))
            .route("/echo", post(async |body: String| body))
            .route("/slow", get(async || tokio::time::sleep(Duration::from_millis(600)).await));
        Self::serving(routes, limits).await
    }

    async fn serving(routes: Router, limits: ConnectionLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let served = tokio::spawn(serve(listener, routes, limits, stop.clone()));
        Self { addr, stop, served }
    }

    async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.addr).await.unwrap())
    }
}

struct Client(TcpStream);

impl Client {
    async fn send(&mut self, text: &str) {
        // A server that has had enough may have hung up.
        let _ = self.0.write_all(text.as_bytes()).await;
    }

    /// Everything until the server hangs up.
    async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = timeout(PATIENCE, self.0.read_to_end(&mut bytes)).await.expect("the server hangs up");
        String::from_utf8(bytes).unwrap()
    }

    /// The next answer, whose body ends with `end`.
    async fn until(&mut self, end: &str) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(end.as_bytes()) {
            let byte = timeout(PATIENCE, self.0.read_u8()).await.expect("an answer comes").expect("all of it");
            bytes.push(byte);
        }
        String::from_utf8(bytes).unwrap()
    }
}

fn limits() -> ConnectionLimits {
    ConnectionLimits { head: Duration::from_millis(300), idle: Duration::from_secs(20), ..ConnectionLimits::default() }
}

#[tokio::test]
async fn a_head_that_comes_drop_by_drop_is_cut_off_and_others_are_served_meanwhile() {
    let server = Server::start(limits()).await;
    let mut slow = server.connect().await;
    let dripping = async {
        slow.send("GET / HTTP/1.1\r\nHost: x\r\n").await;
        for _ in 0..100 {
            slow.send("X: y\r\n").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        slow.rest().await
    };
    let other = async {
        let mut other = server.connect().await;
        other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        other.until("here").await
    };
    let (dripped, other) = tokio::join!(dripping, other);
    assert!(!dripped.contains("200"), "{dripped}");
    assert!(other.starts_with("HTTP/1.1 200"), "{other}");
}

#[tokio::test]
async fn a_connection_may_be_idle_for_longer_than_a_head_may_take() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(client.until("here").await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_in_the_end() {
    let server = Server::start(ConnectionLimits { idle: Duration::from_millis(200), ..limits() }).await;
    assert_eq!(server.connect().await.rest().await, "");
}

#[tokio::test]
async fn an_answer_may_take_longer_than_a_head() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    client.send("GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(client.rest().await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn too_many_headers_or_too_large_a_head_are_431() {
    let server = Server::start(ConnectionLimits::default()).await;
    let many = "X: y\r\n".repeat(65);
    let large = format!("X: {}\r\n", "y".repeat(16 * 1024));
    for headers in [many, large] {
        let mut client = server.connect().await;
        client.send(&format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n")).await;
        assert!(client.rest().await.starts_with("HTTP/1.1 431"));
    }
}

#[tokio::test]
async fn a_request_with_two_lengths_is_never_two_requests() {
    let server = Server::start(limits()).await;
    let smuggled = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let chunked = format!("0\r\n\r\n{smuggled}");
    for head in [
        "Content-Length: 4\r\nContent-Length: 6\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Content-Length: +4\r\n",
        "Content-Length: 0x4\r\n",
        "Transfer-Encoding : chunked\r\n",
    ] {
        let mut client = server.connect().await;
        client.send(&format!("POST /echo HTTP/1.1\r\nHost: x\r\n{head}\r\n{chunked}")).await;
        let answer = client.rest().await;
        assert!(!answer.contains("here"), "{head}: {answer}");
        assert!(answer.starts_with("HTTP/1.1 400") || answer.is_empty(), "{head}: {answer}");
    }
}

/// Hyper takes the chunks, as the standard has it, and closes the connection, so that nothing can hide behind them.
#[tokio::test]
async fn chunks_beside_a_length_are_read_as_chunks_and_nothing_after_them_is_answered() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    let head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.send(&format!("{head}0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")).await;
    let answer = client.rest().await;
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    assert!(!answer.contains("here"), "{answer}");
}

#[tokio::test]
async fn more_connections_than_there_are_places_wait_and_are_served_then() {
    let server = Server::start(ConnectionLimits { connections: 1, ..limits() }).await;
    let mut first = server.connect().await;
    first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    first.until("here").await;
    let mut second = server.connect().await;
    second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(timeout(Duration::from_millis(200), second.0.readable()).await.is_err(), "there is one place");
    drop(first);
    assert!(second.until("here").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_stop_lets_requests_finish_and_takes_no_more() {
    let (begun, has_begun) = oneshot::channel();
    let (finish, may_finish) = oneshot::channel::<()>();
    let gate = Arc::new(std::sync::Mutex::new(Some((begun, may_finish))));
    let handler = move || {
        let (begun, may_finish) = gate.lock().unwrap().take().unwrap();
        async move {
            begun.send(()).unwrap();
            may_finish.await.unwrap();
            "finished"
        }
    };
    let server = Server::serving(Router::new().route("/", get(handler)), limits()).await;
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    has_begun.await.unwrap();
    server.stop.cancel();
    finish.send(()).unwrap();
    assert!(client.rest().await.ends_with("finished"));
    timeout(PATIENCE, server.served).await.expect("it ends").unwrap();
    assert!(TcpStream::connect(server.addr).await.is_err());
}
