//! Moving money: payment methods, intents, refunds and disputes.

pub(crate) mod attempt;
pub(crate) mod disputes;
pub(crate) mod intents;
pub(crate) mod methods;
pub(crate) mod refunds;
pub(crate) mod settle;
pub(crate) mod test_methods;
