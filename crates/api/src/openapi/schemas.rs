//! Words of the domain as the API shows them. They are taken from the domain, so that a new one is never forgotten here.

use settled_domain::payment::PaymentStatus;
use settled_domain::subscription::SubscriptionStatus;
use settled_domain::transition::SettledBy;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Object, ObjectBuilder, Type};

/// What a payment with a session can be. One that is being created has no session that could be asked for.
pub(crate) fn payment_statuses() -> Object {
    let visible = PaymentStatus::ALL.iter().filter(|status| **status != PaymentStatus::Creating);
    words("How far it has come. `succeeded` never changes again.", visible.map(|status| status.as_str()))
}

/// What a subscription can be, or that there is none.
pub(crate) fn subscription_statuses() -> Object {
    let stripes = SubscriptionStatus::ALL.iter().map(|status| status.as_str());
    words("What Stripe calls the state of the subscription, or `none`.", std::iter::once("none").chain(stripes))
}

/// By which way a payment was settled, if it was.
pub(crate) fn settled_by() -> Object {
    let text = "From whom we learned it: Stripe's webhook, our own question when the customer came back, or a background \
                check.";
    let words = SettledBy::ALL.iter().map(|way| Some(way.as_str()));
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(text))
        .enum_values(Some(words.chain([None])))
        .build()
}

/// What became of a webhook.
pub(crate) fn webhook_outcomes() -> Object {
    let text = "What became of it: `parked` events are kept for a person to look at, `ignored` ones do not concern us.";
    words(text, ["processed", "duplicate", "ignored", "parked"])
}

fn words(text: &str, words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).description(Some(text)).enum_values(Some(words)).build()
}
