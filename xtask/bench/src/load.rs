//! The load sender: requests over many connections, either as fast as they are answered or at a constant rate.

mod closed;
mod connection;
mod open;
mod reads;
mod webhooks;

use std::time::Duration;

use hdrhistogram::Histogram;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;

pub(crate) use closed::as_fast_as_answered;
pub(crate) use open::{Offer, at_constant_rate};
pub(crate) use reads::Reads;
pub(crate) use webhooks::{Mix, Webhooks};

/// What to send.
pub(crate) trait Requests: Send + Sync + 'static {
    /// The next request, and its number.
    fn next(&self) -> (u64, Request<Full<Bytes>>);
}

/// What came of it.
pub(crate) struct Load {
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// The numbers of the requests that were answered 200.
    pub(crate) acknowledged: Vec<u64>,
    /// How many were answered 503 with a `Retry-After`.
    pub(crate) refused: u64,
    /// How many were answered otherwise, or not at all.
    pub(crate) failed: u64,
    /// How long the answers took, in microseconds; with a constant rate, since the request was due.
    pub(crate) latency_us: Histogram<u64>,
    /// The same of the refusals.
    pub(crate) refusal_us: Histogram<u64>,
}

impl Load {
    fn new() -> Self {
        // A minute, to three digits.
        let histogram = || Histogram::new_with_bounds(1, 60_000_000, 3).expect("bounds of a histogram");
        Self {
            elapsed: Duration::ZERO,
            acknowledged: Vec::new(),
            refused: 0,
            failed: 0,
            latency_us: histogram(),
            refusal_us: histogram(),
        }
    }

    fn note(&mut self, number: u64, answer: connection::Answer, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        match answer {
            connection::Answer::Ok => {
                self.acknowledged.push(number);
                self.latency_us.saturating_record(us);
            }
            connection::Answer::Busy => {
                self.refused += 1;
                self.refusal_us.saturating_record(us);
            }
            connection::Answer::Other => self.failed += 1,
        }
    }

    fn add(&mut self, other: &Self) {
        self.acknowledged.extend_from_slice(&other.acknowledged);
        self.refused += other.refused;
        self.failed += other.failed;
        self.latency_us.add(&other.latency_us).expect("histograms of the same bounds");
        self.refusal_us.add(&other.refusal_us).expect("histograms of the same bounds");
    }

    /// Answers 200 a second.
    pub(crate) fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let answered = self.acknowledged.len() as f64;
        answered / self.elapsed.as_secs_f64()
    }
}
