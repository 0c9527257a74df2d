//! The routes of subscriptions and invoices, and of the clocks they run by.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};

use super::mutations::{Outcome, mutate};
use super::reads::{list, retrieve};
use super::request::Call;
use super::{App, invoice_payments};
use crate::invoices::{self, items};
use crate::objects::{Invoice, InvoiceItem, Subscription, TestClock};
use crate::{subscriptions, test_clocks};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/subscriptions", get(list::<Subscription>).post(create_subscription))
        .route(
            "/subscriptions/{id}",
            get(retrieve::<Subscription>).post(update_subscription).delete(cancel_subscription),
        )
        .route("/invoices", get(list::<Invoice>).post(create_invoice))
        .route("/invoices/{id}", get(retrieve::<Invoice>).post(update_invoice).delete(delete_invoice))
        .route("/invoices/{id}/finalize", post(finalize_invoice))
        .route("/invoices/{id}/pay", post(pay_invoice))
        .route("/invoices/{id}/void", post(void_invoice))
        .route("/invoices/{id}/mark_uncollectible", post(mark_invoice_uncollectible))
        .route("/invoice_payments", get(invoice_payments::list))
        .route("/invoiceitems", get(list::<InvoiceItem>).post(create_item))
        .route("/invoiceitems/{id}", get(retrieve::<InvoiceItem>).delete(delete_item))
        .route("/test_helpers/test_clocks", get(list::<TestClock>).post(create_clock))
        .route("/test_helpers/test_clocks/{id}", get(retrieve::<TestClock>).delete(delete_clock))
        .route("/test_helpers/test_clocks/{id}/advance", post(advance_clock))
}

async fn create_subscription(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, subscriptions::create::create).await
}

async fn update_subscription(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| subscriptions::update(change, &id, params)).await
}

async fn cancel_subscription(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| subscriptions::cancel(change, &id, params)).await
}

async fn create_invoice(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, invoices::create).await
}

async fn update_invoice(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| invoices::update(change, &id, params)).await
}

async fn delete_invoice(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| {
        std::mem::take(params).finish()?;
        invoices::delete(change, &id)
    })
    .await
}

async fn finalize_invoice(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| invoices::finalize(change, &id, params)).await
}

async fn pay_invoice(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| invoices::pay(change, &id, params)).await
}

async fn void_invoice(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| {
        std::mem::take(params).finish()?;
        invoices::void(change, &id)
    })
    .await
}

async fn mark_invoice_uncollectible(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| {
        std::mem::take(params).finish()?;
        invoices::mark_uncollectible(change, &id)
    })
    .await
}

async fn create_item(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, items::create).await
}

async fn delete_item(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| {
        std::mem::take(params).finish()?;
        items::delete(change, &id)
    })
    .await
}

async fn create_clock(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, test_clocks::create).await
}

async fn advance_clock(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| test_clocks::advance(change, &id, params)).await
}

async fn delete_clock(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| {
        std::mem::take(params).finish()?;
        test_clocks::delete(change, &id)
    })
    .await
}
