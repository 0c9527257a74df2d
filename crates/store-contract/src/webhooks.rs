//! `webhook_events`: the claim that gives every event at most one effect.

use settled_domain::event::Payload;
use settled_domain::ids::EventId;
use settled_domain::ports::{Claim, ClaimedWebhook, Store, StoreError, WebhookOutcome};
use settled_domain::settlement::{IgnoreReason, Outcome, ParkReason};

use crate::fixtures::{event_id, webhook};
use crate::steps::{claim, is_processed};

async fn claim_with_outcome(store: &dyn Store, outcome: WebhookOutcome) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.webhooks().mark_webhooks_processed(&[webhook(1), webhook(2)]).await?;
    work.webhooks().record_webhook_outcomes(&[outcome]).await?;
    work.commit().await
}

pub async fn an_event_is_processed_after_its_commit_and_not_before(store: &dyn Store) -> Result<(), StoreError> {
    assert!(!is_processed(store, &webhook(1)).await?);
    claim(store, &[webhook(1)]).await?;
    assert!(is_processed(store, &webhook(1)).await?);
    assert!(!is_processed(store, &webhook(2)).await?);
    Ok(())
}

pub async fn a_parked_event_counts_as_processed(store: &dyn Store) -> Result<(), StoreError> {
    let payload = Some(Payload::new(&[0, 0xff, b'{', b'"', 0x80]));
    let outcome = Outcome::Parked(ParkReason::UnreadableObject);
    claim_with_outcome(store, WebhookOutcome { id: event_id(1), outcome, payload }).await?;
    assert!(is_processed(store, &webhook(1)).await?);
    assert_eq!(claim(store, &[webhook(1)]).await?, [Claim::Duplicate]);
    Ok(())
}

pub async fn an_ignored_event_counts_as_processed(store: &dyn Store) -> Result<(), StoreError> {
    let outcome = Outcome::Ignored(IgnoreReason::NotOurs);
    claim_with_outcome(store, WebhookOutcome { id: event_id(1), outcome, payload: None }).await?;
    assert!(is_processed(store, &webhook(1)).await?);
    assert_eq!(claim(store, &[webhook(1)]).await?, [Claim::Duplicate]);
    Ok(())
}

pub async fn a_claim_is_fresh_once(store: &dyn Store) -> Result<(), StoreError> {
    assert_eq!(claim(store, &[webhook(1)]).await?, [Claim::Fresh]);
    assert_eq!(claim(store, &[webhook(1)]).await?, [Claim::Duplicate]);
    let another_body = ClaimedWebhook { event_type: "another".into(), ..webhook(1) };
    assert_eq!(claim(store, &[another_body]).await?, [Claim::Duplicate], "only the id counts");
    Ok(())
}

pub async fn claims_are_answered_in_the_order_of_the_question(store: &dyn Store) -> Result<(), StoreError> {
    claim(store, &[webhook(2), webhook(4), webhook(5)]).await?;
    let claims = claim(store, &[1, 2, 3, 4, 5, 6].map(webhook)).await?;
    assert_eq!(
        claims,
        [Claim::Fresh, Claim::Duplicate, Claim::Fresh, Claim::Duplicate, Claim::Duplicate, Claim::Fresh]
    );
    Ok(())
}

pub async fn a_rolled_back_claim_can_be_made_again(store: &dyn Store) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.webhooks().mark_webhooks_processed(&[webhook(1)]).await?;
    work.rollback().await?;
    assert_eq!(claim(store, &[webhook(1)]).await?, [Claim::Fresh]);
    Ok(())
}

pub async fn a_dropped_claim_can_be_made_again(store: &dyn Store) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.webhooks().mark_webhooks_processed(&[webhook(1)]).await?;
    drop(work);
    assert_eq!(claim(store, &[webhook(1)]).await?, [Claim::Fresh]);
    Ok(())
}

pub async fn a_thousand_events_are_claimed_at_once(store: &dyn Store) -> Result<(), StoreError> {
    let webhooks: Vec<_> = (0..1_000).map(webhook).collect();
    assert_eq!(claim(store, &webhooks).await?, vec![Claim::Fresh; 1_000]);
    assert_eq!(claim(store, &webhooks).await?, vec![Claim::Duplicate; 1_000]);
    Ok(())
}

pub async fn texts_of_any_alphabet_are_taken(store: &dyn Store) -> Result<(), StoreError> {
    let odd = ClaimedWebhook {
        event_type: "тип \u{1F980} '\"\\ \n\u{1}\u{7f}\u{10FFFF}".into(),
        object_id: None,
        api_version: None,
        livemode: true,
        ..webhook(1)
    };
    let empty = ClaimedWebhook { event_type: String::new(), object_id: Some("x".repeat(10_000)), ..webhook(2) };
    assert_eq!(claim(store, &[odd, empty]).await?, [Claim::Fresh, Claim::Fresh]);
    Ok(())
}

pub async fn an_outcome_needs_a_claim(store: &dyn Store) -> Result<(), StoreError> {
    let outcome = |id: EventId| WebhookOutcome { id, outcome: Outcome::Ignored(IgnoreReason::NotOurs), payload: None };
    let mut work = store.begin().await?;
    work.webhooks().mark_webhooks_processed(&[webhook(1)]).await?;
    let refused = work.webhooks().record_webhook_outcomes(&[outcome(event_id(1)), outcome(event_id(2))]).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    Ok(())
}
