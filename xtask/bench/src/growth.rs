//! Whether a webhook costs more when the tables are large.

use anyhow::Result;

use crate::database::Database;
use crate::ingest::rate;
use crate::load::{Mix, Webhooks};
use crate::report::Line;
use crate::run::Bench;
use crate::samples::Samples;
use crate::server::Server;

const CONNECTIONS: usize = 64;

/// Fills databases of growing size, and measures them in turn, so that a slower minute of the machine meets all.
pub(crate) async fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let options = bench.options;
    let mut subjects = Vec::new();
    for &size in &options.sizes {
        let database = Database::on_postgres(&options.postgres_url, &size.to_string()).await?;
        database.prepare(&options.settled, size).await?;
        let server = Server::settled(&options.settled, &database.url(), bench.stripe).await?;
        Webhooks::begin_after(size);
        subjects.push((size, database, server, Samples::default()));
    }
    for _ in 0..options.rounds {
        for (size, _, server, samples) in &mut subjects {
            samples.push(rate(server.addr, *size, Mix::New, CONNECTIONS, bench.time()).await?);
        }
    }
    bench.report.heading("Webhooks over growing tables, PostgreSQL");
    let names: Vec<_> = subjects.iter().map(|(size, ..)| format!("{size} rows in each table")).collect();
    let lines: Vec<_> = names.iter().zip(&subjects).map(|(subject, (.., samples))| Line { subject, samples }).collect();
    bench.report.rates(&format!("{CONNECTIONS} connections"), &lines);
    for (_, database, server, _) in subjects {
        drop(server);
        database.remove().await?;
    }
    Ok(())
}
