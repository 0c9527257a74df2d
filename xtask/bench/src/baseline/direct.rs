use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use settled_api::{ApiConfig, AuthConfig, Readiness};
use settled_domain::checkout::{Assortment, PromotionCodes, ReturnUrls};
use settled_domain::installation::{Installation, StripeMode};
use settled_domain::ports::Clock;
use settled_domain::webhook::DirectIntake;
use settled_domain::{Policy, Ports, Settled};
use settled_engine::{RandomIds, SystemClock};
use settled_postgres::{PgSettings, PgStore};
use time::Duration;

use super::{CONNECTIONS, verify};
use crate::rows::ACCOUNT;
use crate::server::TOKEN_SECRET;

/// The service's own routes over the intake that has no queue: each webhook is a transaction of its own, as many at once as
/// there are connections.
pub(super) async fn router(database_url: &str, stripe: SocketAddr) -> Result<Router> {
    let settings = PgSettings { max_connections: CONNECTIONS, ..PgSettings::default() };
    let store = Arc::new(PgStore::open_with(database_url, &settings).await?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let home = Installation { mode: StripeMode::Test, account_id: ACCOUNT.parse()? };
    let intake = DirectIntake::new(Arc::clone(&store) as _, Arc::clone(&clock), home);
    let ports = Ports { store, gateway: Arc::new(verify::gateway(stripe)?), clock, ids: Arc::new(RandomIds) };
    let return_urls = ReturnUrls { success: "http://bench/success".into(), cancel: "http://bench/cancel".into() };
    let policy = Policy {
        return_urls,
        past_due_grace: Duration::ZERO,
        assortment: Assortment::Everything,
        promotion_codes: PromotionCodes::NotTaken,
    };
    let config = ApiConfig::new("http://bench/".parse()?, AuthConfig::new(TOKEN_SECRET.into())?)?;
    Ok(settled_api::router(Settled::new(ports, Arc::new(intake), policy), Readiness::new(), config))
}
