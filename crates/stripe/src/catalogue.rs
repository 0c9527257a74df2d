//! The prices that can be sold, asked for at most once a minute however many ask.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use serde::Deserialize;
use serde_json::value::RawValue;
use settled_domain::catalogue::Quote;
use settled_domain::ports::GatewayError;

use crate::call::{Client, NotUsable};
use crate::read::PriceObject;
use crate::requests;

/// How old a list may get.
const FRESH: Duration = Duration::from_mins(1);
/// With a hundred prices each. A catalogue that is larger is not one for a storefront that shows them all.
const MAX_PAGES: usize = 10;

/// The list of quotes.
pub(crate) struct Catalogue {
    /// One list, or none.
    quotes: Cache<(), Arc<[Quote]>>,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Box<RawValue>>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Catalogue {
    pub(crate) fn new() -> Self {
        Self { quotes: Cache::builder().max_capacity(1).time_to_live(FRESH).build() }
    }

    /// The cheapest quotes. Who asks while somebody else's question is on its way shares the answer, and the failure,
    /// which is not kept.
    pub(crate) async fn list(&self, client: &Client, limit: u32) -> Result<Vec<Quote>, GatewayError> {
        let quotes = self.quotes.try_get_with((), list_all(client)).await.map_err(unshare)?;
        Ok(quotes.iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
    }
}

async fn list_all(client: &Client) -> Result<Arc<[Quote]>, GatewayError> {
    let mut quotes = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let page: Page = client.send(&requests::list_prices(after.as_deref())).await?.json()?;
        quotes.extend(page.data.iter().filter_map(|json| quote(json)));
        let last = page.data.last().and_then(|json| serde_json::from_str::<Named>(json.get()).ok());
        after = match last {
            Some(last) if page.has_more => Some(last.id),
            _ => {
                quotes.sort_by(|a: &Quote, b: &Quote| cheapness(a).cmp(&cheapness(b)));
                return Ok(quotes.into());
            }
        };
    }
    Err(NotUsable::TooManyPages.into())
}

/// One strange price doesn't empty the storefront.
fn quote(json: &RawValue) -> Option<Quote> {
    let Ok(price) = serde_json::from_str::<PriceObject>(json.get()) else {
        tracing::warn!("a price of the catalogue cannot be read and is not shown");
        return None;
    };
    price.into_quote()
}

fn cheapness(quote: &Quote) -> (i64, &str) {
    (quote.unit.minor_units, quote.price_id.as_str())
}

/// An error that several callers got.
fn unshare(shared: Arc<GatewayError>) -> GatewayError {
    match &*shared {
        GatewayError::RateLimited { retry_after } => GatewayError::RateLimited { retry_after: *retry_after },
        GatewayError::KeySpent { status } => GatewayError::KeySpent { status: *status },
        GatewayError::Unauthorized { status } => GatewayError::Unauthorized { status: *status },
        GatewayError::Refused(refusal) => GatewayError::Refused(refusal.clone()),
        _ => NotUsable::Shared(shared).into(),
    }
}
