//! What stands in the columns, as far as the ports cannot read it back, and what happens when it makes no sense.

use std::error::Error;

use settled_domain::event::{EventSource, Payload};
use settled_domain::ids::{CustomerKey, EventId, SubscriptionId, UserId};
use settled_domain::ports::{ClaimedWebhook, Store, StoreError, UnitOfWork, WebhookOutcome};
use settled_domain::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use settled_domain::settlement::{IgnoreReason, Outcome, ParkReason};
use settled_domain::transition::{Cause, Transition};
use settled_sqlite::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row};
use tempfile::TempDir;
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

const NOW: OffsetDateTime = datetime!(2026-11-24 10:00:00.123_456 UTC);
const NOW_MICROS: i64 = 1_795_514_400_123_456;

struct Fixture {
    store: SqliteStore,
    folder: TempDir,
}

impl Fixture {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("settled.db").display());
        Self { store: SqliteStore::open(&url).await.expect("a new database"), folder }
    }

    async fn begin(&self) -> Box<dyn UnitOfWork> {
        self.store.begin().await.expect("a transaction")
    }

    /// A connection beside the store, as the `sqlite3` shell would have it.
    async fn shell(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.folder.path().join("settled.db"))
            .connect()
            .await
            .expect("a connection")
    }
}

fn event_id(n: u32) -> EventId {
    EventId::new(format!("evt_{n}")).expect("an event id")
}

fn webhook(n: u32, event_type: &str) -> ClaimedWebhook {
    ClaimedWebhook {
        id: event_id(n),
        event_type: event_type.into(),
        object_id: Some(format!("cs_{n}")),
        api_version: None,
        livemode: true,
        created: NOW.truncate_to_second(),
        received_at: NOW,
        source: EventSource::Webhook,
    }
}

#[tokio::test]
async fn an_event_keeps_its_outcome_and_only_a_parked_one_its_body() {
    let fixture = Fixture::new().await;
    let body = [0, 0xff, b'{', b'"', 0x80];
    let mut work = fixture.begin().await;
    let webhooks = [webhook(1, "a.type"), webhook(2, "a.type"), webhook(3, "a.type")];
    work.webhooks().mark_webhooks_processed(&webhooks).await.unwrap();
    let parked = WebhookOutcome {
        id: event_id(2),
        outcome: Outcome::Parked(ParkReason::AmountMismatch),
        payload: Some(Payload::new(&body)),
    };
    let ignored = WebhookOutcome { id: event_id(3), outcome: Outcome::Ignored(IgnoreReason::NotOurs), payload: None };
    work.webhooks().record_webhook_outcomes(&[parked, ignored]).await.unwrap();
    work.commit().await.unwrap();

    let select = "SELECT outcome, reason, payload FROM webhook_events ORDER BY id";
    let rows = sqlx::query_as::<_, (String, Option<String>, Option<Vec<u8>>)>(select);
    let rows = rows.fetch_all(&mut fixture.shell().await).await.unwrap();
    assert_eq!(
        rows,
        [
            ("processed".into(), None, None),
            ("parked".into(), Some("amount_mismatch".into()), Some(body.to_vec())),
            ("ignored".into(), Some("not_ours".into()), None),
        ]
    );
}

#[tokio::test]
async fn the_body_of_an_event_that_is_not_parked_is_refused() {
    let fixture = Fixture::new().await;
    let mut work = fixture.begin().await;
    work.webhooks().mark_webhooks_processed(&[webhook(1, "a.type")]).await.unwrap();
    let outcome = WebhookOutcome {
        id: event_id(1),
        outcome: Outcome::Ignored(IgnoreReason::NotOurs),
        payload: Some(Payload::new(b"a secret")),
    };
    let refused = work.webhooks().record_webhook_outcomes(&[outcome]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(_)), "{refused:?}");
    assert!(!format!("{refused:?}").contains("secret"), "{refused:?}");
    assert!(!format!("{refused:?}").contains(&hex::encode("secret")), "{refused:?}");
}

#[tokio::test]
async fn a_claim_is_stored_as_it_was_received() {
    let fixture = Fixture::new().await;
    let event_type = "a\0type \u{1F980}";
    let mut work = fixture.begin().await;
    work.webhooks().mark_webhooks_processed(&[webhook(1, event_type)]).await.unwrap();
    work.commit().await.unwrap();

    let row = sqlx::query("SELECT * FROM webhook_events").fetch_one(&mut fixture.shell().await).await.unwrap();
    assert_eq!(row.get::<String, _>("type"), event_type);
    assert_eq!(row.get::<Option<String>, _>("object_id").as_deref(), Some("cs_1"));
    assert_eq!(row.get::<Option<String>, _>("api_version"), None);
    assert_eq!(row.get::<i64, _>("livemode"), 1);
    assert_eq!(row.get::<i64, _>("event_created"), NOW_MICROS - 123_456);
    assert_eq!(row.get::<i64, _>("received_at"), NOW_MICROS);
}

#[tokio::test]
async fn a_transition_is_stored_with_its_cause_and_waits_to_be_delivered() {
    let fixture = Fixture::new().await;
    let transition = Transition {
        object_id: "sub_1".into(),
        version: 2,
        from: Some("incomplete"),
        to: "active",
        cause: Cause::Sweep,
        event_id: Some(event_id(7)),
        at: NOW,
    };
    let first = Transition { version: 1, from: None, to: "incomplete", event_id: None, ..transition.clone() };
    let mut work = fixture.begin().await;
    work.transitions().record_transitions(&[first, transition]).await.unwrap();
    work.commit().await.unwrap();

    let select = "SELECT * FROM transitions ORDER BY version";
    let rows = sqlx::query(select).fetch_all(&mut fixture.shell().await).await.unwrap();
    let text = |n: usize, column: &str| rows[n].get::<Option<String>, _>(column);
    assert_eq!((text(0, "from_status"), text(0, "event_id")), (None, None));
    assert_eq!(text(1, "from_status").as_deref(), Some("incomplete"));
    assert_eq!(text(1, "to_status").as_deref(), Some("active"));
    assert_eq!(text(1, "cause").as_deref(), Some("sweep"));
    assert_eq!(text(1, "event_id").as_deref(), Some("evt_7"));
    assert_eq!(rows[1].get::<i64, _>("at"), NOW_MICROS);
    assert_eq!(rows[1].get::<Option<i64>, _>("delivered_at"), None);
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_damage_and_is_not_quoted() {
    let fixture = Fixture::new().await;
    let user = UserId::new("alice").unwrap();
    let mut work = fixture.begin().await;
    work.customers().find_or_insert_customer(&user, CustomerKey::from_uuid(Uuid::from_u128(1))).await.unwrap();
    work.commit().await.unwrap();
    let update = "UPDATE customers SET customer_id = 'a secret'";
    sqlx::query(update).execute(&mut fixture.shell().await).await.unwrap();

    let mut work = fixture.begin().await;
    let key = CustomerKey::from_uuid(Uuid::from_u128(2));
    let error = work.customers().find_or_insert_customer(&user, key).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error:?}");
    let source = error.source().map(ToString::to_string).unwrap_or_default();
    assert!(!format!("{error:?} {source}").contains("secret"), "{error:?} {source}");
}

#[tokio::test]
async fn an_entry_of_the_queue_that_names_no_object_is_damage() {
    let fixture = Fixture::new().await;
    let object = RefreshObject::Subscription(SubscriptionId::new("sub_1").unwrap());
    let request = RefreshRequest::new(object, RefreshReason::Doubt, NOW);
    let mut work = fixture.begin().await;
    work.refreshes().request_refreshes(&[request]).await.unwrap();
    work.commit().await.unwrap();
    let update = "UPDATE refreshes SET kind = 'wish'";
    sqlx::query(update).execute(&mut fixture.shell().await).await.unwrap();

    let mut work = fixture.begin().await;
    let error = work.refreshes().claim_due_refreshes(NOW, NOW, 1).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error:?}");
}
