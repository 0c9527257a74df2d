use anyhow::Result;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use time::OffsetDateTime;

use super::CONNECTIONS;
use crate::rows::READER;

#[derive(Deserialize)]
struct Question {
    session_id: String,
}

#[derive(Serialize, sqlx::FromRow)]
struct Found {
    session_id: String,
    status: String,
    total_minor: Option<i64>,
    currency: String,
    #[serde(with = "time::serde::rfc3339::option")]
    settled_at: Option<OffsetDateTime>,
}

/// A bare route with one prepared statement on a pool of the same size: no token, no rules, no headers.
pub(super) async fn router(database_url: &str) -> Result<Router> {
    let pool =
        PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect(database_url).await?;
    Ok(Router::new().route("/api/payment-status", get(status)).with_state(pool))
}

async fn status(State(pool): State<PgPool>, Query(question): Query<Question>) -> Result<Json<Found>, StatusCode> {
    let statement = "SELECT session_id, status, total_minor, currency, settled_at
                     FROM payments
                     WHERE session_id = $1 AND user_id = $2";
    let found: Option<Found> = sqlx::query_as(statement)
        .bind(question.session_id)
        .bind(READER)
        .fetch_optional(&pool)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    found.map(Json).ok_or(StatusCode::NOT_FOUND)
}
