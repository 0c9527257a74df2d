//! Retrieving and listing.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::App;
use super::request::Call;
use crate::checkout::payment_page;
use crate::errors::StripeError;
use crate::expand;
use crate::hindsight;
use crate::listing::{self, Cursor, Listed};
use crate::objects::{Customer, Installation, PaymentMethod, Resource, Session};

type Answer = Result<Json<Value>, StripeError>;

pub(super) async fn retrieve<R: Resource>(State(app): State<App>, Path(id): Path<String>, mut call: Call) -> Answer {
    let paths = call.params.texts("expand")?;
    call.params.finish()?;
    app.store.read(|state| {
        // A deleted customer is shown as such; everything else that was deleted is gone.
        let shown = |row: &&R| !row.is_deleted() || R::OBJECT == Customer::OBJECT;
        let missing = || StripeError::no_such(R::OBJECT, &id);
        let row = R::table(state).get(&id).filter(shown).ok_or_else(missing)?;
        let mut value = match call.as_of {
            Some(moment) => hindsight::shown_at(state, row, moment).ok_or_else(missing)?,
            None => row.render(state),
        };
        expand::expand(&mut value, &paths, state)?;
        Ok(Json(value))
    })
}

pub(super) async fn list<R: Listed>(State(app): State<App>, call: Call) -> Answer {
    app.store.read(|state| listing::list::<R>(state, call.params)).map(Json)
}

pub(super) async fn account(State(app): State<App>, mut call: Call) -> Answer {
    call.params.texts("expand")?;
    call.params.finish()?;
    let account = app.store.read(|state| state.installation.as_ref().map(Installation::render));
    account.map(Json).ok_or_else(StripeError::internal)
}

pub(super) async fn line_items(State(app): State<App>, Path(id): Path<String>, mut call: Call) -> Answer {
    let cursor = Cursor::read(&mut call.params)?;
    let paths = call.params.texts("expand")?;
    call.params.finish()?;
    app.store.read(|state| {
        let session = state.sessions.get(&id).ok_or_else(|| StripeError::no_such(Session::OBJECT, &id))?;
        let (page, has_more) = cursor
            .page(&session.line_items, |item| &item.id)
            .map_err(|(param, id)| StripeError::no_such_reference("item", &id, param))?;
        let data: Vec<_> = page.iter().map(|item| item.render(state)).collect();
        let mut list = json!({
            "object": "list",
            "data": data,
            "has_more": has_more,
            "url": format!("/v1/checkout/sessions/{id}/line_items"),
        });
        expand::expand(&mut list, &paths, state)?;
        Ok(Json(list))
    })
}

/// `GET /v1/customers/{id}/payment_methods`.
pub(super) async fn payment_methods_of(State(app): State<App>, Path(id): Path<String>, mut call: Call) -> Answer {
    let cursor = Cursor::read(&mut call.params)?;
    let paths = call.params.texts("expand")?;
    let kind = call.params.text("type")?;
    call.params.finish()?;
    app.store.read(|state| {
        let customer = state.customers.get(&id).filter(|customer| !customer.deleted);
        customer.ok_or_else(|| StripeError::no_such(Customer::OBJECT, &id))?;
        let mine = |method: &&PaymentMethod| {
            method.customer.as_ref() == Some(&id) && kind.as_ref().is_none_or(|kind| method.kind.name() == kind)
        };
        let rows: Vec<_> = state.payment_methods.newest_first().filter(mine).collect();
        let (page, has_more) = cursor
            .page(&rows, |row| &row.id)
            .map_err(|(param, id)| StripeError::no_such_reference(PaymentMethod::OBJECT, &id, param))?;
        let data: Vec<_> = page.iter().map(|row| row.render(state)).collect();
        let url = format!("/v1/customers/{id}/payment_methods");
        let mut list = json!({ "object": "list", "data": data, "has_more": has_more, "url": url });
        expand::expand(&mut list, &paths, state)?;
        Ok(Json(list))
    })
}

/// `GET /v1/payment_pages/{session}`.
pub(super) async fn payment_page(State(app): State<App>, Path(id): Path<String>, call: Call) -> Answer {
    call.params.finish()?;
    let page = app.store.read(|state| state.sessions.get(&id).map(payment_page::render));
    page.map(Json).ok_or_else(|| StripeError::no_such(Session::OBJECT, &id))
}
