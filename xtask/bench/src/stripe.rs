//! As much of Stripe as a server asks for while it is measured: its account. Anything else is asked to come back later.

use std::net::SocketAddr;

use anyhow::Result;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;

use crate::rows::ACCOUNT;

pub(crate) async fn start() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let account = async || Json(json!({ "id": ACCOUNT, "object": "account" }));
    let later = async || {
        let error = json!({ "error": { "type": "invalid_request_error", "code": "rate_limit" } });
        (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "3600")], Json(error))
    };
    let router = Router::new().route("/v1/account", get(account)).fallback(later);
    tokio::spawn(axum::serve(listener, router).into_future());
    Ok(addr)
}
