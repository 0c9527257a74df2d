//! The `line_items` of a new session.

use crate::errors::StripeError;
use crate::ids;
use crate::objects::{LineItem, Mode, Price};
use crate::params::Params;
use crate::store::State;

const ITEMS_MAX: usize = 20;
const QUANTITY_MAX: i64 = 999_999;
/// Stripe takes amounts of up to eight digits.
const AMOUNT_MAX: i64 = 99_999_999;

/// The items and their one currency.
pub(super) fn read(state: &State, params: &mut Params, mode: Mode) -> Result<(String, Vec<LineItem>), StripeError> {
    let wanted_currency = params.text("currency")?;
    let groups = params.groups("line_items")?;
    if groups.is_empty() {
        return Err(StripeError::missing("line_items"));
    }
    if groups.len() > ITEMS_MAX {
        return Err(
            StripeError::invalid(format!("A session can have up to {ITEMS_MAX} line items.")).with_param("line_items")
        );
    }
    let items = groups.into_iter().map(|group| read_item(state, group, mode)).collect::<Result<Vec<_>, _>>()?;
    let currency = wanted_currency.unwrap_or_else(|| items[0].currency.clone());
    if items.iter().any(|item| item.currency != currency) {
        return Err(StripeError::invalid(format!("All prices of a Checkout Session must be available in {currency}."))
            .with_param("line_items"));
    }
    let recurring = |item: &LineItem| {
        let price = state.prices.get(&item.price);
        price.is_some_and(|price| price.interval.is_some())
    };
    if mode == Mode::Subscription && !items.iter().all(recurring) {
        return Err(StripeError::invalid(
            "The sandbox does not simulate subscriptions with one-time prices: in `subscription` \
             mode every price must be recurring.",
        )
        .with_param("line_items"));
    }
    if items.iter().map(|item| item.amount).sum::<i64>() > AMOUNT_MAX {
        return Err(too_large("line_items".to_owned()));
    }
    Ok((currency, items))
}

fn read_item(state: &State, mut group: Params, mode: Mode) -> Result<LineItem, StripeError> {
    group.refuse_unsimulated(&["adjustable_quantity", "metadata", "price_data", "tax_rates"])?;
    let price_param = group.full_name("price");
    let id = group.required_text("price")?;
    let price = usable_price(state, &id, &price_param, mode)?;
    let quantity_param = group.full_name("quantity");
    let quantity =
        group.integer("quantity", &(1..=QUANTITY_MAX))?.ok_or_else(|| StripeError::missing(&quantity_param))?;
    group.finish()?;
    let amount = price
        .unit_amount
        .checked_mul(quantity)
        .filter(|amount| *amount <= AMOUNT_MAX)
        .ok_or_else(|| too_large(quantity_param))?;
    let product = state.products.get(&price.product);
    Ok(LineItem {
        id: ids::object_id("li_1", 23),
        price: id,
        quantity,
        currency: price.currency.clone(),
        amount,
        discount: 0,
        description: product.map(|product| product.name.clone()).unwrap_or_default(),
    })
}

fn usable_price<'s>(state: &'s State, id: &str, param: &str, mode: Mode) -> Result<&'s Price, StripeError> {
    let price = state.prices.get(id).ok_or_else(|| StripeError::no_such_reference("price", id, param))?;
    if !price.active {
        return Err(StripeError::invalid("The price specified is inactive. This field only accepts active prices.")
            .with_param(param));
    }
    if mode == Mode::Payment && price.interval.is_some() {
        return Err(StripeError::invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to \
             `subscription` mode or use only one-time prices.",
        )
        .with_param("line_items"));
    }
    Ok(price)
}

fn too_large(param: String) -> StripeError {
    StripeError::invalid("The amount due must be no more than 8 digits.")
        .with_code("amount_too_large")
        .with_param(param)
}
