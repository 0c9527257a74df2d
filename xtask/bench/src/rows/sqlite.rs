use anyhow::{Context, Result};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite, SqliteConnection};

use super::{ACCOUNT, Cell, TABLES, Table};

/// Rows of one statement: below SQLite's bound for parameters with the widest table.
const CHUNK_ROWS: u64 = 1_000;

/// Adds the rows `from..to` of every table, and lets the planner know.
pub(crate) async fn fill(url: &str, from: u64, to: u64) -> Result<()> {
    let options: SqliteConnectOptions = url.parse()?;
    let mut connection = options.connect().await.context("cannot open the file to fill it")?;
    for table in &TABLES {
        insert(&mut connection, table, from, to).await.with_context(|| format!("cannot fill {}", table.name))?;
    }
    sqlx::query("INSERT INTO installation (id, mode, account_id) VALUES (1, 'test', ?) ON CONFLICT DO NOTHING")
        .bind(ACCOUNT)
        .execute(&mut connection)
        .await?;
    sqlx::query("ANALYZE").execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

async fn insert(connection: &mut SqliteConnection, table: &Table, from: u64, to: u64) -> Result<()> {
    let mut transaction = connection.begin().await?;
    let mut begin = from;
    while begin < to {
        let end = to.min(begin + CHUNK_ROWS);
        let mut statement: QueryBuilder<Sqlite> =
            QueryBuilder::new(format!("INSERT INTO {} ({}) ", table.name, table.columns.join(", ")));
        statement.push_values(begin..end, |mut row, n| {
            for cell in (table.row)(n) {
                match cell {
                    Cell::Text(text) => row.push_bind(text),
                    Cell::Number(number) => row.push_bind(signed(number)),
                    Cell::Flag(flag) => row.push_bind(i64::from(flag)),
                    Cell::Second(second) => row.push_bind(signed(second) * 1_000_000),
                    Cell::Nothing => row.push_bind(None::<String>),
                };
            }
        });
        statement.build().execute(&mut *transaction).await?;
        begin = end;
    }
    transaction.commit().await?;
    Ok(())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).expect("numbers of rows and seconds")
}
