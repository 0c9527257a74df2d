//! What a sandbox needs to know to start.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::{FaultPlan, ManualClock};

/// How to run a sandbox.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Where to listen. Port 0 takes any free one; [`Sandbox::base_url`](crate::Sandbox::base_url) tells which.
    pub listen: SocketAddr,
    /// The JSON-lines file that everything is remembered in. It is created with mode 0600, since
    /// it holds the sandbox's secrets.
    pub journal: PathBuf,
    /// The webhook endpoint that events are posted to. Without one, events are only recorded.
    pub forward_to: Option<String>,
    /// How long a customer who paid waits for `checkout.session.completed` to be answered with a
    /// 2xx before the redirect, at most.
    pub redirect_hold: Duration,
    /// How long a bank debit is under way before it settles or fails by itself. Whole seconds count.
    pub debit_delay: Duration,
    /// The time that it goes by; without one the machine's. With one, nothing happens by itself, not even a delivery:
    /// see [`Sandbox::advance_to`](crate::Sandbox::advance_to).
    pub clock: Option<ManualClock>,
    /// What is to go wrong from the start.
    pub faults: Option<FaultPlan>,
}

impl SandboxConfig {
    /// A sandbox without a webhook endpoint, whose redirects wait 10 seconds at most, as
    /// [Stripe's do](https://docs.stripe.com/payments/checkout/fulfillment), and whose bank debits
    /// take 10 seconds.
    #[must_use]
    pub fn new(listen: SocketAddr, journal: PathBuf) -> Self {
        let ten_seconds = Duration::from_secs(10);
        Self {
            listen,
            journal,
            forward_to: None,
            redirect_hold: ten_seconds,
            debit_delay: ten_seconds,
            clock: None,
            faults: None,
        }
    }
}
