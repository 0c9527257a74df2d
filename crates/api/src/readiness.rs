use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this process still wants new requests. Clones share one flag: the host keeps one and calls
/// [`drain`](Self::drain) when it begins to stop, the router keeps another and tells load balancers.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    draining: Arc<AtomicBool>,
}

impl Readiness {
    /// A process that wants requests.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on `GET /readyz` answers 503, so that load balancers send nothing more. Requests are still served.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// [`drain`](Self::drain) was called.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}
