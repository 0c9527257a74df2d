//! Nobody reads what the program logs.

use std::io::Read;
use std::process::{Child, Stdio};
use std::time::Duration;

use reqwest::Client;
use tempfile::TempDir;

use crate::harness::{bin, free_addr, until};

/// More than a pipe and the lines that wait for it hold: each request is told in many lines.
const REQUESTS: usize = 400;

/// Ends the program with the test.
struct Unread(Child);

impl Drop for Unread {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Row 65 of the faults.
#[tokio::test]
async fn requests_are_answered_while_nobody_reads_the_log() {
    let (dir, addr) = (TempDir::new().unwrap(), free_addr());
    let mut service = bin();
    service.arg("serve").current_dir(dir.path()).env("RUST_LOG", "trace").env("LOG_FORMAT", "json");
    service.env("LISTEN_ADDR", &addr).env("SANDBOX_ADDR", "127.0.0.1:0").env("DATABASE_URL", "sqlite://settled.db");
    service.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut service = Unread(service.spawn().unwrap());

    let client = Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
    let url = format!("http://{addr}/readyz");
    let is_ready = async || client.get(&url).send().await.ok().filter(|answer| answer.status() == 200).map(drop);
    until("a program that is ready", is_ready).await;
    for _ in 0..REQUESTS {
        assert_eq!(client.get(&url).send().await.expect("an answer").status(), 200);
    }

    let mut log = service.0.stderr.take().unwrap();
    drop(service);
    let mut unread = Vec::new();
    log.read_to_end(&mut unread).unwrap();
    assert!(unread.len() > 60_000, "the log was stuck: {} bytes", unread.len());
}
