//! What of a settlement is to be written, table by table.

use super::Settlement;
use crate::customer::Customer;
use crate::dispute::Dispute;
use crate::invoice::Invoice;
use crate::payment::Payment;
use crate::refund::Refund;
use crate::subscription::Subscription;

impl Settlement {
    /// The customers to mark as deleted, in the order of their ids.
    #[must_use]
    pub fn deleted_customers(&self) -> Vec<Customer> {
        self.customers.changed_rows()
    }

    /// The payments to write, in the order of their keys.
    #[must_use]
    pub fn changed_payments(&self) -> Vec<Payment> {
        self.payments.changed_rows()
    }

    /// The subscriptions to insert, in the order of their keys.
    #[must_use]
    pub fn new_subscriptions(&self) -> Vec<Subscription> {
        self.subscriptions.new_rows()
    }

    /// The subscriptions to write, in the order of their keys.
    #[must_use]
    pub fn changed_subscriptions(&self) -> Vec<Subscription> {
        self.subscriptions.changed_rows()
    }

    /// The invoices to insert, in the order of their keys.
    #[must_use]
    pub fn new_invoices(&self) -> Vec<Invoice> {
        self.invoices.new_rows()
    }

    /// The invoices to write, in the order of their keys.
    #[must_use]
    pub fn changed_invoices(&self) -> Vec<Invoice> {
        self.invoices.changed_rows()
    }

    /// The refunds to insert, in the order of their keys.
    #[must_use]
    pub fn new_refunds(&self) -> Vec<Refund> {
        self.refunds.new_rows()
    }

    /// The refunds to write, in the order of their keys.
    #[must_use]
    pub fn changed_refunds(&self) -> Vec<Refund> {
        self.refunds.changed_rows()
    }

    /// The disputes to insert, in the order of their keys.
    #[must_use]
    pub fn new_disputes(&self) -> Vec<Dispute> {
        self.disputes.new_rows()
    }

    /// The disputes to write, in the order of their keys.
    #[must_use]
    pub fn changed_disputes(&self) -> Vec<Dispute> {
        self.disputes.changed_rows()
    }
}
