//! Invoices, refunds and disputes.

use std::collections::BTreeSet;

use serde_json::Value;
use settled_domain::ids::{DisputeId, InvoiceId, RefundId};
use time::OffsetDateTime;

use super::Differences;
use crate::story::World;
use crate::stripe::{rows, text};

/// Compares all of them.
pub(super) async fn compare(world: &World, truth: &Value, ours: &BTreeSet<&str>, differences: &mut Differences) {
    let is_ours = |row: &&Value| ours.contains(text(row, "customer"));
    for invoice in rows(&truth["invoices"]).filter(|row| row["deleted"] != true).filter(is_ours) {
        compare_invoice(world, invoice, differences).await;
    }
    for refund in rows(&truth["refunds"]).filter(is_ours) {
        compare_refund(world, refund, differences).await;
    }
    for dispute in rows(&truth["disputes"]).filter(is_ours) {
        compare_dispute(world, dispute, differences).await;
    }
}

async fn compare_invoice(world: &World, truth: &Value, differences: &mut Differences) {
    let id = InvoiceId::new(text(truth, "id")).unwrap();
    let Some(held) = world.service.ports.store.find_invoice(&id).await.unwrap() else {
        differences.missing("invoice", truth);
        return;
    };
    let row = held.record();
    let paid_at = row.paid_at.map(OffsetDateTime::unix_timestamp);
    let fields: [(&str, Value); 5] = [
        ("status", row.status.as_str().into()),
        ("subscription", row.subscription_id.as_ref().map(ToString::to_string).into()),
        ("amount_due", row.amount_due_minor.into()),
        ("amount_paid", row.amount_paid_minor.into()),
        ("paid_at", paid_at.into()),
    ];
    differences.note_all("invoice", &fields, truth);
}

async fn compare_refund(world: &World, truth: &Value, differences: &mut Differences) {
    let id = RefundId::new(text(truth, "id")).unwrap();
    let Some(held) = world.service.ports.store.find_refund(&id).await.unwrap() else {
        differences.missing("refund", truth);
        return;
    };
    let row = held.record();
    let fields = [("status", row.status.as_str().into()), ("amount", row.amount_minor.into())];
    differences.note_all("refund", &fields, truth);
}

async fn compare_dispute(world: &World, truth: &Value, differences: &mut Differences) {
    let id = DisputeId::new(text(truth, "id")).unwrap();
    let Some(held) = world.service.ports.store.find_dispute(&id).await.unwrap() else {
        differences.missing("dispute", truth);
        return;
    };
    let row = held.record();
    let fields = [("status", row.status.as_str().into()), ("amount", row.amount_minor.into())];
    differences.note_all("dispute", &fields, truth);
}
