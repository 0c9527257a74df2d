//! Making and changing products and prices.
//!
//! <https://docs.stripe.com/api/products>, <https://docs.stripe.com/api/prices>

use serde_json::Value;

use crate::customers::differences;
use crate::errors::StripeError;
use crate::ids;
use crate::objects::{Interval, Price, Product, Resource};
use crate::params::{Metadata, Params};
use crate::payments::intents;
use crate::store::Change;

const PRODUCT_UNSIMULATED: &[&str] = &[
    "default_price_data",
    "images",
    "marketing_features",
    "package_dimensions",
    "shippable",
    "statement_descriptor",
    "tax_code",
    "type",
    "unit_label",
    "url",
];

const PRICE_UNSIMULATED: &[&str] = &[
    "billing_scheme",
    "currency_options",
    "custom_unit_amount",
    "product_data",
    "tax_behavior",
    "tiers",
    "tiers_mode",
    "transfer_lookup_key",
    "transform_quantity",
    "unit_amount_decimal",
];

const UNIT_AMOUNT_MAX: i64 = 99_999_999;
/// A period is three years long at most.
const INTERVALS_MAX: [(Interval, i64); 4] =
    [(Interval::Day, 1_095), (Interval::Week, 156), (Interval::Month, 36), (Interval::Year, 3)];

/// `POST /v1/products`.
pub(crate) fn create_product(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    let id = params.text("id")?.unwrap_or_else(|| ids::object_id("prod_", 14));
    if change.state.products.get(&id).is_some() {
        return Err(StripeError::invalid("Product already exists.")
            .with_code("resource_already_exists")
            .with_param("id"));
    }
    let mut product = Product {
        id,
        created: change.now,
        active: true,
        name: params.required_text("name")?,
        description: None,
        default_price: None,
        metadata: Metadata::new(),
        updated: None,
    };
    read_product(change, &mut product, params)?;
    change.put(&product);
    change.emit("product.created", &product);
    Ok(product.render(change.state))
}

/// `POST /v1/products/{id}`.
pub(crate) fn update_product(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let before: Product = change.find(id)?;
    let mut product = before.clone();
    product.name = params.text("name")?.unwrap_or(product.name);
    read_product(change, &mut product, params)?;
    if product != before {
        product.updated = Some(change.now);
        change.put(&product);
        let previous = differences(&before.render(change.state), &product.render(change.state));
        change.emit_update("product.updated", &product, previous);
    }
    Ok(product.render(change.state))
}

fn read_product(change: &Change<'_>, product: &mut Product, params: &mut Params) -> Result<(), StripeError> {
    params.refuse_unsimulated(PRODUCT_UNSIMULATED)?;
    product.active = params.boolean("active")?.unwrap_or(product.active);
    if let Some(description) = params.clearable_text("description")? {
        product.description = Some(description).filter(|text| !text.is_empty());
    }
    if let Some(id) = params.text("default_price")? {
        let price: Price = change.find_named(&id, "default_price")?;
        if price.product != product.id {
            return Err(
                StripeError::invalid("The default price must belong to the product.").with_param("default_price")
            );
        }
        product.default_price = Some(price.id);
    }
    product.metadata = params.metadata("metadata")?.applied_to(&product.metadata, "metadata")?;
    std::mem::take(params).finish()
}

/// `POST /v1/prices`: per unit, once or recurring.
pub(crate) fn create_price(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    let product = params.required_text("product")?;
    let product: Product = change.find_named(&product, "product")?;
    let currency = intents::currency(params)?.ok_or_else(|| StripeError::missing("currency"))?;
    let unit_amount = params.integer("unit_amount", &(0..=UNIT_AMOUNT_MAX))?;
    let unit_amount = unit_amount.ok_or_else(|| StripeError::missing("unit_amount"))?;
    let (interval, interval_count) = read_recurring(params)?;
    let mut price = Price {
        id: ids::object_id("price_1", 23),
        created: change.now,
        active: true,
        product: product.id,
        currency,
        unit_amount,
        interval,
        interval_count,
        lookup_key: None,
        nickname: None,
        metadata: Metadata::new(),
    };
    read_price(change, &mut price, params)?;
    change.put(&price);
    change.emit("price.created", &price);
    Ok(price.render(change.state))
}

fn read_recurring(params: &mut Params) -> Result<(Option<Interval>, i64), StripeError> {
    let Some(mut recurring) = params.group("recurring")? else {
        return Ok((None, 1));
    };
    recurring.refuse_unsimulated(&["meter", "trial_period_days"])?;
    let param = recurring.full_name("interval");
    let name = recurring.choice("interval", &["day", "month", "week", "year"])?;
    let name = name.ok_or_else(|| StripeError::missing(&param))?;
    let (interval, most) = INTERVALS_MAX
        .into_iter()
        .find(|(interval, _)| interval.name() == name)
        .ok_or_else(|| StripeError::missing(&param))?;
    let count = recurring.integer("interval_count", &(1..=most))?.unwrap_or(1);
    if recurring.choice("usage_type", &["licensed", "metered"])? == Some("metered") {
        return Err(StripeError::not_simulated("recurring[usage_type]"));
    }
    recurring.finish()?;
    Ok((Some(interval), count))
}

/// `POST /v1/prices/{id}`: everything but the amount.
pub(crate) fn update_price(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let before: Price = change.find(id)?;
    let mut price = before.clone();
    read_price(change, &mut price, params)?;
    if price != before {
        change.put(&price);
        let previous = differences(&before.render(change.state), &price.render(change.state));
        change.emit_update("price.updated", &price, previous);
    }
    Ok(price.render(change.state))
}

fn read_price(change: &Change<'_>, price: &mut Price, params: &mut Params) -> Result<(), StripeError> {
    params.refuse_unsimulated(PRICE_UNSIMULATED)?;
    price.active = params.boolean("active")?.unwrap_or(price.active);
    if let Some(nickname) = params.clearable_text("nickname")? {
        price.nickname = Some(nickname).filter(|text| !text.is_empty());
    }
    if let Some(key) = params.text("lookup_key")? {
        let mut others = change.state.prices.newest_first();
        if others.any(|other| other.id != price.id && other.active && other.lookup_key.as_ref() == Some(&key)) {
            return Err(StripeError::invalid(format!("A price with the lookup key {key} already exists."))
                .with_param("lookup_key"));
        }
        price.lookup_key = Some(key);
    }
    price.metadata = params.metadata("metadata")?.applied_to(&price.metadata, "metadata")?;
    std::mem::take(params).finish()
}
