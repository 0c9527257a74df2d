//! What the program needs before anybody asks it for anything.

use anyhow::{Context, Result};

use crate::database::Database;
use crate::run::Bench;
use crate::samples::Samples;
use crate::server::Server;

pub(crate) async fn measure(bench: &mut Bench<'_>, postgres: &Database, sqlite: &Database) -> Result<()> {
    let options = bench.options;
    let size = std::fs::metadata(&options.settled).context("cannot look at the program")?.len();
    let mut lines = vec![vec!["size of the program".to_owned(), format!("{:.1} MiB", mib(size))]];
    for (name, database) in [("PostgreSQL", postgres), ("SQLite", sqlite)] {
        let (mut starts, mut resident) = (Samples::default(), Samples::default());
        for _ in 0..options.rounds {
            let server = Server::settled(&options.settled, &database.url(), bench.stripe).await?;
            starts.push(server.started_in.as_secs_f64() * 1_000.0);
            let (kib, _) = server.memory_kib()?;
            resident.push(mib(kib * 1024));
        }
        lines.push(vec![format!("from its start until it is ready, {name}"), format!("{starts} ms")]);
        lines.push(vec![format!("memory at rest, {name}"), format!("{resident} MiB")]);
    }
    bench.report.heading("Size, start, memory");
    bench.report.table(&["", ""], &lines);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "sizes far below 2^52")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
