use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusBuilder;
use settled_domain::mock::{MockStatusFeed, MockUnitOfWork};
use settled_domain::payment::{Payment, PaymentRecord, PaymentStatus};
use settled_domain::ports::{Store, UnitOfWork};
use settled_domain::settlement::IgnoreReason;
use settled_domain::subscription::{News, SubscriptionSnapshot};
use time::macros::datetime;

use super::*;
use crate::examples::{NOW, active_snapshot, event, pending_payment, store_of};
use crate::feed::AnnouncingStore;

/// What Prometheus is told of what happens in there, without comments.
fn counted(happens: impl FnOnce()) -> Vec<String> {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, happens);
    let text = recorder.handle().render();
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

fn has(lines: &[String], line: &str) -> bool {
    lines.iter().any(|it| it == line)
}

#[tokio::test]
async fn an_event_counts_with_its_way_and_outcome_and_with_the_time_that_it_took() {
    let event = WebhookEvent {
        created: NOW - Duration::seconds(3),
        received_at: NOW - Duration::seconds(1),
        ..event("evt_1", EventContent::Unhandled)
    };
    let lines = counted(|| Arrival::of(&event).committed(Outcome::Ignored(IgnoreReason::UnhandledType)));
    let total = r#"settled_webhooks_total{source="webhook",outcome="ignored",reason="unhandled_type"} 1"#;
    assert!(has(&lines, total), "{lines:#?}");
    assert!(has(&lines, "settled_webhook_received_seconds_sum 2"), "{lines:#?}");
    assert!(has(&lines, "settled_webhook_committed_seconds_count 1"), "{lines:#?}");
}

#[tokio::test]
async fn repetitions_and_what_the_sweep_finds_do_not_tell_how_fast_news_are() {
    let again = event("evt_1", EventContent::Unhandled);
    let found = WebhookEvent { source: EventSource::Sweep, ..again.clone() };
    let lines = counted(|| {
        Arrival::of(&again).committed(Outcome::Duplicate);
        Arrival::of(&found).committed(Outcome::Processed);
    });
    assert!(has(&lines, r#"settled_webhooks_total{source="webhook",outcome="duplicate",reason="none"} 1"#));
    assert!(has(&lines, r#"settled_webhooks_total{source="sweep",outcome="processed",reason="none"} 1"#));
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

#[tokio::test]
async fn a_clock_that_is_behind_stripes_makes_no_negative_times() {
    let event = WebhookEvent { created: NOW + Duration::HOUR, ..event("evt_1", EventContent::Unhandled) };
    let lines = counted(|| Arrival::of(&event).committed(Outcome::Processed));
    assert!(has(&lines, "settled_webhook_received_seconds_sum 0"), "{lines:#?}");
}

#[tokio::test]
async fn a_status_that_is_not_known_is_counted_by_the_kind_of_its_object() {
    let snapshot = SubscriptionSnapshot { status: None, ..active_snapshot() };
    let unknown = event("evt_1", EventContent::Subscription(News::Updated, snapshot));
    let lines = counted(|| Arrival::of(&unknown).committed(Outcome::Processed));
    assert!(has(&lines, r#"settled_unknown_statuses_total{object="subscription"} 1"#), "{lines:#?}");
}

#[test]
fn the_clocks_are_compared_with_a_sign() {
    let stripe = datetime!(2026-11-24 10:00:00 UTC);
    for (ours, told) in [(stripe + Duration::HOUR, "3600"), (stripe - Duration::HOUR, "-3600")] {
        let lines = counted(|| clocks_compared(stripe, ours));
        assert_eq!(lines, [format!("settled_clock_ahead_seconds {told}")]);
    }
}

fn with_status(status: PaymentStatus, settled_by: Option<SettledBy>) -> Payment {
    let settled_at = settled_by.map(|_| NOW);
    Payment::restore(PaymentRecord { status, settled_by, settled_at, ..pending_payment(1).record().clone() }).unwrap()
}

/// What is counted when a transaction finds the payment like this and writes it like that.
fn settling(before: Payment, after: Payment) -> Vec<String> {
    let mut work = MockUnitOfWork::default();
    work.payments.expect_find_payments_for_update().return_once(move |_, _| Ok(vec![before]));
    let mut feed = MockStatusFeed::new();
    feed.expect_publish().returning(|_| ());
    let works = vec![Box::new(work.accepting_the_rest()) as Box<dyn UnitOfWork>];
    let store = AnnouncingStore::new(Arc::new(store_of(works)), Arc::new(feed));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    counted(|| {
        runtime.block_on(async {
            let mut work = store.begin().await.unwrap();
            work.payments().find_payments_for_update(&[], &[after.id()]).await.unwrap();
            work.payments().update_payment_statuses(&[after]).await.unwrap();
            work.commit().await.unwrap();
        });
    })
}

#[test]
fn a_payment_counts_when_it_becomes_final_and_again_only_when_it_becomes_so_in_another_way() {
    let pending = || with_status(PaymentStatus::Pending, None);
    let [expired, succeeded] =
        [PaymentStatus::Expired, PaymentStatus::Succeeded].map(|status| with_status(status, Some(SettledBy::Webhook)));
    let line = |status: &str| format!(r#"settled_payments_total{{status="{status}",settled_by="webhook"}} 1"#);
    assert_eq!(settling(pending(), expired.clone()), [line("expired")]);
    assert_eq!(settling(expired.clone(), succeeded.clone()), [line("succeeded")]);
    for (before, after) in [(succeeded.clone(), succeeded), (expired.clone(), expired), (pending(), pending())] {
        assert_eq!(settling(before, after), Vec::<String>::new());
    }
}
