use std::net::SocketAddr;

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// What a request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Ok,
    /// 503 with a `Retry-After`.
    Busy,
    Other,
}

/// One connection that is kept open, with one request on it at a time; opened again when it was lost.
pub(super) struct Connection {
    target: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    pub(super) const fn to(target: SocketAddr) -> Self {
        Self { target, sender: None }
    }

    pub(super) async fn open(&mut self) -> Result<()> {
        let stream = TcpStream::connect(self.target).await.context("cannot connect to the server under test")?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        self.sender = Some(sender);
        Ok(())
    }

    pub(super) async fn send(&mut self, request: Request<Full<Bytes>>) -> Answer {
        self.try_send(request).await.unwrap_or_else(|_| {
            self.sender = None;
            Answer::Other
        })
    }

    async fn try_send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer> {
        if self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            self.open().await?;
        }
        let sender = self.sender.as_mut().context("a connection was opened")?;
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        let (status, may_come_again) = (answer.status(), answer.headers().contains_key(header::RETRY_AFTER));
        answer.into_body().collect().await?;
        Ok(match status {
            StatusCode::OK => Answer::Ok,
            StatusCode::SERVICE_UNAVAILABLE if may_come_again => Answer::Busy,
            _ => Answer::Other,
        })
    }
}
