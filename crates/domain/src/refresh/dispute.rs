use super::purchase::{find_intent, find_purchase};
use super::{RefreshError, Refreshed, cause_of, end, finish};
use crate::dispute::{Dispute, DisputeSnapshot};
use crate::ids::DisputeId;
use crate::ports::{Answer, StoreError, UnitOfWork};
use crate::purchase::PurchaseId;
use crate::refresh_request::ClaimedRefresh;
use crate::settled::Ports;
use crate::transition::Cause;

/// Asks for a dispute, also for one that we don't hold: it is ours if what its charge paid for is.
pub(super) async fn refresh_dispute(
    ports: &Ports,
    claimed: &ClaimedRefresh,
    id: &DisputeId,
) -> Result<Refreshed, RefreshError> {
    let seen = ports.store.find_dispute(id).await?;
    let Some(mut answer) = ports.gateway.fetch_dispute(id).await? else {
        tracing::warn!(dispute_id = %id, "stripe does not know this dispute");
        return finish(ports, claimed).await;
    };
    if let Some(wait) = seen.as_ref().and_then(|row| row.distrusts(&answer.object, answer.as_of)) {
        return Ok(Refreshed::TooFresh(wait));
    }
    let purchase = match &seen {
        Some(row) => Some(row.record().purchase.clone()),
        None => find_owner(ports, &mut answer.object, cause_of(claimed)).await?,
    };
    let Some(purchase) = purchase else {
        tracing::debug!(dispute_id = %id, "the dispute is not of anything of ours");
        return finish(ports, claimed).await;
    };
    let mut work = ports.store.begin().await?;
    let seen = seen.as_ref().map_or(0, Dispute::version);
    let written = take_answer(work.as_mut(), seen, &answer, purchase, claimed, ports).await?;
    end(ports, work, claimed, written).await
}

/// What of ours is disputed. A dispute that names only its charge learns its `PaymentIntent`, too.
async fn find_owner(
    ports: &Ports,
    snapshot: &mut DisputeSnapshot,
    cause: Cause,
) -> Result<Option<PurchaseId>, RefreshError> {
    let intent = find_intent(ports, snapshot.payment_intent_id.as_ref(), snapshot.charge_id.as_ref()).await?;
    snapshot.payment_intent_id = intent;
    let Some(intent) = &snapshot.payment_intent_id else { return Ok(None) };
    Ok(find_purchase(ports, intent, cause).await?.map(|purchase| purchase.id))
}

/// Writes the answer, unless the row has changed since the question, when it was at version `seen` (0: absent).
async fn take_answer(
    work: &mut dyn UnitOfWork,
    seen: i64,
    answer: &Answer<DisputeSnapshot>,
    purchase: PurchaseId,
    claimed: &ClaimedRefresh,
    ports: &Ports,
) -> Result<bool, StoreError> {
    let (cause, now) = (cause_of(claimed), ports.clock.now());
    let snapshot = &answer.object;
    let mut held = work.disputes().find_disputes_for_update(std::slice::from_ref(&snapshot.id)).await?;
    if held.first().map_or(0, Dispute::version) != seen {
        return Ok(false);
    }
    let Some(row) = held.first_mut() else {
        match Dispute::first(snapshot, purchase, answer.as_of, cause, now) {
            Ok((row, transition)) => {
                work.disputes().create_dispute_records(&[row]).await?;
                work.transitions().record_transitions(&[transition]).await?;
            }
            Err(reason) => tracing::error!(dispute_id = %snapshot.id, %reason, "the dispute cannot be stored"),
        }
        return Ok(true);
    };
    if let Some(reason) = row.mismatch(snapshot) {
        tracing::error!(dispute_id = %snapshot.id, %reason, "stripe's answer does not fit the dispute; nothing was written");
        return Ok(true);
    }
    let transitions: Vec<_> = row.refresh(snapshot, answer.as_of, cause, now).into_iter().collect();
    work.disputes().update_dispute_statuses(&held).await?;
    work.transitions().record_transitions(&transitions).await?;
    Ok(true)
}
