//! The calls we make, put together by async-stripe's typed builders.
//!
//! None of them names `payment_method_types`: Stripe removed the parameter in 2026-09-30.endive, and offers what is
//! switched on in the Dashboard.

use std::collections::{BTreeMap, HashMap};

use settled_domain::checkout::CheckoutParams;
use settled_domain::ids::{
    ChargeId, CustomerId, CustomerKey, DisputeId, EventId, InvoiceId, PaymentIntentId, PriceId, RefundId, SessionId,
    SubscriptionId, UserId,
};
use settled_domain::listing::Window;
use settled_domain::sweep::ListedKind;
use stripe_billing::subscription::RetrieveSubscription;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionSubscriptionData, ExpireCheckoutSession, RetrieveCheckoutSession,
};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_core::customer::CreateCustomer;
use stripe_product::price::{ListPrice, RetrievePrice};
use stripe_shared::CheckoutSessionMode;
use url::form_urlencoded;

/// The most that Stripe puts on a page.
const PAGE: i64 = 100;

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) request: RequestBuilder,
    /// The idempotency key of a call that must not be done twice.
    pub(crate) key: Option<String>,
}

impl Call {
    fn new(request: &impl StripeRequest) -> Self {
        Self { request: request.build(), key: None }
    }

    fn keyed(request: &impl StripeRequest, key: String) -> Self {
        Self { request: canonical(request.build()), key: Some(key) }
    }
}

/// The builders keep metadata in hash maps, whose order is another one each time. A call that is repeated under its
/// key has to be the same call, so the parameters are put in order; to Stripe, their order means nothing.
fn canonical(mut request: RequestBuilder) -> RequestBuilder {
    request.body = request.body.map(|body| {
        let mut pairs: Vec<&str> = body.split('&').collect();
        pairs.sort_unstable();
        pairs.join("&")
    });
    request
}

pub(crate) fn retrieve_account() -> Call {
    Call { request: RequestBuilder::new(StripeMethod::Get, "/account"), key: None }
}

/// A call for which there is no typed builder in the crates that we use.
pub(crate) fn plain_get(path: &str) -> Call {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query.to_owned())));
    let mut request = RequestBuilder::new(StripeMethod::Get, path);
    request.query = query;
    Call { request, key: None }
}

/// As above, with the parameters as a form, and without a key.
pub(crate) fn plain_post<'a>(path: &str, params: impl IntoIterator<Item = (&'a str, &'a str)>) -> Call {
    let mut request = RequestBuilder::new(StripeMethod::Post, path);
    request.body = Some(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish());
    Call { request, key: None }
}

pub(crate) fn list_endpoints(limit: usize) -> Call {
    plain_get(&format!("/webhook_endpoints?limit={limit}"))
}

pub(crate) fn retrieve_price(id: &PriceId) -> Call {
    Call::new(&RetrievePrice::new(id.as_str()).expand(["product".to_owned()]))
}

pub(crate) fn list_prices(after: Option<&str>) -> Call {
    let list = ListPrice::new().active(true).limit(PAGE).expand(["data.product".to_owned()]);
    match after {
        Some(id) => Call::new(&list.starting_after(id)),
        None => Call::new(&list),
    }
}

/// `generation` counts the keys that Stripe has spent on failures of its own, from 0.
pub(crate) fn create_customer(key: CustomerKey, generation: u32, user_id: &UserId) -> Call {
    let metadata = HashMap::from([("user_id".to_owned(), user_id.as_str().to_owned())]);
    let key = match generation {
        0 => format!("customer-{key}"),
        _ => format!("customer-{key}-{generation}"),
    };
    Call::keyed(&CreateCustomer::new().metadata(metadata), key)
}

pub(crate) fn create_session(params: &CheckoutParams, key: &str) -> Call {
    let metadata: HashMap<String, String> = params.metadata.clone().into_iter().collect();
    let mut item = CreateCheckoutSessionLineItems::new();
    item.price = Some(params.price_id.as_str().to_owned());
    item.quantity = Some(u64::from(params.quantity));
    let session = CreateCheckoutSession::new()
        .line_items([item])
        .customer(params.customer_id.as_str())
        .client_reference_id(params.client_reference_id.as_str())
        .success_url(params.success_url.as_str())
        .cancel_url(params.cancel_url.as_str())
        .metadata(metadata.clone());
    let session = if params.allow_promotion_codes { session.allow_promotion_codes(true) } else { session };
    // Stripe does not copy a session's metadata to what the session makes.
    let session = if params.is_subscription() {
        let mut data = CreateCheckoutSessionSubscriptionData::new();
        data.metadata = Some(metadata);
        data.trial_period_days = params.trial_period_days.map(|days| u32::from(days.get()));
        session.mode(CheckoutSessionMode::Subscription).subscription_data(data)
    } else {
        let mut data = CreateCheckoutSessionPaymentIntentData::new();
        data.metadata = Some(metadata);
        session.mode(CheckoutSessionMode::Payment).payment_intent_data(data)
    };
    Call::keyed(&session, key.to_owned())
}

pub(crate) fn retrieve_session(id: &SessionId) -> Call {
    Call::new(&RetrieveCheckoutSession::new(id.as_str()))
}

/// With the whole of what was to pay it.
pub(crate) fn retrieve_session_and_intent(id: &SessionId) -> Call {
    Call::new(&RetrieveCheckoutSession::new(id.as_str()).expand(["payment_intent".to_owned()]))
}

/// Without a key: a session that is expired twice is as expired as before, and a failure of Stripe's must not be
/// remembered for a day.
pub(crate) fn expire_session(id: &SessionId) -> Call {
    Call::new(&ExpireCheckoutSession::new(id.as_str()))
}

pub(crate) fn retrieve_subscription(id: &SubscriptionId) -> Call {
    Call::new(&RetrieveSubscription::new(id.as_str()))
}

pub(crate) fn retrieve_subscription_and_invoice(id: &SubscriptionId) -> Call {
    Call::new(&RetrieveSubscription::new(id.as_str()).expand(["latest_invoice".to_owned()]))
}

/// The newest first; subscriptions also if they have ended, which Stripe leaves out unless it is asked for them.
pub(crate) fn list_objects(kind: ListedKind, window: &Window, after: Option<&str>) -> Call {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &PAGE.to_string());
    query.append_pair("created[gte]", &window.from.unix_timestamp().to_string());
    query.append_pair("created[lte]", &window.until.unix_timestamp().to_string());
    if kind == ListedKind::Subscriptions {
        query.append_pair("status", "all");
    }
    if let Some(after) = after {
        query.append_pair("starting_after", after);
    }
    let mut request = get(format!("/{kind}"));
    request.query = Some(query.finish());
    Call { request, key: None }
}

/// The newest first, of types that are named one by one.
pub(crate) fn list_events(types: &[&str], window: &Window, after: Option<&EventId>) -> Call {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &PAGE.to_string());
    query.append_pair("created[gte]", &window.from.unix_timestamp().to_string());
    query.append_pair("created[lte]", &window.until.unix_timestamp().to_string());
    query.extend_pairs(types.iter().map(|event_type| ("types[]", event_type)));
    if let Some(after) = after {
        query.append_pair("starting_after", after.as_str());
    }
    let mut request = get("/events");
    request.query = Some(query.finish());
    Call { request, key: None }
}

/// With what it was paid with, which Stripe leaves out unless it is asked for.
pub(crate) fn retrieve_invoice(id: &InvoiceId) -> Call {
    let request = get(format!("/invoices/{id}"));
    Call { request: request.query(&BTreeMap::from([("expand[0]", "payments")])), key: None }
}

/// With the whole of what was to pay it. Four levels are the most that Stripe expands.
pub(crate) fn retrieve_invoice_and_intent(id: &InvoiceId) -> Call {
    let request = get(format!("/invoices/{id}"));
    let paths = BTreeMap::from([("expand[0]", "payments.data.payment.payment_intent")]);
    Call { request: request.query(&paths), key: None }
}

pub(crate) fn retrieve_charge(id: &ChargeId) -> Call {
    Call { request: get(format!("/charges/{id}")), key: None }
}

pub(crate) fn retrieve_refund(id: &RefundId) -> Call {
    Call { request: get(format!("/refunds/{id}")), key: None }
}

pub(crate) fn retrieve_dispute(id: &DisputeId) -> Call {
    Call { request: get(format!("/disputes/{id}")), key: None }
}

pub(crate) fn retrieve_customer(id: &CustomerId) -> Call {
    Call { request: get(format!("/customers/{id}")), key: None }
}

pub(crate) fn list_refunds(charge: &ChargeId, after: Option<&str>) -> Call {
    let page = PAGE.to_string();
    let mut query = BTreeMap::from([("charge", charge.as_str()), ("limit", page.as_str())]);
    query.extend(after.map(|id| ("starting_after", id)));
    Call { request: get("/refunds").query(&query), key: None }
}

pub(crate) fn list_sessions_of(intent: &PaymentIntentId) -> Call {
    let query = BTreeMap::from([("limit", "1"), ("payment_intent", intent.as_str())]);
    Call { request: get("/checkout/sessions").query(&query), key: None }
}

/// <https://docs.stripe.com/api/invoice-payment/list>
pub(crate) fn list_invoice_payments_of(intent: &PaymentIntentId) -> Call {
    let query = BTreeMap::from([
        ("limit", "1"),
        ("payment[payment_intent]", intent.as_str()),
        ("payment[type]", "payment_intent"),
    ]);
    Call { request: get("/invoice_payments").query(&query), key: None }
}

/// What async-stripe has no typed builder for in the features that we use.
fn get(path: impl Into<String>) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Get, path)
}

#[cfg(test)]
mod tests;
