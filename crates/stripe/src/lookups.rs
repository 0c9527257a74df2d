//! Finding objects by others that they belong to.

use serde::Deserialize;
use settled_domain::ids::{ChargeId, InvoiceId, PaymentIntentId};
use settled_domain::ports::{Answer, GatewayError};
use settled_domain::refund::RefundSnapshot;
use settled_domain::session::CheckoutSession;

use crate::call::{Client, NotUsable, Reply, is_unknown_object};
use crate::read::{ChargeOwner, NamedInvoice, RefundObject, SessionObject};
use crate::requests::{self, Call};

/// The most pages of one list that are read: a charge with a thousand refunds is a mistake or an attack.
const MAX_PAGES: u32 = 10;

/// <https://docs.stripe.com/api/pagination>
#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    #[serde(default)]
    has_more: bool,
}

/// All refunds of a charge, as they were when the last page came.
pub(crate) async fn list_refunds(
    client: &Client,
    charge: &ChargeId,
) -> Result<Option<Answer<Vec<RefundSnapshot>>>, GatewayError> {
    let mut refunds: Vec<RefundSnapshot> = Vec::new();
    for _ in 0..MAX_PAGES {
        let after = refunds.last().map(|refund| refund.id.as_str().to_owned());
        let Some(reply) = page(client, &requests::list_refunds(charge, after.as_deref())).await? else {
            return Ok(None);
        };
        let read: Page<RefundObject> = reply.json()?;
        for object in read.data {
            refunds.push(object.try_into().map_err(NotUsable::from)?);
        }
        if !read.has_more {
            return reply.answer(refunds).map(Some);
        }
    }
    Err(NotUsable::TooManyPages.into())
}

pub(crate) async fn find_session(
    client: &Client,
    intent: &PaymentIntentId,
) -> Result<Option<CheckoutSession>, GatewayError> {
    let Some(reply) = page(client, &requests::list_sessions_of(intent)).await? else { return Ok(None) };
    let page: Page<SessionObject> = reply.json()?;
    Ok(page.data.into_iter().next().map(CheckoutSession::try_from).transpose().map_err(NotUsable::from)?)
}

pub(crate) async fn find_invoice(client: &Client, intent: &PaymentIntentId) -> Result<Option<InvoiceId>, GatewayError> {
    let Some(reply) = page(client, &requests::list_invoice_payments_of(intent)).await? else { return Ok(None) };
    let page: Page<NamedInvoice> = reply.json()?;
    // A deleted or strange invoice is nobody's we know.
    Ok(page.data.into_iter().next().and_then(|named| InvoiceId::new(named.invoice.id).ok()))
}

pub(crate) async fn find_intent(client: &Client, charge: &ChargeId) -> Result<Option<PaymentIntentId>, GatewayError> {
    let Some(reply) = page(client, &requests::retrieve_charge(charge)).await? else { return Ok(None) };
    let read: ChargeOwner = reply.json()?;
    if read.id != charge.as_str() {
        return Err(NotUsable::OtherObject.into());
    }
    Ok(read.payment_intent.and_then(|named| PaymentIntentId::new(named.id).ok()))
}

/// `None` when Stripe does not know what was asked for, or what the list was to be narrowed by.
async fn page(client: &Client, call: &Call) -> Result<Option<Reply>, GatewayError> {
    match client.send(call).await {
        Ok(reply) => Ok(Some(reply)),
        Err(error) if is_unknown_object(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
