//! A stretch of network between the store and the server that fails when it is told to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::database::url_of;
use super::statements::Statements;

/// What becomes of the next `COMMIT`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NextCommit {
    Passes,
    IsLost,
    LosesItsAnswer,
}

pub(crate) struct Proxy {
    url: String,
    is_up: watch::Sender<bool>,
    traffic: Arc<Traffic>,
}

/// What the connections share.
struct Traffic {
    next_commit: Mutex<NextCommit>,
    statements: AtomicUsize,
}

impl Proxy {
    /// Between a store and `server`, which must be reached by TCP.
    pub(crate) async fn before(server: PgConnectOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap();
        let beyond = tokio::net::lookup_host((server.get_host(), server.get_port())).await.unwrap().next().unwrap();
        let url = url_of(&server.host("127.0.0.1").port(own.port()).ssl_mode(PgSslMode::Disable));
        let (is_up, up) = watch::channel(true);
        let traffic = Traffic { next_commit: Mutex::new(NextCommit::Passes), statements: AtomicUsize::new(0) };
        let traffic = Arc::new(traffic);
        tokio::spawn(serve(listener, beyond, up, Arc::clone(&traffic)));
        Self { url, is_up, traffic }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Cuts all connections, and every new one as soon as it is made.
    pub(crate) fn go_down(&self) {
        self.is_up.send_replace(false);
    }

    pub(crate) fn come_up(&self) {
        self.is_up.send_replace(true);
    }

    /// The connection breaks before the server has read the next `COMMIT`.
    pub(crate) fn lose_next_commit(&self) {
        *self.traffic.next_commit.lock().unwrap() = NextCommit::IsLost;
    }

    /// The connection breaks after the server has done the next `COMMIT`, and before it can say so.
    pub(crate) fn lose_answer_of_next_commit(&self) {
        *self.traffic.next_commit.lock().unwrap() = NextCommit::LosesItsAnswer;
    }

    /// How many statements were sent to the server so far.
    pub(crate) fn statements(&self) -> usize {
        self.traffic.statements.load(Ordering::Relaxed)
    }
}

async fn serve(listener: TcpListener, beyond: SocketAddr, up: watch::Receiver<bool>, traffic: Arc<Traffic>) {
    while let Ok((client, _)) = listener.accept().await {
        let (mut up, traffic) = (up.clone(), Arc::clone(&traffic));
        tokio::spawn(async move {
            tokio::select! {
                _ = up.wait_for(|up| !up) => {}
                _ = relay(client, beyond, &traffic) => {}
            }
        });
    }
}

async fn relay(mut client: TcpStream, beyond: SocketAddr, traffic: &Traffic) -> std::io::Result<()> {
    let mut server = TcpStream::connect(beyond).await?;
    let (mut said, mut answered) = ([0; 16_384], [0; 16_384]);
    let mut counted = Statements::default();
    loop {
        tokio::select! {
            read = client.read(&mut said) => {
                let said = &said[..read?];
                let is_commit = said.windows(6).any(|word| word == b"COMMIT");
                let fault = if is_commit { take(&traffic.next_commit) } else { NextCommit::Passes };
                if said.is_empty() || fault == NextCommit::IsLost {
                    return Ok(());
                }
                traffic.statements.fetch_add(counted.in_next(said), Ordering::Relaxed);
                server.write_all(said).await?;
                if fault == NextCommit::LosesItsAnswer {
                    return server.read(&mut answered).await.map(drop);
                }
            }
            read = server.read(&mut answered) => {
                let answered = &answered[..read?];
                if answered.is_empty() {
                    return Ok(());
                }
                client.write_all(answered).await?;
            }
        }
    }
}

fn take(next_commit: &Mutex<NextCommit>) -> NextCommit {
    std::mem::replace(&mut *next_commit.lock().unwrap(), NextCommit::Passes)
}
