//! A life at Stripe told in events, and rows that take the events in: whatever the order, repetition and batching, each row
//! ends as Stripe has it, or Stripe is asked about it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use time::{Duration, OffsetDateTime};

use super::{Held, Keys, settle};
use crate::customer::Customer;
use crate::dispute::{Dispute, DisputeSnapshot, DisputeStatus};
use crate::event::{EventContent, WebhookEvent};
use crate::examples::{
    NOW, SECOND, customer, customer_id, dispute_snapshot, event, home, invoice_snapshot, one_time, paid_session,
    pending, refund_snapshot, snapshot, subscription_id,
};
use crate::ids::{CustomerId, DisputeId, EventId, InvoiceId, PaymentId, RefundId, SubscriptionId};
use crate::invoice::{Invoice, InvoiceSnapshot, InvoiceStatus};
use crate::payment::{Payment, PaymentStatus};
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::refund::{Refund, RefundSnapshot, RefundStatus, RefundedCharge};
use crate::session::{CheckoutSession, SessionEvent};
use crate::subscription::{News, Subscription, SubscriptionSnapshot, SubscriptionStatus};

/// Stripe's side.
#[derive(Debug, Default)]
struct Life {
    second: i64,
    events: Vec<WebhookEvent>,
    is_paid: bool,
    subscription: Option<SubscriptionSnapshot>,
    invoices: Vec<InvoiceSnapshot>,
    refunds: Vec<RefundSnapshot>,
    dispute: Option<DisputeSnapshot>,
    deleted_at: Option<OffsetDateTime>,
}

impl Life {
    fn now(&self) -> OffsetDateTime {
        SECOND + Duration::seconds(self.second)
    }

    fn tell(&mut self, content: EventContent) {
        let id = format!("evt_{:04}", self.events.len());
        self.events.push(WebhookEvent { created: self.now(), ..event(&id, content) });
    }

    /// Something happens, if it can.
    fn step(&mut self, what: u8, passes: bool) {
        self.second += i64::from(passes);
        match what {
            0 => self.pay(),
            1 => self.subscribe(),
            2 | 3 => self.change_subscription(what == 2),
            4 => self.end_subscription(),
            5 => self.bill(),
            6 | 7 => self.advance_invoice(what == 6),
            8 => self.give_back(),
            9 => self.advance_refund(),
            10 | 11 => self.dispute(),
            _ => self.delete_customer(),
        }
    }

    fn pay(&mut self) {
        if !std::mem::replace(&mut self.is_paid, true) {
            self.tell(EventContent::CheckoutSession(SessionEvent::Completed, one_time_session()));
            self.tell(EventContent::CheckoutSession(SessionEvent::Completed, paid_session()));
        }
    }

    fn subscribe(&mut self) {
        if self.subscription.is_none() && self.deleted_at.is_none() {
            let created = snapshot(SubscriptionStatus::Incomplete);
            self.subscription = Some(created.clone());
            self.tell(EventContent::Subscription(News::Created, created));
        }
    }

    fn change_subscription(&mut self, to_active: bool) {
        let status = if to_active { SubscriptionStatus::Active } else { SubscriptionStatus::PastDue };
        if let Some(held) = self.subscription.as_mut().filter(|held| held.status != Some(SubscriptionStatus::Canceled))
        {
            held.status = Some(status);
            held.quantity += 1;
            let told = held.clone();
            self.tell(EventContent::Subscription(News::Updated, told));
        }
    }

    fn end_subscription(&mut self) {
        if let Some(held) = self.subscription.as_mut().filter(|held| held.status != Some(SubscriptionStatus::Canceled))
        {
            held.status = Some(SubscriptionStatus::Canceled);
            let told = held.clone();
            self.tell(EventContent::Subscription(News::Updated, told));
        }
    }

    fn bill(&mut self) {
        let n = self.invoices.len() + 1;
        if n <= 2 {
            let draft = InvoiceSnapshot {
                id: InvoiceId::new(format!("in_{n}")).unwrap(),
                payment_intent_id: format!("pi_in_{n}").parse().ok(),
                created_at: self.now(),
                ..invoice_snapshot(InvoiceStatus::Draft)
            };
            self.invoices.push(draft.clone());
            self.tell(EventContent::Invoice(draft));
        }
    }

    fn advance_invoice(&mut self, first: bool) {
        let now = self.now();
        let chosen = if first { self.invoices.first_mut() } else { self.invoices.last_mut() };
        let Some(invoice) = chosen else { return };
        match invoice.status {
            Some(InvoiceStatus::Draft) if invoice.amount_due_minor == 1900 => invoice.amount_due_minor = 2900,
            Some(InvoiceStatus::Draft) => invoice.status = Some(InvoiceStatus::Open),
            Some(InvoiceStatus::Open) => {
                invoice.status = Some(InvoiceStatus::Paid);
                invoice.amount_paid_minor = invoice.amount_due_minor;
                invoice.paid_at = Some(now);
            }
            _ => return,
        }
        let told = invoice.clone();
        self.tell(EventContent::Invoice(told));
    }

    /// Of the payment first, and then of the first invoice.
    fn give_back(&mut self) {
        let n = self.refunds.len() + 1;
        let is_possible = match n {
            1 | 2 => self.is_paid,
            3 => self.invoices.first().is_some_and(|invoice| invoice.status == Some(InvoiceStatus::Paid)),
            _ => false,
        };
        if is_possible {
            let of_invoice = n == 3;
            let refund = RefundSnapshot {
                id: RefundId::new(format!("re_{n}")).unwrap(),
                payment_intent_id: if of_invoice { "pi_in_1" } else { "pi_1" }.parse().ok(),
                charge_id: if of_invoice { "ch_2" } else { "ch_1" }.parse().ok(),
                ..refund_snapshot(RefundStatus::Pending)
            };
            self.refunds.push(refund.clone());
            self.tell(EventContent::Refund(refund));
            self.tell_sum();
        }
    }

    fn advance_refund(&mut self) {
        let Some(refund) = self.refunds.iter_mut().find(|refund| refund.status != Some(RefundStatus::Failed)) else {
            return;
        };
        let next =
            if refund.status == Some(RefundStatus::Pending) { RefundStatus::Succeeded } else { RefundStatus::Failed };
        refund.status = Some(next);
        let told = refund.clone();
        self.tell(EventContent::Refund(told));
    }

    fn tell_sum(&mut self) {
        let counted = self.refunds.iter().filter(|refund| {
            refund.charge_id == "ch_1".parse().ok() && refund.status.is_some_and(RefundStatus::counts)
        });
        let amount_refunded_minor = counted.map(|refund| refund.amount_minor).sum();
        let id = "ch_1".parse().unwrap();
        self.tell(EventContent::ChargeRefunded(RefundedCharge {
            id,
            customer_id: Some(customer_id()),
            amount_refunded_minor,
        }));
    }

    fn dispute(&mut self) {
        let told = match &mut self.dispute {
            None if self.is_paid => (News::Created, dispute_snapshot(DisputeStatus::NeedsResponse)),
            None => return,
            Some(held) => {
                let next = match held.status {
                    Some(DisputeStatus::Lost) => DisputeStatus::AppealUnderReview,
                    _ => DisputeStatus::Lost,
                };
                (News::Updated, DisputeSnapshot { status: Some(next), ..held.clone() })
            }
        };
        self.dispute = Some(told.1.clone());
        self.tell(EventContent::Dispute(told.0, told.1));
    }

    fn delete_customer(&mut self) {
        if self.deleted_at.is_none() {
            self.end_subscription();
            self.deleted_at = Some(self.now());
            self.tell(EventContent::CustomerDeleted(customer_id()));
        }
    }
}

fn one_time_session() -> CheckoutSession {
    CheckoutSession {
        id: "cs_test_2".parse().unwrap(),
        payment_id: Some(one_time().id()),
        payment_intent_id: "pi_1".parse().ok(),
        subscription_id: None,
        amount_subtotal: Some(19_900),
        amount_total: Some(19_900),
        ..paid_session()
    }
}

/// Our side.
#[derive(Debug, Default)]
struct Rows {
    customers: BTreeMap<Option<CustomerId>, Customer>,
    subscriptions: BTreeMap<SubscriptionId, Subscription>,
    payments: BTreeMap<PaymentId, Payment>,
    invoices: BTreeMap<InvoiceId, Invoice>,
    refunds: BTreeMap<RefundId, Refund>,
    disputes: BTreeMap<DisputeId, Dispute>,
    asked: Vec<RefreshRequest>,
}

impl Rows {
    fn new() -> Self {
        let payments = [pending(), one_time()].map(|payment| (payment.id(), payment));
        Self {
            customers: BTreeMap::from([(customer().customer_id, customer())]),
            payments: BTreeMap::from(payments),
            ..Self::default()
        }
    }

    fn read(&self, keys: &Keys) -> Held {
        let of_intent =
            |intent: Option<&crate::ids::PaymentIntentId>| intent.is_some_and(|it| keys.intents.contains(it));
        let is_named = |row: &&Subscription| {
            keys.subscriptions.contains(row.id()) || keys.deleted_customers.contains(&row.record().customer_id)
        };
        let has_session = |row: &&Payment| {
            keys.payments.contains(&row.id())
                || row.record().session_id.as_ref().is_some_and(|id| keys.sessions.contains(id))
        };
        let of_charge = |row: &&Refund| {
            keys.refunds.contains(row.id())
                || row.record().charge_id.as_ref().is_some_and(|id| keys.charges.contains(id))
        };
        Held {
            customers: self
                .customers
                .values()
                .filter(|it| it.customer_id.as_ref().is_some_and(|id| keys.customers.contains(id)))
                .cloned()
                .collect(),
            subscriptions: self.subscriptions.values().filter(is_named).cloned().collect(),
            payments: self.payments.values().filter(has_session).cloned().collect(),
            payments_of_intents: self
                .payments
                .values()
                .filter(|row| of_intent(row.record().payment_intent_id.as_ref()))
                .cloned()
                .collect(),
            invoices: self
                .invoices
                .values()
                .filter(|row| keys.invoices.contains(row.id()) || of_intent(row.record().payment_intent_id.as_ref()))
                .cloned()
                .collect(),
            refunds: self.refunds.values().filter(of_charge).cloned().collect(),
            disputes: self.disputes.values().filter(|row| keys.disputes.contains(row.id())).cloned().collect(),
        }
    }

    fn take(&mut self, events: &[WebhookEvent]) {
        let settlement = settle(events, self.read(&Keys::of(events)), &home(), NOW);
        self.customers.extend(settlement.deleted_customers().into_iter().map(|row| (row.customer_id.clone(), row)));
        let subscriptions = [settlement.new_subscriptions(), settlement.changed_subscriptions()].concat();
        self.subscriptions.extend(subscriptions.into_iter().map(|row| (row.id().clone(), row)));
        self.payments.extend(settlement.changed_payments().into_iter().map(|row| (row.id(), row)));
        let invoices = [settlement.new_invoices(), settlement.changed_invoices()].concat();
        self.invoices.extend(invoices.into_iter().map(|row| (row.id().clone(), row)));
        let refunds = [settlement.new_refunds(), settlement.changed_refunds()].concat();
        self.refunds.extend(refunds.into_iter().map(|row| (row.id().clone(), row)));
        let disputes = [settlement.new_disputes(), settlement.changed_disputes()].concat();
        self.disputes.extend(disputes.into_iter().map(|row| (row.id().clone(), row)));
        self.asked.extend(settlement.refreshes);
        let is_answered = |wish: &RefreshRequest| {
            wish.reason == RefreshReason::Stub && settlement.answered_stubs.contains(&wish.object)
        };
        self.asked.retain(|wish| !is_answered(wish));
    }

    fn is_asked(&self, object: &RefreshObject) -> bool {
        let mut wishes = self.asked.iter().filter(|wish| wish.object == *object);
        wishes.any(|wish| match (object, wish.answered_from) {
            (RefreshObject::Subscription(id), Some(second)) => {
                self.subscriptions.get(id).is_none_or(|row| row.is_stub() || row.record().as_of < second)
            }
            _ => true,
        })
    }

    fn assert_equal(&self, life: &Life) {
        for payment in self.payments.values() {
            assert_eq!(payment.status() == PaymentStatus::Succeeded, life.is_paid);
        }
        if let Some(truth) = &life.subscription {
            let held = self.subscriptions.get(&truth.id);
            let is_right =
                held.is_some_and(|row| (Some(row.status()), row.record().quantity) == (truth.status, truth.quantity));
            assert!(is_right || self.is_asked(&RefreshObject::Subscription(subscription_id())), "{held:?}");
        }
        for truth in &life.invoices {
            let held = self.invoices.get(&truth.id);
            let is_right = held.is_some_and(|row| {
                (Some(row.status()), row.record().amount_due_minor) == (truth.status, truth.amount_due_minor)
            });
            assert!(is_right || self.is_asked(&RefreshObject::Invoice(truth.id.clone())), "{held:?}");
        }
        for truth in &life.refunds {
            let held = self.refunds.get(&truth.id);
            let is_right = held.is_some_and(|row| Some(row.status()) == truth.status);
            assert!(is_right || self.is_asked(&RefreshObject::Refund(truth.id.clone())), "{held:?}");
        }
        if let Some(truth) = &life.dispute {
            let held = self.disputes.get(&truth.id);
            let is_right = held.is_some_and(|row| Some(row.status()) == truth.status);
            assert!(is_right || self.is_asked(&RefreshObject::Dispute(truth.id.clone())), "{held:?}");
        }
        assert_eq!(self.customers[&Some(customer_id())].deleted_at, life.deleted_at);
    }
}

proptest! {
    #[test]
    fn any_order_repetition_and_batching_of_a_life_ends_as_stripe_has_it_or_stripe_is_asked(
        steps in proptest::collection::vec((0_u8..13, any::<bool>()), 1..25),
        repeated in proptest::collection::vec(any::<Index>(), 0..10),
        order in proptest::collection::vec(any::<u32>(), 120),
        batch in 1_usize..8,
    ) {
        let mut life = Life::default();
        for (what, passes) in steps {
            life.step(what, passes);
        }
        let mut told = life.events.clone();
        if !told.is_empty() {
            told.extend(repeated.iter().map(|index| index.get(&life.events).clone()));
        }
        let mut shuffled: Vec<_> = told.into_iter().zip(order).collect();
        shuffled.sort_by_key(|(_, place)| *place);
        let told: Vec<_> = shuffled.into_iter().enumerate().map(|(n, (event, _))| {
            // One fact can have two ids.
            WebhookEvent { id: EventId::new(format!("evt_{n:04}")).unwrap(), ..event }
        }).collect();
        let mut rows = Rows::new();
        for batch in told.chunks(batch) {
            rows.take(batch);
        }
        rows.assert_equal(&life);
    }
}
