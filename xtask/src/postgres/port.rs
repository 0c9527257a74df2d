use std::net::TcpListener;

use anyhow::{Context, Result};

/// A port on which nobody listens at present.
pub(super) fn free() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
    Ok(listener.local_addr().context("no free port")?.port())
}
