use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// A server that one test has to itself, so that it may be killed. It is removed with the value.
pub(crate) struct OwnServer {
    pub(crate) options: PgConnectOptions,
    requests: OwnedWriteHalf,
    answers: Lines<BufReader<OwnedReadHalf>>,
}

impl OwnServer {
    /// `cargo xtask test` makes one, unless it was told to use a server that is not its own.
    pub(crate) async fn made_on_request() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "this is where the tests are told about the server")]
        let address = std::env::var("SETTLED_TEST_POSTGRES_ON_REQUEST").ok()?;
        let (answers, requests) = TcpStream::connect(address).await.unwrap().into_split();
        let mut answers = BufReader::new(answers).lines();
        let url = answers.next_line().await.unwrap().expect("a url");
        Some(Self { options: url.parse().unwrap_or_else(|_| panic!("{url}")), requests, answers })
    }

    /// Kills it as a power cut would, and waits until it has started again.
    pub(crate) async fn kill_and_start(&mut self) {
        self.requests.write_all(b"kill and start\n").await.unwrap();
        assert_eq!(self.answers.next_line().await.unwrap().as_deref(), Some("started again"));
    }
}
