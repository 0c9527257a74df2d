//! The commands for the person who looks after the service, on the database of a service that runs.

use std::process::Output;

use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::harness::{Silent, bin, run};

/// A service that was told of a payment with a wrong amount, and has parked the event.
struct Desk {
    silent: Silent,
    checkout: Value,
}

impl Desk {
    async fn open() -> Self {
        let silent = Silent::start();
        let checkout = silent.alice.checkout("price_lifetime").await;
        let mut cheap = silent.paid("evt_cheap", &checkout).await;
        cheap["data"]["object"]["amount_subtotal"] = json!(1);
        assert_eq!(silent.deliver(cheap.to_string()).await.1["outcome"], "parked");
        Self { silent, checkout }
    }

    fn run(&self, args: &[&str]) -> Output {
        run(bin().args(args).env("DATABASE_URL", self.silent.database_url()))
    }

    /// What a command prints that does what it is asked.
    fn told(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn code(&self, args: &[&str]) -> i32 {
        let output = self.run(args);
        assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{output:?}");
        output.status.code().unwrap()
    }

    /// What was wrong is put right: it was our row.
    async fn put_right(&self) {
        let path = self.silent.database_url().trim_start_matches("sqlite://").to_owned();
        let mut shell = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
        let session = self.checkout["session_id"].as_str().unwrap();
        let fix = sqlx::query("UPDATE payments SET quoted_minor = 1 WHERE session_id = ?").bind(session);
        assert_eq!(fix.execute(&mut shell).await.unwrap().rows_affected(), 1);
        shell.close().await.unwrap();
    }

    async fn status(&self) -> Value {
        self.silent.alice.status_of(&self.checkout).await
    }
}

#[tokio::test]
async fn a_parked_event_that_is_replayed_has_its_effect_once_however_often_and_at_once() {
    let desk = Desk::open().await;
    let still = desk.run(&["events", "replay", "evt_cheap"]);
    assert_eq!(still.status.code(), Some(1), "nothing was put right yet");
    assert!(String::from_utf8_lossy(&still.stdout).contains("still parked, amount_mismatch"), "{still:?}");
    assert_eq!(desk.status().await["status"], "pending");

    desk.put_right().await;
    let database_url = desk.silent.database_url();
    let replays = (0..4).map(|_| {
        let database_url = database_url.clone();
        tokio::task::spawn_blocking(move || {
            run(bin().args(["events", "replay", "evt_cheap"]).env("DATABASE_URL", database_url))
        })
    });
    let replays: Vec<String> = join_all(replays)
        .await
        .into_iter()
        .map(|output| {
            let output = output.unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        })
        .collect();
    assert_eq!(replays.iter().filter(|told| told.contains("processed")).count(), 1, "{replays:?}");
    let settled = desk.status().await;
    assert_eq!((&settled["status"], &settled["settled_by"]), (&json!("succeeded"), &json!("webhook")));

    assert!(desk.told(&["events", "replay", "evt_cheap"]).contains("not parked"));
    assert_eq!(desk.status().await, settled);
    assert!(desk.told(&["events", "list"]).contains("No event fits."));
    assert!(desk.told(&["events", "show", "evt_cheap"]).contains("replayed"));
}

#[tokio::test]
async fn all_events_that_are_parked_for_one_reason_are_replayed_together() {
    let desk = Desk::open().await;
    desk.put_right().await;
    let told = desk.told(&["events", "replay", "--all-of-reason", "amount_mismatch"]);
    assert!(told.starts_with("evt_cheap  processed"), "{told}");
    assert_eq!(desk.status().await["status"], "succeeded");
    assert!(desk.told(&["events", "replay", "--all-of-reason", "amount_mismatch"]).contains("No event is parked"));
}

#[tokio::test]
async fn parked_events_are_listed_and_shown_and_their_body_only_on_demand() {
    let desk = Desk::open().await;
    let list = desk.told(&["events", "list"]);
    for part in ["EVENT", "RECEIVED (UTC)", "evt_cheap", "checkout.session.completed", "webhook", "amount_mismatch"] {
        assert!(list.contains(part), "{part} is not in {list}");
    }
    assert!(list.contains("1 parked, amount_mismatch: it is about another amount than what was quoted"), "{list}");
    let first_page = desk.told(&["events", "list", "--outcome", "all", "--limit", "1"]);
    assert!(first_page.contains("Older ones: --before evt_cheap"), "{first_page}");
    let second_page = desk.told(&["events", "list", "--outcome", "all", "--before", "evt_cheap"]);
    assert!(!second_page.lines().any(|line| line.starts_with("evt_cheap")), "{second_page}");

    let facts = desk.told(&["events", "show", "evt_cheap"]);
    assert!(facts.contains("parked, amount_mismatch") && facts.contains("bytes are kept"), "{facts}");
    assert!(!facts.contains("amount_subtotal"), "{facts}");
    let body: Value = serde_json::from_str(&desk.told(&["events", "show", "evt_cheap", "--payload"])).unwrap();
    assert_eq!(body["data"]["object"]["amount_subtotal"], 1);
}

#[tokio::test]
async fn one_story_is_told_of_a_session_a_payment_an_event_and_a_user() {
    let desk = Desk::open().await;
    let session = desk.checkout["session_id"].as_str().unwrap();
    let payment = desk.checkout["payment_id"].as_str().unwrap();
    for subject in [session, payment, "alice", "evt_cheap"] {
        let story = desk.told(&["explain", subject]);
        for part in [
            &format!("payment {payment} of alice: pending, {session}"),
            "1 x price_lifetime, 19900 minor units of usd",
            "creating -> pending, by checkout",
            &format!("stripe made checkout.session.completed about {session} (evt_cheap)"),
            "after it was made: parked, because it is about another amount than what was quoted",
        ] {
            assert!(story.contains(part), "{part} is not in {story}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_is_2_and_what_is_not_there_is_1() {
    let desk = Desk::open().await;
    for args in [
        vec!["explain", "cs_a b"],
        vec!["explain", ""],
        vec!["events", "show", "cs_1"],
        vec!["events", "replay", "cs_1"],
        vec!["events", "replay"],
        vec!["events", "replay", "evt_1", "--all-of-reason", "amount_mismatch"],
        vec!["events", "replay", "--all-of-reason", "bad_mood"],
        vec!["events", "list", "--reason", "bad_mood"],
        vec!["events", "list", "--limit", "0"],
        vec!["events", "list", "--before", "cs_1"],
    ] {
        assert_eq!(desk.code(&args), 2, "{args:?}");
    }
    for args in [
        vec!["explain", "cs_test_nobody"],
        vec!["explain", "evt_nobody"],
        vec!["explain", "nobody"],
        vec!["explain", "--user", "cs_test_nobody"],
        vec!["events", "show", "evt_nobody"],
        vec!["events", "replay", "evt_nobody"],
    ] {
        assert_eq!(desk.code(&args), 1, "{args:?}");
    }
}
