//! The routes of payments: methods, intents, charges, refunds, disputes.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};

use super::App;
use super::mutations::{Outcome, mutate};
use super::reads::{list, retrieve};
use super::request::Call;
use crate::errors::StripeError;
use crate::objects::{Charge, Dispute, PaymentIntent, PaymentMethod, Refund};
use crate::payments::{disputes, intents, methods, refunds};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/payment_intents", get(list::<PaymentIntent>).post(create_intent))
        .route("/payment_intents/{id}", get(retrieve::<PaymentIntent>).post(update_intent))
        .route("/payment_intents/{id}/confirm", post(confirm_intent))
        .route("/payment_intents/{id}/cancel", post(cancel_intent))
        .route("/charges", get(list::<Charge>))
        .route("/charges/{id}", get(retrieve::<Charge>))
        .route("/payment_methods", get(list::<PaymentMethod>).post(create_method))
        .route("/payment_methods/{id}", get(retrieve::<PaymentMethod>))
        .route("/payment_methods/{id}/attach", post(attach_method))
        .route("/payment_methods/{id}/detach", post(detach_method))
        .route("/refunds", get(list::<Refund>).post(create_refund))
        .route("/refunds/{id}", get(retrieve::<Refund>).post(update_refund))
        .route("/disputes", get(list::<Dispute>))
        .route("/disputes/{id}", get(retrieve::<Dispute>).post(update_dispute))
        .route("/disputes/{id}/close", post(close_dispute))
}

/// API version 2026-09-30.endive took `payment_method_types` away. A call that names no version
/// is answered in the account's, which may be older: so does Stripe's CLI call, and is understood.
///
/// <https://docs.stripe.com/changelog/endive>
fn drop_method_types(call: &mut Call) -> Result<(), StripeError> {
    const NAME: &str = "payment_method_types";
    if !call.params.has(NAME) {
        return Ok(());
    }
    if call.names_version {
        return Err(StripeError::invalid(format!(
            "`{NAME}` is no longer supported; use `allowed_payment_method_types`."
        ))
        .with_code("payment_method_types_no_longer_supported")
        .with_param(NAME));
    }
    let only_cards = call.params.texts(NAME)?.iter().all(|kind| kind == "card");
    if only_cards { Ok(()) } else { Err(StripeError::not_simulated(NAME)) }
}

async fn create_intent(State(app): State<App>, mut call: Call) -> Outcome {
    drop_method_types(&mut call)?;
    mutate(&app, call, intents::create).await
}

async fn update_intent(State(app): State<App>, Path(id): Path<String>, mut call: Call) -> Outcome {
    drop_method_types(&mut call)?;
    mutate(&app, call, |change, params| intents::update(change, &id, params)).await
}

async fn confirm_intent(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| intents::confirm(change, &id, params)).await
}

async fn cancel_intent(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| intents::cancel(change, &id, params)).await
}

async fn create_method(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, methods::create).await
}

async fn attach_method(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| methods::attach(change, &id, params)).await
}

async fn detach_method(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| methods::detach(change, &id, params)).await
}

async fn create_refund(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, refunds::create).await
}

async fn update_refund(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| refunds::update(change, &id, params)).await
}

async fn update_dispute(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| disputes::update(change, &id, params)).await
}

async fn close_dispute(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| {
        std::mem::take(params).finish()?;
        disputes::close(change, &id)
    })
    .await
}
