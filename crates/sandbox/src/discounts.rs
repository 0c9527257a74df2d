//! Coupons, promotion codes, and what they take off.
//!
//! <https://docs.stripe.com/billing/subscriptions/coupons>

pub(crate) mod codes;
pub(crate) mod coupons;

use crate::ids;
use crate::objects::{AppliedCoupon, Coupon, Discount, Invoice, Lasts, LineItem, Subscription};
use crate::store::{Change, State};

/// Takes a coupon off the line items of a session, and off nothing without one.
pub(crate) fn apply_to_items(state: &State, items: &mut [LineItem], applied: Option<&AppliedCoupon>) {
    let coupon = applied.and_then(|applied| state.coupons.get(&applied.coupon));
    let amounts: Vec<_> = items.iter().map(|item| item.amount).collect();
    for (item, off) in items.iter_mut().zip(spread(coupon, &amounts)) {
        item.discount = off;
    }
}

/// Takes the discounts of a subscription off its new invoice. What is for one invoice only is used up by it.
pub(crate) fn apply_to_invoice(change: &mut Change<'_>, subscription: &mut Subscription, invoice: &mut Invoice) {
    let now = change.now;
    let active = |discount: &&Discount| discount.ends_at.is_none_or(|end| now < end);
    let discounts = subscription.discounts.iter().filter_map(|id| change.state.discounts.get(id));
    let Some(discount) = discounts.rev().find(active) else {
        return;
    };
    let coupon = change.state.coupons.get(&discount.coupon);
    let amounts: Vec<_> = invoice.lines.iter().map(|line| line.amount).collect();
    for (line, off) in invoice.lines.iter_mut().zip(spread(coupon, &amounts)) {
        line.discount = off;
    }
    invoice.discounts = vec![discount.id.clone()];
    let used_up = coupon.is_some_and(|coupon| coupon.lasts == Lasts::Once) && amounts.iter().sum::<i64>() > 0;
    if used_up {
        subscription.discounts.clear();
    }
}

/// What a coupon takes off each amount; the last one takes what rounding left over.
fn spread(coupon: Option<&Coupon>, amounts: &[i64]) -> Vec<i64> {
    let sum: i64 = amounts.iter().sum();
    let total = coupon.map_or(0, |coupon| coupon.discount_on(sum));
    let mut left = total;
    let last = amounts.len().saturating_sub(1);
    let shares = amounts.iter().enumerate().map(|(place, amount)| {
        let share = if place == last || sum == 0 { left } else { total.saturating_mul(*amount) / sum };
        left -= share;
        share
    });
    shares.collect()
}

/// Puts a coupon to work for a subscription, and counts its use.
pub(crate) fn redeem(
    change: &mut Change<'_>,
    applied: &AppliedCoupon,
    session: Option<&str>,
    subscription: Option<&Subscription>,
) -> Option<Discount> {
    let mut coupon = change.state.coupons.get(&applied.coupon).cloned()?;
    coupon.times_redeemed += 1;
    change.put(&coupon);
    let code = applied.promotion_code.as_ref().and_then(|id| change.state.promotion_codes.get(id)).cloned();
    if let Some(mut code) = code {
        code.times_redeemed += 1;
        change.put(&code);
    }
    let subscription = subscription?;
    let discount = Discount {
        id: ids::object_id("di_1", 23),
        created: change.now,
        ends_at: match coupon.lasts {
            Lasts::Months(months) => Some(crate::clock::add_months(change.now, months)),
            Lasts::Once | Lasts::Forever => None,
        },
        coupon: coupon.id,
        promotion_code: applied.promotion_code.clone(),
        session: session.map(str::to_owned),
        customer: Some(subscription.customer.clone()),
        subscription: Some(subscription.id.clone()),
    };
    change.put(&discount);
    Some(discount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Off;
    use crate::params::Metadata;

    #[test]
    fn what_rounding_leaves_over_comes_off_the_last_line() {
        let coupon = Coupon {
            id: "third".to_owned(),
            created: 0,
            name: None,
            off: Off::Amount { amount: 100, currency: "usd".to_owned() },
            lasts: Lasts::Once,
            max_redemptions: None,
            redeem_by: None,
            times_redeemed: 0,
            metadata: Metadata::new(),
            deleted: false,
        };
        assert_eq!(spread(Some(&coupon), &[100, 100, 100]), [33, 33, 34]);
        assert_eq!(spread(None, &[100, 100]), [0, 0]);
    }
}
