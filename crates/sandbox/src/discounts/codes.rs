//! Promotion codes: what customers type to get a coupon.
//!
//! <https://docs.stripe.com/api/promotion_codes>

use serde_json::Value;

use crate::customers::differences;
use crate::errors::StripeError;
use crate::ids;
use crate::objects::{AppliedCoupon, Coupon, Customer, Off, PromotionCode, Resource};
use crate::params::Params;
use crate::store::{Change, State};

/// `POST /v1/promotion_codes`.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    params.refuse_unsimulated(&["customer_account", "restrictions"])?;
    let mut promotion = params.group("promotion")?.ok_or_else(|| StripeError::missing("promotion"))?;
    let type_param = promotion.full_name("type");
    promotion.choice("type", &["coupon"])?.ok_or_else(|| StripeError::missing(&type_param))?;
    let param = promotion.full_name("coupon");
    let coupon: Coupon = change.find_named(&promotion.required_text("coupon")?, &param)?;
    promotion.finish()?;
    let code = params.text("code")?.unwrap_or_else(|| ids::object_id("", 8).to_uppercase());
    if by_code(change.state, &code).is_some_and(|other| other.active) {
        return Err(StripeError::invalid("An active promotion code with `code` already exists.").with_param("code"));
    }
    let customer = params.text("customer")?;
    let customer: Option<Customer> = customer.map(|id| change.find_named(&id, "customer")).transpose()?;
    let promotion_code = PromotionCode {
        id: ids::object_id("promo_1", 23),
        created: change.now,
        active: params.boolean("active")?.unwrap_or(true),
        code,
        coupon: coupon.id,
        customer: customer.map(|customer| customer.id),
        expires_at: params.integer("expires_at", &(change.now..=i64::MAX))?,
        max_redemptions: params.integer("max_redemptions", &(1..=i64::from(i32::MAX)))?,
        times_redeemed: 0,
        metadata: params.new_metadata("metadata")?,
    };
    std::mem::take(params).finish()?;
    change.put(&promotion_code);
    change.emit("promotion_code.created", &promotion_code);
    Ok(promotion_code.render(change.state))
}

/// `POST /v1/promotion_codes/{id}`: `active` and metadata.
pub(crate) fn update(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut code: PromotionCode = change.find(id)?;
    let before = code.render(change.state);
    params.refuse_unsimulated(&["restrictions"])?;
    code.active = params.boolean("active")?.unwrap_or(code.active);
    code.metadata = params.metadata("metadata")?.applied_to(&code.metadata, "metadata")?;
    std::mem::take(params).finish()?;
    let after = code.render(change.state);
    if before != after {
        change.put(&code);
        change.emit_update("promotion_code.updated", &code, differences(&before, &after));
    }
    Ok(after)
}

/// Codes are the same in capitals and in small letters.
fn by_code<'s>(state: &'s State, code: &str) -> Option<&'s PromotionCode> {
    let code = code.trim();
    state.promotion_codes.newest_first().find(|promotion| promotion.code.eq_ignore_ascii_case(code))
}

/// The coupon of a code that a customer typed, if it may be used now.
pub(crate) fn typed(
    state: &State,
    code: &str,
    customer: Option<&str>,
    currency: &str,
    now: i64,
) -> Option<AppliedCoupon> {
    let promotion = by_code(state, code).filter(|promotion| promotion.is_redeemable(customer, now))?;
    let coupon = state.coupons.get(&promotion.coupon).filter(|coupon| usable(coupon, currency, now))?;
    Some(AppliedCoupon { coupon: coupon.id.clone(), promotion_code: Some(promotion.id.clone()) })
}

/// Reads `discounts`: one coupon or one promotion code.
pub(crate) fn read(
    change: &Change<'_>,
    params: &mut Params,
    customer: Option<&str>,
    currency: &str,
) -> Result<Option<AppliedCoupon>, StripeError> {
    let mut groups = params.groups("discounts")?;
    if groups.len() > 1 {
        return Err(StripeError::invalid("You may only specify one discount.").with_param("discounts"));
    }
    let Some(mut group) = groups.pop() else {
        return Ok(None);
    };
    group.refuse_unsimulated(&["discount"])?;
    let (coupon_param, code_param) = (group.full_name("coupon"), group.full_name("promotion_code"));
    let (coupon, code) = (group.text("coupon")?, group.text("promotion_code")?);
    group.finish()?;
    let (coupon, promotion_code, param) = match (coupon, code) {
        (Some(coupon), None) => (coupon, None, coupon_param),
        (None, Some(code)) => {
            let code: PromotionCode = change.find_named(&code, &code_param)?;
            if !code.is_redeemable(customer, change.now) {
                return Err(StripeError::invalid(
                    "This promotion code cannot be redeemed any more, or not by this customer.",
                )
                .with_param(code_param));
            }
            (code.coupon, Some(code.id), code_param)
        }
        _ => {
            return Err(
                StripeError::invalid("Each discount is one coupon or one promotion code.").with_param("discounts")
            );
        }
    };
    let coupon: Coupon = change.find_named(&coupon, &param)?;
    if !usable(&coupon, currency, change.now) {
        return Err(StripeError::invalid(format!("Coupon {} is used up, expired, or in another currency.", coupon.id))
            .with_code("coupon_expired")
            .with_param(param));
    }
    Ok(Some(AppliedCoupon { coupon: coupon.id, promotion_code }))
}

fn usable(coupon: &Coupon, wanted: &str, now: i64) -> bool {
    let fits = match &coupon.off {
        Off::BasisPoints(_) => true,
        Off::Amount { currency, .. } => currency == wanted,
    };
    fits && coupon.is_redeemable(now)
}
