//! Patience with a client that has begun to send a request, apart from that with one that is idle: hyper has one timeout
//! for both.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How far the requests of a connection have come. Shared by the connection and its service.
#[derive(Clone, Default)]
pub(super) struct Phase(Arc<Progress>);

#[derive(Default)]
struct Progress {
    /// How many heads were complete.
    heads: AtomicUsize,
    is_answering: AtomicBool,
}

impl Phase {
    /// Answers a request whose head is complete.
    pub(super) async fn during<T>(&self, answer: impl Future<Output = T>) -> T {
        self.0.heads.fetch_add(1, Ordering::Relaxed);
        self.0.is_answering.store(true, Ordering::Relaxed);
        let answer = answer.await;
        self.0.is_answering.store(false, Ordering::Relaxed);
        answer
    }
}

/// A connection that fails to be read when the head of a request takes too long.
pub(super) struct Patient {
    stream: TcpStream,
    phase: Phase,
    limit: Duration,
    /// Running since the first byte of a head.
    deadline: Option<Pin<Box<Sleep>>>,
    /// How many heads were complete when we last looked.
    heads: usize,
}

pub(super) fn watch(stream: TcpStream, limit: Duration) -> (Patient, Phase) {
    let phase = Phase::default();
    (Patient { stream, phase: phase.clone(), limit, deadline: None, heads: 0 }, phase)
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        let progress = &this.phase.0;
        let heads = progress.heads.load(Ordering::Relaxed);
        if heads != this.heads {
            this.heads = heads;
            this.deadline = None;
        }
        if progress.is_answering.load(Ordering::Relaxed) {
            return read;
        }
        if buffer.filled().len() > before && this.deadline.is_none() {
            this.deadline = Some(Box::pin(sleep_until(Instant::now() + this.limit)));
        }
        if let Some(deadline) = &mut this.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
