//! Twice as many webhooks as can be taken: what is taken, what is refused, and whether what was acknowledged is there.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::database::Database;
use crate::ids::stripe_id;
use crate::ingest;
use crate::load::{Load, Mix, Offer, Webhooks, at_constant_rate};
use crate::reads::Milliseconds;
use crate::run::Bench;
use crate::server::{Server, WEBHOOK_SECRET};

/// More than the intake lets wait, so that it is the server that refuses and not the sender that holds back.
const CONNECTIONS: usize = 6_000;
/// How many ids are looked up at a time.
const CHUNK: usize = 10_000;

pub(crate) async fn measure(bench: &mut Bench<'_>, name: &str, database: &Database) -> Result<()> {
    let options = bench.options;
    Webhooks::begin_after(options.rows);
    let server = Server::settled(&options.settled, &database.url(), bench.stripe).await?;
    let peak = ingest::rate(server.addr, options.rows, Mix::New, 64, bench.time()).await?;
    let (before, _) = server.memory_kib()?;
    let time = Duration::from_secs(options.overload_seconds);
    let offer = Offer { rate: peak * 2.0, time, connections: CONNECTIONS };
    let webhooks = Arc::new(Webhooks::new(WEBHOOK_SECRET, options.rows, Mix::New));
    let load = at_constant_rate(server.addr, webhooks, offer).await?;
    let (_, highest) = server.memory_kib()?;
    let there = count(database, &load).await?;
    let acknowledged = u64::try_from(load.acknowledged.len())?;
    ensure!(there == acknowledged, "{} acknowledged webhooks are missing", acknowledged - there);
    ensure!(load.failed == 0, "{} webhooks were neither taken nor refused", load.failed);
    let ms = |us: u64| format!("{:.0} ms", Milliseconds::of(us).0);
    bench.report.heading(&format!("Twice as much as it can take, {name}"));
    bench.report.table(
        &["", ""],
        &[
            vec!["highest rate before".into(), format!("{peak:.0} a second")],
            vec!["offered".into(), format!("{:.0} a second for {} s", offer.rate, options.overload_seconds)],
            vec!["taken".into(), format!("{:.0} a second, {:.2} of the highest rate", load.rate(), load.rate() / peak)],
            vec![
                "taken within".into(),
                format!(
                    "{} (half), {} (99 %)",
                    ms(load.latency_us.value_at_quantile(0.5)),
                    ms(load.latency_us.value_at_quantile(0.99))
                ),
            ],
            vec!["refused with 503 and Retry-After".into(), load.refused.to_string()],
            vec![
                "refused within".into(),
                format!(
                    "{} (half), {} (99 %)",
                    ms(load.refusal_us.value_at_quantile(0.5)),
                    ms(load.refusal_us.value_at_quantile(0.99))
                ),
            ],
            vec!["acknowledged and in the database".into(), format!("{there} of {acknowledged}")],
            vec!["memory before, highest".into(), format!("{} MiB, {} MiB", before / 1024, highest / 1024)],
        ],
    );
    Ok(())
}

async fn count(database: &Database, load: &Load) -> Result<u64> {
    let mut there = 0;
    for chunk in load.acknowledged.chunks(CHUNK) {
        let ids: Vec<_> = chunk.iter().map(|event| stripe_id("evt_", *event)).collect();
        there += database.count_events(&ids).await?;
    }
    Ok(there)
}
