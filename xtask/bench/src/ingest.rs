//! How many webhooks are taken in a second.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::database::Database;
use crate::load::{Mix, Webhooks, as_fast_as_answered};
use crate::pgbench::{Pgbench, Script};
use crate::plain_rows::PlainRows;
use crate::report::Line;
use crate::run::Bench;
use crate::samples::Samples;
use crate::server::{Server, WEBHOOK_SECRET};

/// The mixes beside `New` are measured over this many connections only.
const CONNECTIONS_OF_MIXES: usize = 64;

pub(crate) async fn on_postgres(bench: &mut Bench<'_>, database: &Database) -> Result<()> {
    let (options, url, time) = (bench.options, database.url(), bench.time());
    Webhooks::begin_after(options.rows);
    let settled = Server::settled(&options.settled, &url, bench.stripe).await?;
    let direct = Server::baseline("direct", &url, bench.stripe).await?;
    let verify = Server::baseline("verify", &url, bench.stripe).await?;
    let pgbench = Pgbench::new(&options.pgbench, &url, options.rows)?;
    bench.report.heading("Webhooks on PostgreSQL");
    for &connections in &options.connections {
        let mut samples: [Samples; 5] = Default::default();
        for _ in 0..options.rounds {
            for (at, server) in [settled.addr, direct.addr, verify.addr].into_iter().enumerate() {
                samples[at].push(rate(server, options.rows, Mix::New, connections, time).await?);
            }
            for (at, script) in [Script::FiveStatements, Script::OneStatement].into_iter().enumerate() {
                samples[at + 3].push(pgbench.rate(script, connections, time).await?);
            }
        }
        let names = [
            "settled",
            "the same routes, a transaction for each event",
            "a route that only verifies",
            "pgbench, a transaction of five statements",
            "pgbench, one statement",
        ];
        let lines: Vec<_> = names.iter().zip(&samples).map(|(&subject, samples)| Line { subject, samples }).collect();
        bench.report.rates(&format!("{connections} connections"), &lines);
    }
    mixes(bench, settled.addr).await
}

pub(crate) async fn on_sqlite(bench: &mut Bench<'_>, database: &Database) -> Result<()> {
    let (options, url, time) = (bench.options, database.url(), bench.time());
    Webhooks::begin_after(options.rows);
    let settled = Server::settled(&options.settled, &url, bench.stripe).await?;
    let mut plain = PlainRows::open(&url, options.rows).await?;
    bench.report.heading("Webhooks on SQLite");
    for &connections in &options.connections {
        let (mut ours, mut theirs) = (Samples::default(), Samples::default());
        for _ in 0..options.rounds {
            ours.push(rate(settled.addr, options.rows, Mix::New, connections, time).await?);
            theirs.push(plain.rate(time).await?);
        }
        let lines = [
            Line { subject: "settled", samples: &ours },
            Line { subject: "one connection, a durable transaction for each event", samples: &theirs },
        ];
        bench.report.rates(&format!("{connections} connections"), &lines);
    }
    mixes(bench, settled.addr).await
}

async fn mixes(bench: &mut Bench<'_>, settled: SocketAddr) -> Result<()> {
    let (options, time) = (bench.options, bench.time());
    let mixes = [(Mix::New, "all new"), (Mix::TenthAgain, "a tenth again"), (Mix::Hot, "all about one subscription")];
    let mut samples: [Samples; 3] = Default::default();
    for _ in 0..options.rounds {
        for (at, (mix, _)) in mixes.iter().enumerate() {
            samples[at].push(rate(settled, options.rows, *mix, CONNECTIONS_OF_MIXES, time).await?);
        }
    }
    let lines: Vec<_> = mixes.iter().zip(&samples).map(|((_, subject), samples)| Line { subject, samples }).collect();
    bench.report.rates(&format!("events, {CONNECTIONS_OF_MIXES} connections"), &lines);
    Ok(())
}

/// Webhooks a second, every one of them answered 200.
pub(crate) async fn rate(server: SocketAddr, rows: u64, mix: Mix, connections: usize, time: Duration) -> Result<f64> {
    let webhooks = Arc::new(Webhooks::new(WEBHOOK_SECRET, rows, mix));
    let load = as_fast_as_answered(server, webhooks, connections, time).await?;
    ensure!(load.failed + load.refused == 0, "{} webhooks failed and {} were refused", load.failed, load.refused);
    Ok(load.rate())
}
