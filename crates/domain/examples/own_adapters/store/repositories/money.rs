use async_trait::async_trait;
use settled_domain::dispute::Dispute;
use settled_domain::ids::{ChargeId, DisputeId, InvoiceId, PaymentIntentId, RefundId};
use settled_domain::invoice::Invoice;
use settled_domain::ports::{DisputeRepo, InvoiceRepo, RefundRepo, StoreError};
use settled_domain::refund::Refund;

use super::super::{Work, conflict};

#[async_trait]
impl InvoiceRepo for Work {
    async fn find_invoices_for_update(
        &mut self,
        ids: &[InvoiceId],
        intents: &[PaymentIntentId],
    ) -> Result<Vec<Invoice>, StoreError> {
        let is_wanted = |held: &&Invoice| {
            let intent = held.record().payment_intent_id.as_ref();
            ids.contains(held.id()) || intent.is_some_and(|intent| intents.contains(intent))
        };
        Ok(self.draft.invoices.values().filter(is_wanted).cloned().collect())
    }

    async fn create_invoice_records(&mut self, invoices: &[Invoice]) -> Result<(), StoreError> {
        for invoice in invoices {
            if self.draft.invoices.insert(invoice.id().clone(), invoice.clone()).is_some() {
                return Err(conflict("the invoice is there after all"));
            }
        }
        Ok(())
    }

    async fn update_invoice_statuses(&mut self, invoices: &[Invoice]) -> Result<(), StoreError> {
        for invoice in invoices {
            match self.draft.invoices.get_mut(invoice.id()) {
                Some(held) if held.version() < invoice.version() => *held = invoice.clone(),
                _ => return Err(conflict("no older invoice to replace")),
            }
        }
        Ok(())
    }
}

#[async_trait]
impl RefundRepo for Work {
    async fn find_refunds_for_update(
        &mut self,
        ids: &[RefundId],
        charges: &[ChargeId],
    ) -> Result<Vec<Refund>, StoreError> {
        let is_wanted = |held: &&Refund| {
            let charge = held.record().charge_id.as_ref();
            ids.contains(held.id()) || charge.is_some_and(|charge| charges.contains(charge))
        };
        Ok(self.draft.refunds.values().filter(is_wanted).cloned().collect())
    }

    async fn create_refund_records(&mut self, refunds: &[Refund]) -> Result<(), StoreError> {
        for refund in refunds {
            if self.draft.refunds.insert(refund.id().clone(), refund.clone()).is_some() {
                return Err(conflict("the refund is there after all"));
            }
        }
        Ok(())
    }

    async fn update_refund_statuses(&mut self, refunds: &[Refund]) -> Result<(), StoreError> {
        for refund in refunds {
            match self.draft.refunds.get_mut(refund.id()) {
                Some(held) if held.version() < refund.version() => *held = refund.clone(),
                _ => return Err(conflict("no older refund to replace")),
            }
        }
        Ok(())
    }
}

#[async_trait]
impl DisputeRepo for Work {
    async fn find_disputes_for_update(&mut self, ids: &[DisputeId]) -> Result<Vec<Dispute>, StoreError> {
        Ok(self.draft.disputes.values().filter(|held| ids.contains(held.id())).cloned().collect())
    }

    async fn create_dispute_records(&mut self, disputes: &[Dispute]) -> Result<(), StoreError> {
        for dispute in disputes {
            if self.draft.disputes.insert(dispute.id().clone(), dispute.clone()).is_some() {
                return Err(conflict("the dispute is there after all"));
            }
        }
        Ok(())
    }

    async fn update_dispute_statuses(&mut self, disputes: &[Dispute]) -> Result<(), StoreError> {
        for dispute in disputes {
            match self.draft.disputes.get_mut(dispute.id()) {
                Some(held) if held.version() < dispute.version() => *held = dispute.clone(),
                _ => return Err(conflict("no older dispute to replace")),
            }
        }
        Ok(())
    }
}
