//! Stripe's lists of objects, by the time of their creation.

use serde::Deserialize;
use settled_domain::listing::{Page, PageMark, Window};
use settled_domain::ports::GatewayError;
use settled_domain::refresh_request::RefreshObject;
use settled_domain::sweep::{ListedKind, ListedObject};

use crate::call::Client;
use crate::read::Expandable;
use crate::requests;

#[derive(Deserialize)]
struct List {
    data: Vec<Listed>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Listed {
    id: Option<String>,
    customer: Option<Expandable>,
}

impl Listed {
    /// `None` for what has no id of its kind: nobody could ask for it.
    fn read(&self, kind: ListedKind) -> Option<ListedObject> {
        let word = match kind {
            ListedKind::Subscriptions => "subscription",
            ListedKind::Invoices => "invoice",
            ListedKind::Refunds => "refund",
            ListedKind::Disputes => "dispute",
        };
        let object = RefreshObject::parse(word, self.id.as_deref()?)?;
        let customer_id = self.customer.as_ref().and_then(|customer| customer.id.parse().ok());
        Some(ListedObject { object, customer_id })
    }
}

/// One page of the objects of this kind that were created in this window.
pub(crate) async fn list(
    client: &Client,
    kind: ListedKind,
    window: &Window,
    after: Option<&PageMark>,
) -> Result<Page<ListedObject>, GatewayError> {
    let call = requests::list_objects(kind, window, after.map(|mark| mark.0.as_str()));
    let page: List = client.send(&call).await?.json()?;
    let last = page.data.last().and_then(|listed| listed.id.clone());
    let next = last.filter(|_| page.has_more).map(PageMark);
    Ok(Page { items: page.data.iter().filter_map(|listed| listed.read(kind)).collect(), next })
}
