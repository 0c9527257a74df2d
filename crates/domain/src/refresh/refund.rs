use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::purchase::{find_intent, find_purchase};
use super::{RefreshError, Refreshed, cause_of, end, finish};
use crate::ids::{ChargeId, PaymentIntentId, RefundId};
use crate::ports::{Answer, StoreError, UnitOfWork};
use crate::purchase::Purchase;
use crate::refresh_request::ClaimedRefresh;
use crate::refund::{Refund, RefundSnapshot};
use crate::settled::Ports;
use crate::transition::Cause;

/// Asks for a refund, also for one that we don't hold: it is ours if what its charge paid for is.
pub(super) async fn refresh_refund(
    ports: &Ports,
    claimed: &ClaimedRefresh,
    id: &RefundId,
) -> Result<Refreshed, RefreshError> {
    let Some(answer) = ports.gateway.fetch_refund(id).await? else {
        tracing::warn!(refund_id = %id, "stripe does not know this refund");
        return finish(ports, claimed).await;
    };
    let Answer { object, as_of } = answer;
    take_refunds(ports, claimed, Answer { object: vec![object], as_of }).await
}

/// Asks for all refunds of a charge.
pub(super) async fn refresh_refunds_of_charge(
    ports: &Ports,
    claimed: &ClaimedRefresh,
    id: &ChargeId,
) -> Result<Refreshed, RefreshError> {
    let Some(answer) = ports.gateway.list_refunds_of_charge(id).await? else {
        tracing::warn!(charge_id = %id, "stripe does not know this charge");
        return finish(ports, claimed).await;
    };
    take_refunds(ports, claimed, answer).await
}

/// Writes refunds as Stripe described them. A refund only moves up in its statuses, so an older answer can undo nothing,
/// and no version has to be compared.
async fn take_refunds(
    ports: &Ports,
    claimed: &ClaimedRefresh,
    mut answer: Answer<Vec<RefundSnapshot>>,
) -> Result<Refreshed, RefreshError> {
    let cause = cause_of(claimed);
    let mut intents: BTreeMap<ChargeId, Option<PaymentIntentId>> = BTreeMap::new();
    let mut purchases = BTreeMap::new();
    for snapshot in &mut answer.object {
        if ports.store.find_refund(&snapshot.id).await?.is_some() {
            continue;
        }
        let known = snapshot.charge_id.as_ref().and_then(|charge| intents.get(charge));
        let intent = match known {
            Some(known) if snapshot.payment_intent_id.is_none() => known.clone(),
            _ => find_intent(ports, snapshot.payment_intent_id.as_ref(), snapshot.charge_id.as_ref()).await?,
        };
        intents.extend(snapshot.charge_id.clone().map(|charge| (charge, intent.clone())));
        snapshot.payment_intent_id.clone_from(&intent);
        if let Some(intent) = intent.filter(|intent| !purchases.contains_key(intent)) {
            let purchase = find_purchase(ports, &intent, cause).await?;
            purchases.insert(intent, purchase);
        }
    }
    let mut work = ports.store.begin().await?;
    let told = Told { snapshots: &answer.object, purchases: &purchases, as_of: answer.as_of };
    write(work.as_mut(), &told, cause, ports.clock.now()).await?;
    end(ports, work, claimed, true).await
}

struct Told<'a> {
    snapshots: &'a [RefundSnapshot],
    /// What the `PaymentIntents` have paid for; `None` for what is not ours.
    purchases: &'a BTreeMap<PaymentIntentId, Option<Purchase>>,
    as_of: OffsetDateTime,
}

async fn write(
    work: &mut dyn UnitOfWork,
    told: &Told<'_>,
    cause: Cause,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let ids: Vec<RefundId> = told.snapshots.iter().map(|snapshot| snapshot.id.clone()).collect();
    let mut held = work.refunds().find_refunds_for_update(&ids, &[]).await?;
    let mut new = Vec::new();
    let mut transitions = Vec::new();
    for snapshot in told.snapshots {
        if let Some(row) = held.iter_mut().find(|row| *row.id() == snapshot.id) {
            if let Some(reason) = row.mismatch(snapshot) {
                tracing::error!(refund_id = %snapshot.id, %reason, "stripe's answer does not fit the refund; nothing was written");
            }
            transitions.extend(row.refresh(snapshot, told.as_of, cause, now));
            continue;
        }
        let purchase = snapshot.payment_intent_id.as_ref().and_then(|intent| told.purchases.get(intent)?.as_ref());
        match purchase.map(|purchase| Refund::first(snapshot, purchase, told.as_of, cause, now)) {
            Some(Ok((row, transition))) => {
                new.push(row);
                transitions.push(transition);
            }
            Some(Err(reason)) => {
                tracing::error!(refund_id = %snapshot.id, %reason, "the refund does not fit what was paid; nothing was written");
            }
            None => tracing::debug!(refund_id = %snapshot.id, "the refund is not of anything of ours"),
        }
    }
    work.refunds().create_refund_records(&new).await?;
    work.refunds().update_refund_statuses(&held).await?;
    work.transitions().record_transitions(&transitions).await
}
