//! Renewals as Stripe sends them: `customer.subscription.updated` with the whole subscription, about 3 KB.

use serde_json::json;

use crate::ids::stripe_id;

/// The second of the first event. Everything that the rows hold is older.
pub(crate) const FIRST_SECOND: u64 = 1_790_000_000;
/// The end of the paid period that the rows hold; each event sets a later one.
pub(crate) const PERIOD_END: u64 = 1_900_000_000;

/// What is different from event to event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Renewal {
    /// The number of the event.
    pub(crate) event: u64,
    /// The number of its subscription.
    pub(crate) subscription: u64,
    /// The second in which Stripe made it.
    pub(crate) created: u64,
    /// The new end of the period.
    pub(crate) period_end: u64,
}

/// The event's text, cut where something has to be filled in.
pub(crate) struct Template(Vec<Piece>);

enum Piece {
    Text(String),
    Event,
    Subscription,
    Customer,
    Created,
    PeriodEnd,
}

impl Template {
    pub(crate) fn renewal() -> Self {
        let text = event().to_string();
        let mut pieces = Vec::new();
        // Numbers stand in quotes in the template only.
        for (at, part) in
            text.replace("\"@created@\"", "@created@").replace("\"@end@\"", "@end@").split('@').enumerate()
        {
            pieces.push(match (at % 2, part) {
                (0, text) => Piece::Text(text.to_owned()),
                (_, "event") => Piece::Event,
                (_, "subscription") => Piece::Subscription,
                (_, "customer") => Piece::Customer,
                (_, "created") => Piece::Created,
                (_, other) => {
                    assert_eq!(other, "end", "a place of the template");
                    Piece::PeriodEnd
                }
            });
        }
        Self(pieces)
    }

    pub(crate) fn fill(&self, renewal: Renewal) -> String {
        let mut text = String::with_capacity(4096);
        for piece in &self.0 {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Event => text.push_str(&stripe_id("evt_", renewal.event)),
                Piece::Subscription => text.push_str(&stripe_id("sub_", renewal.subscription)),
                Piece::Customer => text.push_str(&stripe_id("cus_", renewal.subscription)),
                Piece::Created => text.push_str(&renewal.created.to_string()),
                Piece::PeriodEnd => text.push_str(&renewal.period_end.to_string()),
            }
        }
        text
    }
}

/// One of so many, each once before any comes again, and neighbours far apart: customers do not renew in the order of their
/// ids, and rows side by side would be cheaper to change.
pub(crate) const fn scattered(turn: u64, among: u64) -> u64 {
    // A prime of about 2^32 / 1.618, so that it has no divisor with `among` in common and leaves no part out for long.
    (turn % among) * 2_654_435_761 % among
}

/// <https://docs.stripe.com/api/events/object>
fn event() -> serde_json::Value {
    json!({
        "id": "@event@",
        "object": "event",
        "api_version": "2026-09-30.endive",
        "created": "@created@",
        "data": {
            "object": subscription(),
            "previous_attributes": {
                "items": { "data": [{ "current_period_end": FIRST_SECOND, "current_period_start": FIRST_SECOND }] },
                "latest_invoice": "in_1SbenchmarkPrevious01",
            },
        },
        "livemode": false,
        "pending_webhooks": 1,
        "request": { "id": null, "idempotency_key": null },
        "type": "customer.subscription.updated",
    })
}

/// <https://docs.stripe.com/api/subscriptions/object>
fn subscription() -> serde_json::Value {
    json!({
        "id": "@subscription@",
        "object": "subscription",
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
        "billing_cycle_anchor": FIRST_SECOND,
        "billing_mode": { "flexible": { "proration_discounts": "included" }, "type": "flexible" },
        "billing_thresholds": null,
        "cancel_at": null,
        "cancel_at_period_end": false,
        "canceled_at": null,
        "cancellation_details": { "comment": null, "feedback": null, "reason": null },
        "collection_method": "charge_automatically",
        "created": FIRST_SECOND,
        "currency": "usd",
        "customer": "@customer@",
        "days_until_due": null,
        "default_payment_method": "pm_1SbenchmarkPaymentMeth",
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "ended_at": null,
        "invoice_settings": { "account_tax_ids": null, "issuer": { "type": "self" } },
        "items": { "object": "list", "data": [item()], "has_more": false, "total_count": 1, "url": "/v1/subscription_items?subscription=@subscription@" },
        "latest_invoice": "in_1SbenchmarkLatest0001",
        "livemode": false,
        "metadata": {},
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pause_collection": null,
        "payment_settings": { "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off" },
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": null,
        "start_date": FIRST_SECOND,
        "status": "active",
        "test_clock": null,
        "transfer_data": null,
        "trial_end": null,
        "trial_settings": { "end_behavior": { "missing_payment_method": "create_invoice" } },
        "trial_start": null,
    })
}

fn item() -> serde_json::Value {
    json!({
        "id": "si_SbenchmarkItem01",
        "object": "subscription_item",
        "billing_thresholds": null,
        "created": FIRST_SECOND,
        "current_period_end": "@end@",
        "current_period_start": FIRST_SECOND,
        "discounts": [],
        "metadata": {},
        "plan": {
            "id": "price_basic_monthly",
            "object": "plan",
            "active": true,
            "amount": 1900,
            "amount_decimal": "1900",
            "billing_scheme": "per_unit",
            "created": FIRST_SECOND,
            "currency": "usd",
            "interval": "month",
            "interval_count": 1,
            "livemode": false,
            "metadata": {},
            "meter": null,
            "nickname": null,
            "product": "prod_SbenchmarkBasic",
            "tiers_mode": null,
            "transform_usage": null,
            "trial_period_days": null,
            "usage_type": "licensed",
        },
        "price": {
            "id": "price_basic_monthly",
            "object": "price",
            "active": true,
            "billing_scheme": "per_unit",
            "created": FIRST_SECOND,
            "currency": "usd",
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": null,
            "metadata": {},
            "nickname": null,
            "product": "prod_SbenchmarkBasic",
            "recurring": { "interval": "month", "interval_count": 1, "meter": null, "trial_period_days": null, "usage_type": "licensed" },
            "tax_behavior": "unspecified",
            "tiers_mode": null,
            "transform_quantity": null,
            "type": "recurring",
            "unit_amount": 1900,
            "unit_amount_decimal": "1900",
        },
        "quantity": 1,
        "subscription": "@subscription@",
        "tax_rates": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_about_3_kb_of_json_with_everything_filled_in() {
        let renewal = Renewal { event: 7, subscription: 3, created: FIRST_SECOND, period_end: PERIOD_END };
        let text = Template::renewal().fill(renewal);
        let event: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!((2_800..3_800).contains(&text.len()), "{}", text.len());
        assert!(!text.contains('@'), "{text}");
        let object = &event["data"]["object"];
        assert_eq!(event["id"], stripe_id("evt_", 7).as_str());
        assert_eq!(object["customer"], stripe_id("cus_", 3).as_str());
        assert_eq!(object["items"]["data"][0]["current_period_end"], PERIOD_END);
    }
}
