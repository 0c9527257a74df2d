//! Invoices: drafting, finalizing, collecting.
//!
//! <https://docs.stripe.com/api/invoices>

pub(crate) mod collect;
pub(crate) mod draft;
pub(crate) mod items;

use serde_json::{Value, json};

use crate::customers::differences;
use crate::errors::StripeError;
use crate::objects::{BillingReason, Customer, Invoice, InvoiceStatus, PaymentMethod, Resource};
use crate::params::Params;
use crate::payments::attempt::{self, Presence, Verdict};
use crate::payments::{intents, methods};
use crate::reply::Reply;
use crate::store::Change;

const UNSIMULATED: &[&str] = &[
    "account_tax_ids",
    "application_fee_amount",
    "automatic_tax",
    "automatically_finalizes_at",
    "collection_method",
    "custom_fields",
    "customer_account",
    "days_until_due",
    "default_source",
    "default_tax_rates",
    "discounts",
    "due_date",
    "effective_at",
    "footer",
    "from_invoice",
    "issuer",
    "number",
    "on_behalf_of",
    "payment_settings",
    "rendering",
    "shipping_cost",
    "shipping_details",
    "statement_descriptor",
    "subscription",
    "transfer_data",
];

/// `POST /v1/invoices`: an invoice over what waits for this customer.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    params.refuse_unsimulated(UNSIMULATED)?;
    let id = params.required_text("customer")?;
    let mut customer: Customer = change.find_named(&id, "customer")?;
    let takes = params.choice("pending_invoice_items_behavior", &["exclude", "include"])?;
    let currency = intents::currency(params)?;
    let advances = params.boolean("auto_advance")?.unwrap_or(false);
    let description = params.text("description")?;
    let metadata = params.new_metadata("metadata")?;
    let method = params.text("default_payment_method")?;
    let method: Option<PaymentMethod> =
        method.map(|id| change.find_named(&id, "default_payment_method")).transpose()?;
    std::mem::take(params).finish()?;
    change.enter_clock(customer.test_clock.as_deref());
    let waiting = if takes == Some("include") { items::waiting(change.state, &customer.id) } else { Vec::new() };
    let currency = currency.or_else(|| waiting.first().map(|item| item.currency.clone()));
    let mut invoice = draft::blank(change, &mut customer, &currency.unwrap_or_else(|| "usd".to_owned()));
    invoice.reason = BillingReason::Manual;
    invoice.description = description;
    invoice.metadata = metadata;
    invoice.default_payment_method = method.map(|method| method.id);
    invoice.finalizes_at = advances.then_some(change.now + draft::DRAFT_S);
    draft::take_in(change, &mut invoice, waiting);
    change.put(&invoice);
    change.emit("invoice.created", &invoice);
    Ok(invoice.render(change.state))
}

/// `POST /v1/invoices/{id}`: description, metadata, default payment method and `auto_advance`.
pub(crate) fn update(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut invoice: Invoice = change.find(id)?;
    let before = invoice.render(change.state);
    params.refuse_unsimulated(UNSIMULATED)?;
    if let Some(description) = params.clearable_text("description")? {
        invoice.description = Some(description).filter(|text| !text.is_empty());
    }
    invoice.metadata = params.metadata("metadata")?.applied_to(&invoice.metadata, "metadata")?;
    if let Some(method) = params.text("default_payment_method")? {
        let method: PaymentMethod = change.find_named(&method, "default_payment_method")?;
        invoice.default_payment_method = Some(method.id);
    }
    change.enter_clock(invoice.test_clock.as_deref());
    if let Some(advances) = params.boolean("auto_advance")? {
        let finalizes = change.now + draft::DRAFT_S;
        invoice.finalizes_at = (advances && invoice.status == InvoiceStatus::Draft).then_some(finalizes);
    }
    std::mem::take(params).finish()?;
    let after = invoice.render(change.state);
    if before != after {
        change.put(&invoice);
        change.emit_update("invoice.updated", &invoice, differences(&before, &after));
    }
    Ok(after)
}

/// `DELETE /v1/invoices/{id}`: of a draft.
pub(crate) fn delete(change: &mut Change<'_>, id: &str) -> Result<Value, StripeError> {
    let mut invoice: Invoice = change.find(id)?;
    if invoice.status != InvoiceStatus::Draft || invoice.subscription.is_some() {
        return Err(StripeError::invalid("You can only delete draft invoices that belong to no subscription."));
    }
    change.enter_clock(invoice.test_clock.as_deref());
    invoice.deleted = true;
    change.put(&invoice);
    items::release(change, id);
    change.emit("invoice.deleted", &invoice);
    Ok(json!({ "id": id, "object": "invoice", "deleted": true }))
}

/// `POST /v1/invoices/{id}/finalize`.
pub(crate) fn finalize(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut invoice: Invoice = change.find(id)?;
    params.refuse_unsimulated(&["auto_advance"])?;
    std::mem::take(params).finish()?;
    if invoice.status != InvoiceStatus::Draft {
        return Err(StripeError::invalid(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
        ));
    }
    change.enter_clock(invoice.test_clock.as_deref());
    collect::finalize(change, &mut invoice);
    Ok(invoice.render(change.state))
}

/// `POST /v1/invoices/{id}/pay`: finalizes a draft and collects it.
pub(crate) fn pay(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Reply, StripeError> {
    let mut invoice: Invoice = change.find(id)?;
    params.refuse_unsimulated(&["forgive", "mandate", "source"])?;
    let given = params.text("payment_method")?;
    let given = given.map(|id| methods::named(change, &id, "payment_method")).transpose()?;
    let off_session = params.boolean("off_session")?.unwrap_or(true);
    let outside = params.boolean("paid_out_of_band")?.unwrap_or(false);
    std::mem::take(params).finish()?;
    match invoice.status {
        InvoiceStatus::Draft | InvoiceStatus::Open | InvoiceStatus::Uncollectible => {}
        InvoiceStatus::Paid => return Err(StripeError::invalid("Invoice is already paid")),
        InvoiceStatus::Void => return Err(StripeError::invalid("This invoice is void and cannot be paid.")),
    }
    let method = given.or_else(|| collect::default_method(change.state, &invoice));
    let needs_method = invoice.total > 0 && !outside;
    if needs_method && method.is_none() {
        return Err(StripeError::invalid(
            "There is no `default_payment_method` set on this Customer or Invoice. Pass a payment method, or set one.",
        )
        .with_code("resource_missing"));
    }
    change.enter_clock(invoice.test_clock.as_deref());
    if invoice.status == InvoiceStatus::Draft {
        collect::finalize(change, &mut invoice);
    }
    if outside && invoice.status != InvoiceStatus::Paid {
        collect::paid(change, &mut invoice);
    }
    if let Some(method) = method.filter(|_| invoice.status != InvoiceStatus::Paid) {
        change.put(&method);
        let presence = if off_session { Presence::OffSession } else { Presence::OnSession };
        let verdict = attempt::ask(&method, presence);
        collect::collect(change, &mut invoice, Some((&method, verdict)));
        collect::tell_subscription(change, &invoice, verdict);
        if let Some(error) = refusal(change, &invoice, verdict) {
            return Ok(Reply::Refused(error));
        }
    }
    Ok(invoice.render(change.state).into())
}

fn refusal(change: &Change<'_>, invoice: &Invoice, verdict: Verdict) -> Option<StripeError> {
    let intent = invoice.payment_intent.as_ref().and_then(|id| change.state.payment_intents.get(id))?;
    match verdict {
        Verdict::Declined(decline) => Some(intents::refusal(change, intent, decline)),
        Verdict::Challenged => {
            let mut error = intents::refusal(change, intent, crate::objects::Decline::AuthenticationRequired);
            error.code = Some("invoice_payment_intent_requires_action");
            error.message.clear();
            error.message.push_str(
                "Payment for this invoice requires additional user action before it can be completed successfully.",
            );
            Some(error)
        }
        Verdict::Paid | Verdict::Processing => None,
    }
}

/// `POST /v1/invoices/{id}/void`.
pub(crate) fn void(change: &mut Change<'_>, id: &str) -> Result<Value, StripeError> {
    let mut invoice: Invoice = change.find(id)?;
    if !matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible) {
        return Err(StripeError::invalid("You can only pass in open invoices. This invoice isn't open."));
    }
    change.enter_clock(invoice.test_clock.as_deref());
    collect::void(change, &mut invoice);
    Ok(invoice.render(change.state))
}

/// `POST /v1/invoices/{id}/mark_uncollectible`.
pub(crate) fn mark_uncollectible(change: &mut Change<'_>, id: &str) -> Result<Value, StripeError> {
    let mut invoice: Invoice = change.find(id)?;
    if invoice.status != InvoiceStatus::Open {
        return Err(StripeError::invalid("You can only pass in open invoices. This invoice isn't open."));
    }
    change.enter_clock(invoice.test_clock.as_deref());
    invoice.status = InvoiceStatus::Uncollectible;
    invoice.uncollectible_at = Some(change.now);
    invoice.next_payment_attempt = None;
    change.put(&invoice);
    change.emit("invoice.marked_uncollectible", &invoice);
    Ok(invoice.render(change.state))
}
