//! PostgreSQL's own benchmark program, writing the same rows as a renewal does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::process::Command;

use crate::event::{FIRST_SECOND, PERIOD_END};
use crate::ids::stripe_id_in_sql;

/// The two ways of writing one renewal's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// `BEGIN`, five statements, `COMMIT`: what a plain handler does, row at a time.
    FiveStatements,
    /// One statement with common table expressions: one round trip, and the commit in it.
    OneStatement,
}

pub(crate) struct Pgbench {
    program: PathBuf,
    url: String,
    folder: TempDir,
    rows: u64,
}

impl Pgbench {
    pub(crate) fn new(program: &Path, url: &str, rows: u64) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("five.sql"), five_statements())?;
        std::fs::write(folder.path().join("one.sql"), one_statement())?;
        Ok(Self { program: program.to_owned(), url: url.to_owned(), folder, rows })
    }

    /// Transactions a second.
    pub(crate) async fn rate(&self, script: Script, clients: usize, time: Duration) -> Result<f64> {
        let file = match script {
            Script::FiveStatements => "five.sql",
            Script::OneStatement => "one.sql",
        };
        let output = Command::new(&self.program)
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
            .arg(format!("--client={clients}"))
            .arg(format!("--time={}", time.as_secs().max(1)))
            .arg(format!("--define=rows={}", self.rows))
            .arg("--file")
            .arg(self.folder.path().join(file))
            .arg(&self.url)
            .output()
            .await
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "pgbench failed: {}", String::from_utf8_lossy(&output.stderr));
        tps(&said).with_context(|| format!("pgbench did not say how fast it was: {said}"))
    }
}

/// From `tps = 1234.5 (without initial connection time)`.
fn tps(said: &str) -> Option<f64> {
    said.lines().find_map(|line| line.strip_prefix("tps = "))?.split(' ').next()?.parse().ok()
}

/// Any subscription; and a version that its transitions do not have yet.
const CHOOSE: &str = "\\set n random(0, :rows - 1)\n\\set version random(1000000, 9000000000000000000)\n";

/// A new event, later than all others, as Stripe's ids are.
const EVENT: &str =
    "('evt_2S' || (extract(epoch FROM clock_timestamp()) * 1000000)::bigint || lpad(:client_id::text, 4, '0'))";

fn insert_event() -> String {
    format!(
        "INSERT INTO webhook_events (id, type, object_id, api_version, livemode, event_created, received_at, source,
                                     outcome)
         VALUES ({EVENT}, 'customer.subscription.updated', {}, '2026-09-30.endive', false,
                 to_timestamp({FIRST_SECOND}), now(), 'webhook', 'processed')
         ON CONFLICT (id) DO NOTHING RETURNING id",
        stripe_id_in_sql("sub_", ":n")
    )
}

fn read_customer() -> String {
    format!("SELECT key, user_id, customer_id FROM customers WHERE customer_id = {}", stripe_id_in_sql("cus_", ":n"))
}

fn read_subscription() -> String {
    format!(
        "SELECT id, user_id, customer_id, slot, price_id, quantity, status, status_since, current_period_end,
                cancel_at_period_end, cancel_at, trial_end, as_of, from_created, checked_at, version
         FROM subscriptions WHERE id = {} FOR UPDATE",
        stripe_id_in_sql("sub_", ":n")
    )
}

fn update_subscription() -> String {
    format!(
        "UPDATE subscriptions
         SET price_id = price_id, quantity = quantity, status = status, status_since = status_since,
             current_period_end = to_timestamp({PERIOD_END}), cancel_at_period_end = false, cancel_at = NULL,
             trial_end = NULL, as_of = to_timestamp({FIRST_SECOND}), from_created = false,
             checked_at = checked_at, version = version + 1
         WHERE id = {}",
        stripe_id_in_sql("sub_", ":n")
    )
}

fn insert_transition() -> String {
    format!(
        "INSERT INTO transitions (object_id, version, from_status, to_status, cause, event_id, at)
         VALUES ({}, :version, 'active', 'active', 'webhook', {EVENT}, now())
         ON CONFLICT (object_id, version) DO NOTHING",
        stripe_id_in_sql("sub_", ":n")
    )
}

fn five_statements() -> String {
    let statements = [insert_event(), read_customer(), read_subscription(), update_subscription(), insert_transition()];
    let statements = statements.map(|statement| one_line(&statement)).join(";\n");
    format!("{CHOOSE}BEGIN;\n{statements};\nCOMMIT;\n")
}

fn one_statement() -> String {
    let statement = format!(
        "WITH claimed AS ({}), customer AS ({}), held AS ({}), written AS ({} RETURNING version)
         {} RETURNING (SELECT count(*) FROM claimed) + (SELECT count(*) FROM customer) + (SELECT count(*) FROM held)
             + (SELECT count(*) FROM written)",
        insert_event(),
        read_customer(),
        read_subscription(),
        update_subscription(),
        insert_transition(),
    );
    format!("{CHOOSE}{};\n", one_line(&statement))
}

fn one_line(statement: &str) -> String {
    statement.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_from_what_pgbench_says() {
        let said = "latency average = 1.0 ms\ninitial connection time = 5 ms\ntps = 4321.5 (without initial connection time)\n";
        assert_eq!(tps(said), Some(4321.5));
        assert_eq!(tps("ERROR"), None);
    }

    #[test]
    fn both_scripts_write_the_same_three_tables_and_read_two() {
        let five = five_statements();
        assert_eq!(five.lines().count(), 2 + 7, "two choices, BEGIN, five statements, COMMIT");
        let one = one_statement();
        assert_eq!(one.lines().count(), 3);
        for script in [five, one] {
            assert_eq!(script.matches("INSERT INTO").count(), 2);
            assert_eq!(script.matches("UPDATE subscriptions").count(), 1);
            assert_eq!(script.matches("FROM customers").count() + script.matches("FOR UPDATE").count() - 1, 1);
        }
    }
}
