//! Products: what is sold.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, plumbing};
use crate::params::Metadata;
use crate::store::State;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) active: bool,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) default_price: Option<String>,
    pub(crate) metadata: Metadata,
    #[serde(default)]
    pub(crate) updated: Option<i64>,
}

impl Resource for Product {
    plumbing!("product", "/v1/products", products, Product);

    /// <https://docs.stripe.com/api/products/object>
    fn render(&self, _: &State) -> Value {
        json!({
            "id": self.id,
            "object": "product",
            "active": self.active,
            "created": self.created,
            "default_price": self.default_price,
            "description": self.description,
            "images": [],
            "livemode": false,
            "marketing_features": [],
            "metadata": self.metadata,
            "name": self.name,
            "package_dimensions": null,
            "shippable": null,
            "statement_descriptor": null,
            "tax_code": null,
            "tax_details": null,
            "type": "service",
            "unit_label": null,
            "updated": self.updated.unwrap_or(self.created),
            "url": null,
        })
    }
}
