//! How many status requests are answered in a second.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::database::Database;
use crate::load::{Offer, Reads, Requests, as_fast_as_answered, at_constant_rate};
use crate::report::Line;
use crate::rows::READER;
use crate::run::Bench;
use crate::samples::Samples;
use crate::server::{Server, TOKEN_SECRET};

pub(crate) async fn measure(bench: &mut Bench<'_>, postgres: &Database, sqlite: &Database) -> Result<()> {
    let options = bench.options;
    let token = token(bench).await?;
    let requests: Arc<dyn Requests> = Arc::new(Reads::new(&token, options.rows));
    let servers = [
        ("settled on PostgreSQL", Server::settled(&options.settled, &postgres.url(), bench.stripe).await?),
        ("a bare route, one prepared select", Server::baseline("select", &postgres.url(), bench.stripe).await?),
        ("settled on SQLite", Server::settled(&options.settled, &sqlite.url(), bench.stripe).await?),
    ];
    bench.report.heading("Status requests");
    for &connections in &options.connections {
        let mut samples: [Samples; 3] = Default::default();
        for _ in 0..options.rounds {
            for (at, (name, server)) in servers.iter().enumerate() {
                let load = as_fast_as_answered(server.addr, Arc::clone(&requests), connections, bench.time()).await?;
                ensure!(load.failed + load.refused == 0, "{name}: {} reads failed", load.failed + load.refused);
                samples[at].push(load.rate());
            }
        }
        let lines: Vec<_> =
            servers.iter().zip(&samples).map(|((subject, _), samples)| Line { subject, samples }).collect();
        bench.report.rates(&format!("{connections} connections"), &lines);
    }
    let offer = Offer { rate: 500.0, time: bench.time(), connections: 64 };
    let load = at_constant_rate(servers[0].1.addr, requests, offer).await?;
    let ms = |quantile: f64| format!("{:.1} ms", Milliseconds::of(load.latency_us.value_at_quantile(quantile)).0);
    bench.report.paragraph(&format!(
        "At 500 a second on PostgreSQL: half of the answers within {}, 99 % within {}.",
        ms(0.5),
        ms(0.99)
    ));
    Ok(())
}

/// Microseconds, for people.
pub(crate) struct Milliseconds(pub(crate) f64);

impl Milliseconds {
    pub(crate) fn of(us: u64) -> Self {
        Self(f64::from(u32::try_from(us).unwrap_or(u32::MAX)) / 1_000.0)
    }
}

async fn token(bench: &Bench<'_>) -> Result<String> {
    let output = Command::new(&bench.options.settled)
        .args(["token", "--user", READER])
        .env_clear()
        .env("AUTH_JWT_SECRET", TOKEN_SECRET)
        .output()
        .await
        .context("cannot start settled")?;
    ensure!(output.status.success(), "`settled token` failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
