//! Whether a webhook costs more when the tables are large, and what the server has to do for it then.

use std::time::Duration;

use anyhow::Result;

use crate::activity::{self, Activity};
use crate::database::Database;
use crate::ingest::rate;
use crate::load::{Mix, Webhooks};
use crate::report::Line;
use crate::run::Bench;
use crate::samples::Samples;
use crate::server::Server;

const CONNECTIONS: usize = 64;

/// Tables of one size, and the service over them.
struct Subject {
    rows: u64,
    database: Database,
    server: Server,
    rates: Samples,
    activity: Activity,
}

impl Subject {
    async fn prepare(bench: &Bench<'_>, rows: u64) -> Result<Self> {
        let options = bench.options;
        let database = Database::on_postgres(&options.postgres_url, &rows.to_string()).await?;
        database.prepare(&options.settled, rows).await?;
        let server = Server::settled(&options.settled, &database.url(), bench.stripe).await?;
        Webhooks::begin_after(rows);
        Ok(Self { rows, database, server, rates: Samples::default(), activity: Activity::default() })
    }

    async fn measure(&mut self, bench: &Bench<'_>) -> Result<()> {
        let before = activity::of(&self.database.url()).await?;
        self.rates.push(rate(self.server.addr, self.rows, Mix::New, CONNECTIONS, bench.time()).await?);
        self.activity += activity::of(&self.database.url()).await? - before;
        Ok(())
    }

    fn name(&self) -> String {
        format!("{} rows in each table", self.rows)
    }

    /// What each webhook made the server do.
    fn cost(&self, time: Duration) -> Vec<String> {
        let webhooks = self.rates.sum() * time.as_secs_f64();
        let Activity { wal_bytes, full_pages, blocks_read } = self.activity;
        vec![
            self.name(),
            format!("{:.1} KiB", wal_bytes / webhooks / 1024.0),
            format!("{:.2}", full_pages / webhooks),
            format!("{:.2}", blocks_read / webhooks),
        ]
    }
}

/// Fills databases of growing size, and measures them in turn, so that a slower minute of the machine meets all.
pub(crate) async fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let mut subjects = Vec::new();
    for &rows in &bench.options.sizes {
        subjects.push(Subject::prepare(bench, rows).await?);
    }
    for _ in 0..bench.options.rounds {
        for subject in &mut subjects {
            subject.measure(bench).await?;
        }
    }
    bench.report.heading("Webhooks over growing tables, PostgreSQL");
    let names: Vec<_> = subjects.iter().map(Subject::name).collect();
    let lines: Vec<_> =
        names.iter().zip(&subjects).map(|(name, subject)| Line { subject: name, samples: &subject.rates }).collect();
    bench.report.rates(&format!("{CONNECTIONS} connections"), &lines);
    let costs: Vec<_> = subjects.iter().map(|subject| subject.cost(bench.time())).collect();
    bench.report.table(&["for each webhook", "log written", "whole pages in it", "pages not in the cache"], &costs);
    for subject in subjects {
        drop(subject.server);
        subject.database.remove().await?;
    }
    Ok(())
}
