use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Whether this process still wants new requests. Clones share one flag: the host keeps one and calls
/// [`drain`](Self::drain) when it begins to stop, the router keeps another and tells load balancers and those who wait.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    draining: CancellationToken,
}

impl Readiness {
    /// A process that wants requests.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on `GET /readyz` answers 503, so that load balancers send nothing more, and whoever waits for a payment
    /// is answered with what is known. Requests are still served.
    pub fn drain(&self) {
        self.draining.cancel();
    }

    /// [`drain`](Self::drain) was called.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Waits until [`drain`](Self::drain) is called.
    pub(crate) fn drained(&self) -> WaitForCancellationFutureOwned {
        self.draining.clone().cancelled_owned()
    }
}
