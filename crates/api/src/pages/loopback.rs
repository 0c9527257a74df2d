use axum::http::{HeaderMap, header};
use url::{Host, Url};

use crate::config::{ApiConfig, SandboxLogin};

/// Where a visitor of the sandbox should be instead, who has typed another name of the same machine.
///
/// The cookie belongs to the name in the address bar, and Stripe sends the customer back to the public URL: who signs in on
/// `localhost` and comes back to `127.0.0.1` is a stranger there. Outside the sandbox a reverse proxy may have rewritten the
/// name, so there it says nothing.
pub(super) fn elsewhere<'a>(config: &'a ApiConfig, headers: &HeaderMap) -> Option<&'a Url> {
    if config.sandbox_login != SandboxLogin::Enabled {
        return None;
    }
    let asked = headers.get(header::HOST)?.to_str().ok()?;
    let asked = Url::parse(&format!("{}://{asked}/", config.public_url.scheme())).ok()?;
    let public = &config.public_url;
    let is_other_name = asked.port() == public.port() && asked.host() != public.host();
    (is_other_name && is_this_machine(&asked) && is_this_machine(public)).then_some(public)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
