//! Coupons of the API.
//!
//! <https://docs.stripe.com/api/coupons>

use serde_json::{Value, json};

use crate::customers::differences;
use crate::errors::StripeError;
use crate::ids;
use crate::objects::{Coupon, Lasts, Off, Resource};
use crate::params::Params;
use crate::payments::intents;
use crate::store::Change;

/// `POST /v1/coupons`.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    params.refuse_unsimulated(&["applies_to", "currency_options"])?;
    let id = params.text("id")?.unwrap_or_else(|| ids::object_id("", 8));
    if change.state.coupons.get(&id).is_some_and(|coupon| !coupon.deleted) {
        return Err(StripeError::invalid("Coupon already exists.")
            .with_code("resource_already_exists")
            .with_param("id"));
    }
    let percent = params.text("percent_off")?.map(|text| basis_points(&text)).transpose()?;
    let amount = params.integer("amount_off", &(1..=99_999_999))?;
    let currency = intents::currency(params)?;
    let off = match (percent, amount) {
        (Some(points), None) => Off::BasisPoints(points),
        (None, Some(amount)) => {
            Off::Amount { amount, currency: currency.ok_or_else(|| StripeError::missing("currency"))? }
        }
        _ => {
            return Err(StripeError::invalid(
                "Received neither or both of percent_off and amount_off: a coupon takes off one of them.",
            ));
        }
    };
    let months = params.integer("duration_in_months", &(1..=1_200))?;
    let lasts = match (params.choice("duration", &["forever", "once", "repeating"])?, months) {
        (Some("forever"), None) => Lasts::Forever,
        (Some("repeating"), Some(months)) => Lasts::Months(months),
        (Some("repeating"), None) => return Err(StripeError::missing("duration_in_months")),
        (_, None) => Lasts::Once,
        (_, Some(_)) => {
            return Err(StripeError::invalid("duration_in_months is for repeating coupons only.")
                .with_param("duration_in_months"));
        }
    };
    let coupon = Coupon {
        id,
        created: change.now,
        name: params.text("name")?,
        off,
        lasts,
        max_redemptions: params.integer("max_redemptions", &(1..=i64::from(i32::MAX)))?,
        redeem_by: params.integer("redeem_by", &(change.now..=i64::MAX))?,
        times_redeemed: 0,
        metadata: params.new_metadata("metadata")?,
        deleted: false,
    };
    std::mem::take(params).finish()?;
    change.put(&coupon);
    change.emit("coupon.created", &coupon);
    Ok(coupon.render(change.state))
}

/// `12.5` is 1250.
fn basis_points(text: &str) -> Result<i64, StripeError> {
    let refuse = || {
        let shown: String = text.chars().take(50).collect();
        StripeError::invalid(format!("Invalid decimal: {shown}; must be greater than 0 and at most 100"))
            .with_param("percent_off")
    };
    let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || cents.len() > 2 || !digits(whole) || !digits(cents) {
        return Err(refuse());
    }
    let points: i64 = format!("{whole}{cents:0<2}").parse().map_err(|_| refuse())?;
    (1..=10_000).contains(&points).then_some(points).ok_or_else(refuse)
}

/// `POST /v1/coupons/{id}`: name and metadata.
pub(crate) fn update(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut coupon: Coupon = change.find(id)?;
    let before = coupon.render(change.state);
    if let Some(name) = params.clearable_text("name")? {
        coupon.name = Some(name).filter(|name| !name.is_empty());
    }
    coupon.metadata = params.metadata("metadata")?.applied_to(&coupon.metadata, "metadata")?;
    std::mem::take(params).finish()?;
    let after = coupon.render(change.state);
    if before != after {
        change.put(&coupon);
        change.emit_update("coupon.updated", &coupon, differences(&before, &after));
    }
    Ok(after)
}

/// `DELETE /v1/coupons/{id}`: nobody can redeem it any more; what was redeemed stays.
pub(crate) fn delete(change: &mut Change<'_>, id: &str) -> Result<Value, StripeError> {
    let mut coupon: Coupon = change.find(id)?;
    coupon.deleted = true;
    change.put(&coupon);
    change.emit("coupon.deleted", &coupon);
    Ok(json!({ "id": id, "object": "coupon", "deleted": true }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_up_to_two_decimals() {
        assert_eq!(basis_points("20").unwrap(), 2_000);
        assert_eq!(basis_points("12.5").unwrap(), 1_250);
        for wrong in ["0", "100.01", "-1", "1.234", "", "x", "1e1"] {
            assert!(basis_points(wrong).is_err(), "{wrong}");
        }
    }
}
