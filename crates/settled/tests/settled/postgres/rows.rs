//! What stands in the database in the end, without what depends on the hour and the order.

use sqlx::PgConnection;

use super::TestDatabase;

/// Every payment, subscription and event, as text.
pub(crate) async fn of(database: &TestDatabase) -> Vec<String> {
    let all = "SELECT concat_ws(' ', 'payment', id, user_id, slot, price_id, quantity, status, session_id, total_minor,
                                customer_id, payment_intent_id, subscription_id, settled_by) AS row FROM payments
               UNION ALL
               SELECT concat_ws(' ', 'subscription', id, user_id, customer_id, slot, price_id, quantity, status,
                                current_period_end, cancel_at_period_end) FROM subscriptions
               UNION ALL
               SELECT concat_ws(' ', 'event', id, type, object_id, event_created, outcome, reason) FROM webhook_events
               ORDER BY row";
    sqlx::query_scalar(all).fetch_all(&mut database.shell().await).await.unwrap()
}

/// How many rows the query counts.
pub(crate) async fn count(shell: &mut PgConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(shell).await.unwrap()
}
