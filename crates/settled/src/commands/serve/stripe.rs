use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use secrecy::SecretString;
use settled_sandbox::{Sandbox, SandboxConfig};
use settled_stripe::{Backend, StripeApi, StripeConfig};

use crate::settings::{KeyMode, StripeSettings, key_mode};

/// The Stripe that the service talks to, and the sandbox if it is that one.
pub(super) struct Stripe {
    pub(super) gateway: Arc<StripeApi>,
    is_live: bool,
    running: Option<(Sandbox, PathBuf)>,
}

/// Connects to the account, or starts the sandbox, which posts its events to `listen_addr`.
pub(super) async fn connect(settings: &StripeSettings, listen_addr: SocketAddr) -> Result<Stripe> {
    match settings {
        StripeSettings::Account(config) => {
            let is_live = key_mode(&config.secret_key).ok() == Some(KeyMode::Live);
            let gateway = Arc::new(StripeApi::new(config.as_ref().clone())?);
            Ok(Stripe { gateway, is_live, running: None })
        }
        StripeSettings::Sandbox { addr, journal } => {
            let config = SandboxConfig {
                forward_to: Some(format!("http://{}/api/webhook/stripe", reachable(listen_addr))),
                ..SandboxConfig::new(*addr, journal.clone())
            };
            let sandbox = Sandbox::start(config).await.with_context(|| {
                format!("cannot start the sandbox on {addr} (SANDBOX_ADDR) with {}", journal.display())
            })?;
            let secrets = vec![SecretString::from(sandbox.webhook_secret())];
            let config = StripeConfig {
                api_base: sandbox.base_url().parse()?,
                backend: Backend::Sandbox,
                ..StripeConfig::new(SecretString::from(sandbox.secret_key()), secrets)
            };
            Ok(Stripe {
                gateway: Arc::new(StripeApi::new(config)?),
                is_live: false,
                running: Some((sandbox, journal.clone())),
            })
        }
    }
}

/// An address of this machine under which a listener on every interface can be reached.
fn reachable(addr: SocketAddr) -> SocketAddr {
    match addr {
        SocketAddr::V4(addr) if addr.ip().is_unspecified() => ([127, 0, 0, 1], addr.port()).into(),
        SocketAddr::V6(addr) if addr.ip().is_unspecified() => ([0, 0, 0, 0, 0, 0, 0, 1_u16], addr.port()).into(),
        addr => addr,
    }
}

impl Stripe {
    /// Where the sandbox is and where it keeps its objects, if it runs.
    pub(super) fn sandbox(&self) -> Option<(String, &Path)> {
        self.running.as_ref().map(|(sandbox, journal)| (sandbox.base_url(), journal.as_path()))
    }

    /// Real money moves.
    pub(super) const fn is_live(&self) -> bool {
        self.is_live
    }

    /// The secret of the sandbox's own tokens, which lasts as long as its journal.
    pub(super) fn token_secret(&self) -> Option<SecretString> {
        let (sandbox, _) = self.running.as_ref()?;
        Some(SecretString::from(format!("settled sandbox token {}", sandbox.secret_key())))
    }

    pub(super) async fn shutdown(self) {
        if let Some((sandbox, _)) = self.running {
            sandbox.shutdown().await;
        }
    }
}
