use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;

use super::Requests;
use crate::ids::stripe_id;

/// Status requests of one user, each for another payment.
pub(crate) struct Reads {
    token: String,
    payments: u64,
}

impl Reads {
    pub(crate) fn new(token: &str, payments: u64) -> Self {
        Self { token: format!("Bearer {token}"), payments }
    }
}

impl Requests for Reads {
    fn next(&self) -> (u64, Request<Full<Bytes>>) {
        let payment = fastrand::u64(..self.payments);
        let request = Request::get(format!("/api/payment-status?session_id={}", stripe_id("cs_test_", payment)))
            .header("host", "bench")
            .header("authorization", &self.token)
            .body(Full::default())
            .expect("a request of constant parts");
        (payment, request)
    }
}
