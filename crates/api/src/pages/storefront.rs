use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use settled_domain::catalogue::Quote;
use settled_domain::ids::UserId;
use settled_domain::payment::CheckoutMode;

use super::loopback::elsewhere;
use super::{Frame, price_text, render};
use crate::current_user::CurrentUser;
use crate::error::ApiError;
use crate::openapi::refusals;
use crate::router::Api;

/// How many prices the storefront shows.
const MAX_OFFERS: usize = 24;

#[derive(Template)]
#[template(path = "storefront.html")]
struct Storefront {
    frame: Frame,
    user_id: Option<UserId>,
    offers: Vec<Offer>,
    is_catalogue_away: bool,
}

/// One price, as it is shown.
struct Offer {
    price_id: String,
    name: String,
    description: Option<String>,
    minor_units: i64,
    currency: String,
    amount: String,
    cadence: Option<String>,
    trial: Option<String>,
    verb: &'static str,
}

impl From<Quote> for Offer {
    fn from(quote: Quote) -> Self {
        Self {
            amount: price_text::amount(quote.unit),
            cadence: quote.recurrence.as_ref().map(price_text::cadence),
            trial: quote.trial.map(price_text::trial),
            price_id: quote.price_id.to_string(),
            name: quote.product_name,
            description: quote.product_description,
            minor_units: quote.unit.minor_units,
            currency: quote.unit.currency.to_string(),
            verb: match quote.mode {
                CheckoutMode::Subscription => "Subscribe",
                CheckoutMode::Payment => "Buy",
            },
        }
    }
}

refusals!(Refusals {});

/// The storefront.
///
/// In the sandbox, a visitor who comes by another name of the same machine is sent to the one that cookies belong to.
#[utoipa::path(
    get,
    path = "/",
    operation_id = "getStorefront",
    tag = "pages",
    responses(
        (status = 200, description = "What is for sale.", body = String, content_type = "text/html"),
        (
            status = 307, description = "The same page, where the cookie is.",
            headers(("Location" = String, description = "The public URL.")),
        ),
        (status = 503, description = "Stripe does not tell its prices.", body = String, content_type = "text/html"),
        Refusals,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    user: Option<CurrentUser>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(public_url) = elsewhere(&api.config, &headers) {
        return Ok(Redirect::temporary(public_url.as_str()).into_response());
    }
    let assortment = &api.settled.policy().assortment;
    let quotes = api.settled.ports().gateway.list_quotes(u32::MAX).await;
    let (status, offers) = match quotes {
        Ok(quotes) => {
            let for_sale = quotes.into_iter().filter(|quote| assortment.has(&quote.price_id));
            (StatusCode::OK, for_sale.take(MAX_OFFERS).map(Offer::from).collect())
        }
        Err(error) => {
            tracing::warn!(%error, "the storefront cannot ask stripe for its prices");
            (StatusCode::SERVICE_UNAVAILABLE, Vec::new())
        }
    };
    let page = Storefront {
        frame: Frame::new(&api.config),
        user_id: user.map(|user| user.user_id),
        offers,
        is_catalogue_away: status != StatusCode::OK,
    };
    Ok((status, render(&page)?).into_response())
}
