//! The disk fills up under the program, and is emptied again.

use std::path::Path;
use std::process::Command;

use reqwest::StatusCode;
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::harness::Silent;

/// No file of this process may grow beyond so many bytes, or each may again: a disk that is full, and one that is not.
fn limit_files(pid: &str, bytes: &str) {
    let limit = Command::new("prlimit").args(["--pid", pid, &format!("--fsize={bytes}:unlimited")]).status().unwrap();
    assert!(limit.success());
}

async fn integrity_of(file: &Path) -> String {
    let mut shell = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let told = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut shell).await.unwrap();
    shell.close().await.unwrap();
    told
}

/// Row 58 of the faults. The limit makes the program's own writes fail, by which SQLite knows a full disk.
#[tokio::test]
async fn a_full_disk_is_503_and_the_file_is_whole_and_what_comes_after_it_is_stored() {
    // A program is killed by the signal that comes with the limit, unless whoever started it said otherwise.
    let mut service = Command::new("/bin/sh");
    service.env_clear().args(["-c", "trap '' XFSZ; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_settled")]);
    let silent = Silent::start_by(service);
    let (before, during) =
        (silent.alice.checkout("price_lifetime").await, silent.alice.checkout("price_basic_monthly").await);
    let settled = silent.paid("evt_1", &before).await.to_string();
    assert_eq!(silent.deliver(settled.clone()).await.0, StatusCode::OK);

    let file = silent.dir.path().join("settled.db");
    let log = std::fs::metadata(silent.dir.path().join("settled.db-wal")).unwrap().len();
    let pid = silent.service.process.id();
    limit_files(&pid, &log.to_string());
    let news = silent.paid("evt_2", &during).await.to_string();
    for _ in 0..2 {
        let (status, answer) = silent.deliver(news.clone()).await;
        assert_eq!((status, &answer["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("database_unavailable")));
    }
    assert_eq!(silent.alice.status_of(&during).await["status"], "pending", "reads need no room");
    assert_eq!(silent.alice.status_of(&before).await["status"], "succeeded");
    assert_eq!(integrity_of(&file).await, "ok");

    limit_files(&pid, "unlimited");
    assert_eq!(silent.deliver(news).await.1["outcome"], "processed", "the same program, and nothing was half done");
    assert_eq!(silent.deliver(settled).await.1["outcome"], "duplicate");
    assert_eq!(silent.alice.status_of(&during).await["status"], "succeeded");
    drop(silent.service);
    assert_eq!(integrity_of(&file).await, "ok");
}
