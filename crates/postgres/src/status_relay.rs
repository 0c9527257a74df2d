use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use settled_domain::ids::SessionId;
use settled_domain::ports::{RelayedNews, StatusRelay, StoreError};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::Mutex;

use crate::database::on_a_live_connection;
use crate::error::store_error;
use crate::settings::PgSettings;

const CHANNEL: &str = "settled_status";
/// The server refuses a payload of 8,000 bytes.
const MAX_PAYLOAD_BYTES: usize = 7_900;

/// News between replicas by `NOTIFY` and `LISTEN`, on two connections of its own: one that tells and one that listens.
pub struct PgStatusRelay {
    telling: PgPool,
    listening: PgPool,
    listener: Mutex<Option<PgListener>>,
    /// The server's number for the connection that tells: what comes from there, this process knows already.
    own_process: Arc<AtomicU32>,
}

impl PgStatusRelay {
    pub(crate) fn new(server: &PgConnectOptions, settings: &PgSettings) -> Self {
        let own_process = Arc::new(AtomicU32::new(0));
        let number = Arc::clone(&own_process);
        let telling = one_connection(settings)
            .after_connect(move |connection, _| {
                let number = Arc::clone(&number);
                Box::pin(async move {
                    let own: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(connection).await?;
                    number.store(own.unsigned_abs(), Ordering::Relaxed);
                    Ok(())
                })
            })
            .connect_lazy_with(server.clone());
        let listening = one_connection(settings).connect_lazy_with(server.clone());
        Self { telling, listening, listener: Mutex::new(None), own_process }
    }

    /// Closes its connections.
    pub async fn close(&self) {
        *self.listener.lock().await = None;
        self.telling.close().await;
        self.listening.close().await;
    }

    async fn tell(&self, payloads: &[String]) -> Result<(), StoreError> {
        // Not checked by the macros: nothing of the schema is in it.
        sqlx::query("SELECT pg_notify($1, payload) FROM UNNEST($2::text[]) AS payload")
            .bind(CHANNEL)
            .bind(payloads)
            .execute(&self.telling)
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn listen(&self) -> Result<PgListener, StoreError> {
        let mut listener = PgListener::connect_with(&self.listening).await.map_err(store_error)?;
        listener.listen(CHANNEL).await.map_err(store_error)?;
        Ok(listener)
    }
}

fn one_connection(settings: &PgSettings) -> PgPoolOptions {
    PgPoolOptions::new().max_connections(1).acquire_timeout(settings.acquire_timeout).test_before_acquire(false)
}

impl fmt::Debug for PgStatusRelay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PgStatusRelay").finish_non_exhaustive()
    }
}

#[async_trait]
impl StatusRelay for PgStatusRelay {
    async fn send(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        let payloads = payloads(sessions);
        on_a_live_connection(&self.telling, || self.tell(&payloads)).await
    }

    async fn receive(&self) -> Result<RelayedNews, StoreError> {
        let mut place = self.listener.lock().await;
        let listener = match &mut *place {
            Some(listener) => listener,
            vacant => {
                *vacant = Some(self.listen().await?);
                // Whatever was told before is lost.
                return Ok(RelayedNews::OfAny);
            }
        };
        loop {
            match listener.try_recv().await {
                Ok(Some(told)) if told.process_id() == self.own_process.load(Ordering::Relaxed) => {}
                Ok(Some(told)) => return Ok(RelayedNews::Of(sessions_in(told.payload()))),
                Ok(None) => return Ok(RelayedNews::OfAny),
                Err(error) => {
                    *place = None;
                    return Err(store_error(error));
                }
            }
        }
    }
}

/// The sessions, as many in a payload as there is room for.
fn payloads(sessions: &[SessionId]) -> Vec<String> {
    let mut payloads: Vec<String> = Vec::new();
    for session in sessions {
        match payloads.last_mut() {
            Some(payload) if payload.len() + 1 + session.as_str().len() <= MAX_PAYLOAD_BYTES => {
                payload.push(' ');
                payload.push_str(session.as_str());
            }
            _ => payloads.push(session.to_string()),
        }
    }
    payloads
}

/// Anybody who may connect may tell anything: what is no session is passed over.
fn sessions_in(payload: &str) -> Vec<SessionId> {
    payload.split(' ').filter_map(|text| SessionId::new(text).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_into_payloads_comes_out_again() {
        let sessions: Vec<_> = (0..1_000).map(|n| SessionId::new(format!("cs_test_{n:0>60}")).unwrap()).collect();
        let payloads = payloads(&sessions);
        assert_eq!(payloads.len(), 9);
        assert!(payloads.iter().all(|payload| payload.len() < 8_000));
        let read: Vec<_> = payloads.iter().flat_map(|payload| sessions_in(payload)).collect();
        assert_eq!(read, sessions);
        assert!(super::payloads(&[]).is_empty());
    }

    #[test]
    fn nonsense_is_passed_over() {
        let read = sessions_in("  cs_1 sub_2 '; DROP TABLE payments; -- cs_\u{1F980} cs_3\n cs_4");
        assert_eq!(read, ["cs_1", "cs_4"].map(|id| SessionId::new(id).unwrap()));
    }
}
