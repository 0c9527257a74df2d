//! SQLite, written row at a time: a transaction for each renewal, as durable as the service's.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use settled_domain::ports::Clock;
use settled_engine::SystemClock;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

use crate::event::{FIRST_SECOND, PERIOD_END, scattered};
use crate::ids::stripe_id;

pub(crate) struct PlainRows {
    connection: SqliteConnection,
    rows: u64,
    written: u64,
}

impl PlainRows {
    pub(crate) async fn open(url: &str, rows: u64) -> Result<Self> {
        let options: SqliteConnectOptions = url.parse()?;
        let connection = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .connect()
            .await
            .context("cannot open the file")?;
        Ok(Self { connection, rows, written: 0 })
    }

    /// Transactions a second.
    pub(crate) async fn rate(&mut self, time: Duration) -> Result<f64> {
        let (begun, before) = (Instant::now(), self.written);
        while begun.elapsed() < time {
            self.write_one().await.context("a plain transaction failed")?;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let written = (self.written - before) as f64;
        Ok(written / begun.elapsed().as_secs_f64())
    }

    async fn write_one(&mut self) -> Result<(), sqlx::Error> {
        let (n, connection) = (scattered(self.written, self.rows), &mut self.connection);
        let (event, subscription) = (format!("evt_2S{:018}", self.written), stripe_id("sub_", n));
        let now = micros(SystemClock.now().unix_timestamp_nanos() / 1_000);
        let second = micros(i128::from(FIRST_SECOND) * 1_000_000);
        let version = i64::try_from(self.written).unwrap_or(0) + 1_000_000;
        self.written += 1;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
        let insert_event = "INSERT INTO webhook_events (
                id, type, object_id, api_version, livemode, event_created, received_at, source, outcome
            ) VALUES (?, 'customer.subscription.updated', ?, '2026-09-30.endive', 0, ?, ?, 'webhook', 'processed')
            ON CONFLICT (id) DO NOTHING";
        let claim = sqlx::query(insert_event).bind(&event).bind(&subscription).bind(second).bind(now);
        claim.execute(&mut *connection).await?;
        let customer = sqlx::query("SELECT key, user_id, customer_id FROM customers WHERE customer_id = ?");
        customer.bind(stripe_id("cus_", n)).fetch_all(&mut *connection).await?;
        sqlx::query("SELECT * FROM subscriptions WHERE id = ?").bind(&subscription).fetch_all(&mut *connection).await?;
        let update = "UPDATE subscriptions
            SET current_period_end = ?, as_of = ?, version = version + 1
            WHERE id = ?";
        let period_end = micros(i128::from(PERIOD_END) * 1_000_000) + version;
        let renew = sqlx::query(update).bind(period_end).bind(second).bind(&subscription);
        renew.execute(&mut *connection).await?;
        let insert_transition =
            "INSERT INTO transitions (object_id, version, from_status, to_status, cause, event_id, at)
            VALUES (?, ?, 'active', 'active', 'webhook', ?, ?)
            ON CONFLICT (object_id, version) DO NOTHING";
        let record = sqlx::query(insert_transition).bind(&subscription).bind(version).bind(&event).bind(now);
        record.execute(&mut *connection).await?;
        sqlx::query("COMMIT").execute(&mut *connection).await?;
        Ok(())
    }
}

fn micros(since_1970: i128) -> i64 {
    i64::try_from(since_1970).expect("a time of our days")
}
