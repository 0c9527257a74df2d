//! What ties payments to invoices.
//!
//! <https://docs.stripe.com/api/invoice-payment/list>

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::App;
use super::request::Call;
use crate::errors::StripeError;
use crate::listing::Cursor;
use crate::objects::Invoice;

/// `GET /v1/invoice_payments`, of an invoice or of a PaymentIntent.
pub(super) async fn list(State(app): State<App>, mut call: Call) -> Result<Json<Value>, StripeError> {
    let cursor = Cursor::read(&mut call.params)?;
    let invoice = call.params.text("invoice")?;
    let intent = read_intent(&mut call)?;
    call.params.refuse_unsimulated(&["expand", "status", "created"])?;
    call.params.finish()?;
    app.store.read(|state| {
        let wanted = |row: &&Invoice| {
            row.payment_intent.is_some()
                && invoice.as_ref().is_none_or(|id| row.id == *id)
                && intent.as_ref().is_none_or(|_| row.payment_intent == intent)
        };
        let rows: Vec<_> = state.invoices.newest_first().filter(wanted).collect();
        let (page, has_more) = cursor
            .page(&rows, |row| &row.payment)
            .map_err(|(param, id)| StripeError::no_such_reference("invoice_payment", &id, param))?;
        let data: Vec<_> = page.iter().filter_map(|row| row.render_payment()).collect();
        Ok(Json(json!({ "object": "list", "data": data, "has_more": has_more, "url": "/v1/invoice_payments" })))
    })
}

/// `payment[type]` and `payment[payment_intent]`.
fn read_intent(call: &mut Call) -> Result<Option<String>, StripeError> {
    let Some(mut payment) = call.params.group("payment")? else {
        return Ok(None);
    };
    payment.choice("type", &["payment_intent"])?.ok_or_else(|| StripeError::missing("payment[type]"))?;
    let intent = payment.text("payment_intent")?;
    payment.finish()?;
    Ok(intent)
}
