//! Getting an invoice paid.
//!
//! Events, in the order of <https://docs.stripe.com/billing/subscriptions/webhooks>:
//! `invoice.finalized`, those of the payment, then `invoice.paid` and `invoice.payment_succeeded`,
//! or `invoice.payment_failed` (after `invoice.payment_action_required`, if the holder has to confirm).

use crate::objects::{
    BillingReason, Customer, Decline, Invoice, InvoiceStatus, PaymentIntent, PaymentIntentStatus, PaymentMethod,
};
use crate::payments::attempt::{self, Presence, Verdict};
use crate::store::{Change, State};
use crate::subscriptions::dunning;

/// Days between the attempts to collect a renewal. After the last one the subscription ends.
///
/// Stripe picks the days by itself, or takes them from the settings of the account:
/// <https://docs.stripe.com/billing/revenue-recovery/smart-retries>
const RETRY_DAYS: [i64; 3] = [3, 5, 7];

/// Makes a draft final. What costs nothing is paid by that.
pub(crate) fn finalize(change: &mut Change<'_>, invoice: &mut Invoice) {
    invoice.status = InvoiceStatus::Open;
    invoice.finalized_at = Some(change.now);
    invoice.finalizes_at = None;
    change.put(invoice);
    change.emit("invoice.finalized", invoice);
    if invoice.total <= 0 {
        paid(change, invoice);
    }
}

/// Collects an open invoice, or fails to: what the bank says is known by now. Without a payment
/// method there is nobody to ask.
pub(crate) fn collect(
    change: &mut Change<'_>,
    invoice: &mut Invoice,
    asked: Option<(&PaymentMethod, Verdict)>,
) -> Verdict {
    let mut intent = intent(change, invoice);
    invoice.attempt_count += 1;
    let verdict = match asked {
        Some((method, verdict)) => {
            attempt::apply(change, &mut intent, method, verdict);
            verdict
        }
        None => Verdict::Declined(Decline::Generic),
    };
    match verdict {
        Verdict::Paid => paid(change, invoice),
        Verdict::Processing => {
            invoice.next_payment_attempt = None;
            change.put(invoice);
        }
        Verdict::Challenged => {
            change.put(invoice);
            change.emit("invoice.payment_action_required", invoice);
            failed(change, invoice);
        }
        Verdict::Declined(_) => failed(change, invoice),
    }
    verdict
}

/// Makes the PaymentIntent that somebody will confirm.
pub(crate) fn prepare(change: &mut Change<'_>, invoice: &mut Invoice) {
    if invoice.status == InvoiceStatus::Open {
        intent(change, invoice);
        change.put(invoice);
    }
}

/// The invoice's PaymentIntent; the first attempt to collect makes it.
fn intent(change: &mut Change<'_>, invoice: &mut Invoice) -> PaymentIntent {
    let existing = invoice.payment_intent.as_ref().and_then(|id| change.state.payment_intents.get(id));
    let usable = |intent: &&PaymentIntent| intent.status != PaymentIntentStatus::Canceled;
    if let Some(intent) = existing.filter(usable) {
        return intent.clone();
    }
    let mut intent = attempt::new_intent(change, invoice.total, &invoice.currency);
    intent.customer = Some(invoice.customer.clone());
    intent.invoice = Some(invoice.id.clone());
    let purpose = match invoice.reason {
        BillingReason::SubscriptionCreate => "Subscription creation",
        BillingReason::SubscriptionCycle | BillingReason::SubscriptionUpdate => "Subscription update",
        BillingReason::Manual => "Payment for Invoice",
    };
    intent.description = Some(purpose.to_owned());
    attempt::announce(change, &intent);
    invoice.payment_intent = Some(intent.id.clone());
    intent
}

/// Notes that an invoice was paid.
pub(crate) fn paid(change: &mut Change<'_>, invoice: &mut Invoice) {
    invoice.status = InvoiceStatus::Paid;
    invoice.paid_at = Some(change.now);
    invoice.next_payment_attempt = None;
    change.put(invoice);
    set_delinquent(change, invoice, Delinquent::No);
    change.emit("invoice.paid", invoice);
    change.emit("invoice.payment_succeeded", invoice);
}

fn failed(change: &mut Change<'_>, invoice: &mut Invoice) {
    let retries = invoice.reason == BillingReason::SubscriptionCycle;
    let attempt = usize::try_from(invoice.attempt_count - 1).unwrap_or(usize::MAX);
    let wait = RETRY_DAYS.get(attempt).filter(|_| retries);
    invoice.next_payment_attempt = wait.map(|days| change.now + days * 86_400);
    change.put(invoice);
    set_delinquent(change, invoice, Delinquent::Yes);
    change.emit("invoice.payment_failed", invoice);
}

/// Ends an invoice that nobody will pay.
pub(crate) fn void(change: &mut Change<'_>, invoice: &mut Invoice) {
    invoice.status = InvoiceStatus::Void;
    invoice.voided_at = Some(change.now);
    invoice.next_payment_attempt = None;
    change.put(invoice);
    if let Some(mut intent) =
        invoice.payment_intent.as_ref().and_then(|id| change.state.payment_intents.get(id)).cloned()
        && !matches!(intent.status, PaymentIntentStatus::Succeeded | PaymentIntentStatus::Processing)
    {
        intent.status = PaymentIntentStatus::Canceled;
        intent.canceled_at = Some(change.now);
        intent.cancellation_reason = Some("void_invoice".to_owned());
        change.put(&intent);
        change.emit("payment_intent.canceled", &intent);
    }
    change.emit("invoice.voided", invoice);
}

/// What the agenda does with an invoice: finalizes a draft, tries again to collect.
pub(crate) fn advance(change: &mut Change<'_>, id: &str) {
    let Some(mut invoice) = change.state.invoices.get(id).cloned() else {
        return;
    };
    if invoice.status == InvoiceStatus::Draft {
        finalize(change, &mut invoice);
    }
    if invoice.status != InvoiceStatus::Open {
        return;
    }
    invoice.next_payment_attempt = None;
    let method = default_method(change.state, &invoice);
    let asked = method.as_ref().map(|method| (method, attempt::ask(method, Presence::OffSession)));
    let verdict = collect(change, &mut invoice, asked);
    tell_subscription(change, &invoice, verdict);
}

/// What an invoice is collected from: its own payment method, the subscription's, or the customer's.
pub(crate) fn default_method(state: &State, invoice: &Invoice) -> Option<PaymentMethod> {
    let subscription = invoice.subscription.as_ref().and_then(|id| state.subscriptions.get(id));
    let of_subscription = subscription.and_then(|subscription| subscription.default_payment_method.as_ref());
    let customer = state.customers.get(&invoice.customer);
    let of_customer = customer.and_then(|customer| customer.default_payment_method.as_ref());
    let id = invoice.default_payment_method.as_ref().or(of_subscription).or(of_customer)?;
    state.payment_methods.get(id).cloned()
}

/// A payment that took its time ended.
pub(crate) fn payment_ended(change: &mut Change<'_>, mut invoice: Invoice, intent: &PaymentIntent) {
    let verdict = if intent.status == PaymentIntentStatus::Succeeded {
        paid(change, &mut invoice);
        Verdict::Paid
    } else {
        failed(change, &mut invoice);
        Verdict::Declined(intent.decline.unwrap_or_default())
    };
    tell_subscription(change, &invoice, verdict);
}

/// Lets the subscription follow its invoice.
pub(crate) fn tell_subscription(change: &mut Change<'_>, invoice: &Invoice, verdict: Verdict) {
    let subscription = invoice.subscription.as_ref().and_then(|id| change.state.subscriptions.get(id)).cloned();
    if let Some(subscription) = subscription {
        match verdict {
            Verdict::Paid | Verdict::Processing => dunning::paid(change, subscription),
            Verdict::Challenged | Verdict::Declined(_) => dunning::unpaid(change, subscription, invoice),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delinquent {
    Yes,
    No,
}

fn set_delinquent(change: &mut Change<'_>, invoice: &Invoice, delinquent: Delinquent) {
    let customer: Option<&Customer> = change.state.customers.get(&invoice.customer);
    let delinquent = delinquent == Delinquent::Yes;
    if let Some(mut customer) = customer.filter(|customer| customer.delinquent != delinquent).cloned() {
        customer.delinquent = delinquent;
        change.put(&customer);
    }
}
