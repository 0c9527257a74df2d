use time::{Duration, OffsetDateTime};

use super::ParkReason;
use crate::ids::SubscriptionId;
use crate::payment::{Payment, PaymentFact, PaymentStatus, Verdict};
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::subscription::Subscription;
use crate::transition::{Cause, Transition};

/// How long the first snapshot of a new subscription may take before Stripe is asked for it.
const STUB_PATIENCE: Duration = Duration::seconds(5);

/// What a fact about a session leads to, apart from the payment itself.
#[derive(Debug, Default)]
pub struct SessionSettlement {
    /// The payment's change, if more than `as_of` changed.
    pub transition: Option<Transition>,
    /// A place held for the subscription that the session names.
    pub stub: Option<(Subscription, Transition)>,
    /// What to ask Stripe.
    pub refreshes: Vec<RefreshRequest>,
}

/// Folds one fact about a session into its payment. `is_held` tells whether a subscription's row exists.
///
/// A contradiction is put up to be asked for when a webhook brings it; when Stripe's own answer brings it, asking again
/// would lead nowhere, so it is only logged.
///
/// # Errors
///
/// [`ParkReason`] when the fact does not fit the payment, which then stays as it is.
pub fn settle_session(
    payment: &mut Payment,
    fact: &PaymentFact<'_>,
    is_held: impl Fn(&SubscriptionId) -> bool,
    now: OffsetDateTime,
) -> Result<SessionSettlement, ParkReason> {
    let contradiction = payment.contradicts(fact.status);
    let transition = match payment.apply(fact, now) {
        Verdict::Changed(transition) => Some(transition),
        Verdict::Confirmed | Verdict::Known => None,
        Verdict::Refused(reason) => return Err(reason),
    };
    let mut settlement = SessionSettlement { transition, ..SessionSettlement::default() };
    if contradiction {
        tracing::warn!(payment_id = %payment.id(), held = %payment.status(), said = %fact.status, "stripe contradicts itself about a payment");
        if fact.cause == Cause::Webhook {
            let object = RefreshObject::Payment(payment.id());
            settlement.refreshes.push(RefreshRequest::new(object, RefreshReason::Contradiction, now));
        }
    }
    let completed = fact.status > PaymentStatus::Expired;
    if let Some(id) = fact.session.subscription_id.as_ref().filter(|id| completed && !is_held(id)) {
        settlement.stub = Some(Subscription::stub(id.clone(), payment, fact.cause, now));
        let object = RefreshObject::Subscription(id.clone());
        let wish = RefreshRequest::new(object, RefreshReason::Stub, now + STUB_PATIENCE);
        settlement.refreshes.push(wish.unless_answered_from(OffsetDateTime::UNIX_EPOCH));
    }
    Ok(settlement)
}
