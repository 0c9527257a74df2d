use time::OffsetDateTime;

use super::{RefreshError, Refreshed, cause_of, end};
use crate::ids::InvoiceId;
use crate::invoice::{Invoice, InvoiceSnapshot};
use crate::ports::{Answer, StoreError, UnitOfWork};
use crate::refresh_request::ClaimedRefresh;
use crate::settled::Ports;
use crate::transition::Cause;

/// Asks for an invoice, also for one that we don't hold: it is ours if its customer is.
pub(super) async fn refresh_invoice(
    ports: &Ports,
    claimed: &ClaimedRefresh,
    id: &InvoiceId,
) -> Result<Refreshed, RefreshError> {
    let seen = ports.store.find_invoice(id).await?;
    let answer = ports.gateway.fetch_invoice(id).await?;
    if let (Some(row), Some(answer)) = (&seen, &answer)
        && let Some(wait) = row.distrusts(&answer.object, answer.as_of)
    {
        return Ok(Refreshed::TooFresh(wait));
    }
    let seen = seen.as_ref().map_or(0, Invoice::version);
    let (cause, now) = (cause_of(claimed), ports.clock.now());
    let mut work = ports.store.begin().await?;
    let written = match &answer {
        Some(answer) => take_invoice_answer(work.as_mut(), seen, answer, cause, now).await?,
        None => take_loss(work.as_mut(), seen, id, cause, now).await?,
    };
    end(ports, work, claimed, written).await
}

/// Writes Stripe's answer about an invoice, unless the row has changed since the question, when it was at version `seen`
/// (0: absent).
pub(super) async fn take_invoice_answer(
    work: &mut dyn UnitOfWork,
    seen: i64,
    answer: &Answer<InvoiceSnapshot>,
    cause: Cause,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let snapshot = &answer.object;
    let named: Vec<_> = snapshot.customer_id.clone().into_iter().collect();
    let customers = work.customers().find_customers(&named).await?;
    let mut held = work.invoices().find_invoices_for_update(std::slice::from_ref(&snapshot.id), &[]).await?;
    if held.first().map_or(0, Invoice::version) != seen {
        return Ok(false);
    }
    if let Some(row) = held.first_mut() {
        if let Some(reason) = row.mismatch(snapshot) {
            tracing::error!(invoice_id = %snapshot.id, %reason, "stripe's answer does not fit the invoice; nothing was written");
            return Ok(true);
        }
        let transition = row.refresh(snapshot, answer.as_of, cause, now);
        work.invoices().update_invoice_statuses(&held).await?;
        let transitions: Vec<_> = transition.into_iter().collect();
        work.transitions().record_transitions(&transitions).await?;
        return Ok(true);
    }
    let owner = named.into_iter().next().zip(customers.into_iter().next().map(|customer| customer.user_id));
    let first = owner.and_then(|owner| Invoice::first(snapshot, owner, answer.as_of, cause, now));
    let Some((row, transition)) = first else {
        tracing::debug!(invoice_id = %snapshot.id, "the invoice is not ours, or in a status that we don't know");
        return Ok(true);
    };
    work.invoices().create_invoice_records(&[row]).await?;
    work.transitions().record_transitions(&[transition]).await?;
    Ok(true)
}

async fn take_loss(
    work: &mut dyn UnitOfWork,
    seen: i64,
    id: &InvoiceId,
    cause: Cause,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let mut held = work.invoices().find_invoices_for_update(std::slice::from_ref(id), &[]).await?;
    if held.first().map_or(0, Invoice::version) != seen {
        return Ok(false);
    }
    let Some(transition) = held.first_mut().and_then(|row| row.lost(cause, now)) else {
        tracing::warn!(invoice_id = %id, "stripe does not know this invoice");
        return Ok(true);
    };
    work.invoices().update_invoice_statuses(&held).await?;
    work.transitions().record_transitions(&[transition]).await?;
    Ok(true)
}
