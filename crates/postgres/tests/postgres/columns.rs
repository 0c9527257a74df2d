//! What stands in the columns, as far as the ports cannot read it back, and what happens when it makes no sense.

use std::error::Error;

use settled_domain::event::Payload;
use settled_domain::ids::{CustomerKey, SubscriptionId, UserId};
use settled_domain::ports::{Claim, Store, StoreError, WebhookOutcome};
use settled_domain::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use settled_domain::settlement::{IgnoreReason, Outcome, ParkReason};
use settled_domain::transition::{Cause, Transition};
use sqlx::Row;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::harness::{NOW, TestDatabase, event_id, webhook};

/// Everything that an operator could be shown of an error.
fn told(error: &StoreError) -> String {
    let source = error.source().map(ToString::to_string).unwrap_or_default();
    format!("{error:?} {error} {source}")
}

#[tokio::test]
async fn an_event_keeps_its_outcome_and_only_a_parked_one_its_body() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let body = [0, 0xff, b'{', b'"', 0x80];
    let mut work = store.begin().await.unwrap();
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
    let rows = rows.fetch_all(&mut database.shell().await).await.unwrap();
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
async fn the_body_of_an_event_that_is_not_parked_is_refused_and_not_quoted() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let mut work = store.begin().await.unwrap();
    work.webhooks().mark_webhooks_processed(&[webhook(1, "a.type")]).await.unwrap();
    let outcome = WebhookOutcome {
        id: event_id(1),
        outcome: Outcome::Ignored(IgnoreReason::NotOurs),
        payload: Some(Payload::new(b"a secret")),
    };
    let refused = work.webhooks().record_webhook_outcomes(&[outcome]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(_)), "{refused:?}");
    let told = told(&refused);
    // "secret" in the hexadecimal in which the server shows bytes.
    assert!(!told.contains("secret") && !told.contains("736563726574"), "{told}");
}

/// Row 23 of the faults.
#[tokio::test]
async fn a_text_with_a_nul_is_refused_and_not_quoted_and_the_store_works_on() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let mut work = store.begin().await.unwrap();
    let refused = work.webhooks().mark_webhooks_processed(&[webhook(1, "a\0secret")]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(_)), "{refused:?}");
    assert!(!told(&refused).contains("secret"), "{refused:?}");
    work.rollback().await.unwrap();
    let mut work = store.begin().await.unwrap();
    let claims = work.webhooks().mark_webhooks_processed(&[webhook(1, "a.type")]).await.unwrap();
    assert_eq!(claims, [Claim::Fresh]);
}

#[tokio::test]
async fn a_claim_is_stored_as_it_was_received() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let event_type = "a \u{1}type \u{1F980}";
    let mut work = store.begin().await.unwrap();
    work.webhooks().mark_webhooks_processed(&[webhook(1, event_type)]).await.unwrap();
    work.commit().await.unwrap();

    let row = sqlx::query("SELECT * FROM webhook_events").fetch_one(&mut database.shell().await).await.unwrap();
    assert_eq!(row.get::<String, _>("type"), event_type);
    assert_eq!(row.get::<Option<String>, _>("object_id").as_deref(), Some("cs_1"));
    assert_eq!(row.get::<Option<String>, _>("api_version"), None);
    assert!(row.get::<bool, _>("livemode"));
    assert_eq!(row.get::<OffsetDateTime, _>("event_created"), NOW.truncate_to_second());
    assert_eq!(row.get::<OffsetDateTime, _>("received_at"), NOW);
}

#[tokio::test]
async fn a_transition_is_stored_with_its_cause_and_waits_to_be_delivered() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
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
    let mut work = store.begin().await.unwrap();
    work.transitions().record_transitions(&[first, transition]).await.unwrap();
    work.commit().await.unwrap();

    let select = "SELECT * FROM transitions ORDER BY version";
    let rows = sqlx::query(select).fetch_all(&mut database.shell().await).await.unwrap();
    let text = |n: usize, column: &str| rows[n].get::<Option<String>, _>(column);
    assert_eq!((text(0, "from_status"), text(0, "event_id")), (None, None));
    assert_eq!(text(1, "from_status").as_deref(), Some("incomplete"));
    assert_eq!(text(1, "to_status").as_deref(), Some("active"));
    assert_eq!(text(1, "cause").as_deref(), Some("sweep"));
    assert_eq!(text(1, "event_id").as_deref(), Some("evt_7"));
    assert_eq!(rows[1].get::<OffsetDateTime, _>("at"), NOW);
    assert_eq!(rows[1].get::<Option<OffsetDateTime>, _>("delivered_at"), None);
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_damage_and_is_not_quoted() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let user = UserId::new("alice").unwrap();
    let mut work = store.begin().await.unwrap();
    work.customers().find_or_insert_customer(&user, CustomerKey::from_uuid(Uuid::from_u128(1))).await.unwrap();
    work.commit().await.unwrap();
    database.execute("UPDATE customers SET customer_id = 'a secret'").await;

    let mut work = store.begin().await.unwrap();
    let key = CustomerKey::from_uuid(Uuid::from_u128(2));
    let error = work.customers().find_or_insert_customer(&user, key).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error:?}");
    assert!(!told(&error).contains("secret"), "{error:?}");
}

#[tokio::test]
async fn an_entry_of_the_queue_that_names_no_object_is_damage() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let object = RefreshObject::Subscription(SubscriptionId::new("sub_1").unwrap());
    let request = RefreshRequest::new(object, RefreshReason::Doubt, NOW);
    let mut work = store.begin().await.unwrap();
    work.refreshes().request_refreshes(&[request]).await.unwrap();
    work.commit().await.unwrap();
    database.execute("UPDATE refreshes SET kind = 'wish'").await;

    let mut work = store.begin().await.unwrap();
    let error = work.refreshes().claim_due_refreshes(NOW, NOW, 1).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error:?}");
}
