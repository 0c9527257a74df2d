use std::fmt::Write;

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnection, PgPoolCopyExt};
use sqlx::{Connection, PgPool};

use super::{ACCOUNT, Cell, TABLES, Table};

/// How much text is sent at a time.
const CHUNK_BYTES: usize = 1024 * 1024;

/// Adds the rows `from..to` of every table, and lets the planner know.
pub(crate) async fn fill(url: &str, from: u64, to: u64) -> Result<()> {
    let pool = PgPool::connect(url).await.context("cannot connect to fill the tables")?;
    for table in &TABLES {
        copy(&pool, table, from, to).await.with_context(|| format!("cannot fill {}", table.name))?;
    }
    sqlx::query("INSERT INTO installation (id, mode, account_id) VALUES (1, 'test', $1) ON CONFLICT DO NOTHING")
        .bind(ACCOUNT)
        .execute(&pool)
        .await?;
    pool.close().await;
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query("VACUUM ANALYZE").execute(&mut connection).await?;
    sqlx::query("CHECKPOINT").execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

async fn copy(pool: &PgPool, table: &Table, from: u64, to: u64) -> Result<()> {
    let statement = format!("COPY {} ({}) FROM STDIN", table.name, table.columns.join(", "));
    let mut copy = pool.copy_in_raw(&statement).await?;
    let mut chunk = String::with_capacity(CHUNK_BYTES + 4096);
    for n in from..to {
        for (at, cell) in (table.row)(n).iter().enumerate() {
            if at > 0 {
                chunk.push('\t');
            }
            push(&mut chunk, cell);
        }
        chunk.push('\n');
        if chunk.len() >= CHUNK_BYTES {
            copy.send(chunk.as_bytes()).await?;
            chunk.clear();
        }
    }
    copy.send(chunk.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// <https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.2>
fn push(line: &mut String, cell: &Cell) {
    match cell {
        Cell::Text(text) => line.push_str(&text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n")),
        Cell::Number(number) => write!(line, "{number}").expect("a String takes everything"),
        Cell::Flag(flag) => line.push(if *flag { 't' } else { 'f' }),
        Cell::Second(second) => {
            let at = i64::try_from(*second).ok().and_then(|at| time::OffsetDateTime::from_unix_timestamp(at).ok());
            let at = at.expect("a second of our times");
            let (hour, minute, second) = at.to_hms();
            write!(line, "{} {hour:02}:{minute:02}:{second:02}+00", at.date()).expect("a String takes everything");
        }
        Cell::Nothing => line.push_str("\\N"),
    }
}
