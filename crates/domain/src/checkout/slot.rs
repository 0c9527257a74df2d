use super::{CheckoutError, CheckoutParams, Order};
use crate::catalogue::Quote;
use crate::ids::{CustomerId, PaymentId, UserId};
use crate::payment::{CheckoutMode, NewPayment, Payment, PaymentStatus};
use crate::ports::{Reservation, UnitOfWork};
use crate::settled::Settled;
use crate::subscription::{Subscription, SubscriptionStatus};
use crate::transition::Cause;

/// What a click found in its slot.
pub(super) enum Claim {
    /// Nothing: a new payment in `creating` holds it now.
    Reserved(Payment),
    /// A payment whose call to Stripe was left undone.
    LeftCreating(Payment),
    /// A payment whose session was open when we last heard of it.
    Pending(Payment),
    /// Another click was quicker: look again.
    Lost,
}

/// Takes the user's slot for an order, or tells what is in it. One transaction, no call to Stripe inside.
pub(super) async fn claim_slot(
    settled: &Settled,
    user_id: &UserId,
    order: &Order,
    quote: &Quote,
    customer_id: &CustomerId,
) -> Result<Claim, CheckoutError> {
    let mut work = settled.ports.store.begin().await?;
    let slot = quote.slot();
    // The payment first: waiting for its lock makes a webhook that settles it just now show its subscription, too.
    let open = work.payments().find_open_payment_for_update(user_id, &slot).await?;
    let live = match quote.mode {
        CheckoutMode::Subscription => work.subscriptions().find_live_subscription(user_id, &slot).await?,
        CheckoutMode::Payment => None,
    };
    if let Some(live) = live {
        work.rollback().await?;
        return Err(CheckoutError::AlreadySubscribed { pay_url: pay_url(settled, &live).await });
    }
    if let Some(open) = open {
        work.rollback().await?;
        return match open.status() {
            PaymentStatus::Creating => Ok(Claim::LeftCreating(open)),
            PaymentStatus::Pending => Ok(Claim::Pending(open)),
            PaymentStatus::Processing => Err(CheckoutError::PaymentProcessing),
            PaymentStatus::Expired | PaymentStatus::Failed | PaymentStatus::Succeeded => Ok(Claim::Lost),
        };
    }
    let quote = with_trial_once(work.as_mut(), user_id, quote).await?;
    let payment = new_payment(settled, user_id, order, &quote, customer_id)?;
    reserve(work, payment).await
}

/// The quote for this user: without its trial if they have had a subscription in the slot before, also one that has
/// ended. Otherwise whoever cancels in time could go on for free for ever.
async fn with_trial_once(work: &mut dyn UnitOfWork, user_id: &UserId, quote: &Quote) -> Result<Quote, CheckoutError> {
    let trial = match quote.trial {
        Some(_) if work.subscriptions().has_had_subscription(user_id, &quote.slot()).await? => None,
        trial => trial,
    };
    Ok(Quote { trial, ..quote.clone() })
}

fn new_payment(
    settled: &Settled,
    user_id: &UserId,
    order: &Order,
    quote: &Quote,
    customer_id: &CustomerId,
) -> Result<Payment, CheckoutError> {
    let total = quote.unit.checked_times(order.quantity).ok_or(CheckoutError::PriceNotAvailable)?;
    let id = PaymentId::from_uuid(settled.ports.ids.new_uuid());
    let params = CheckoutParams::new(id, customer_id.clone(), quote, order.quantity, &settled.policy);
    let new = NewPayment {
        id,
        user_id: user_id.clone(),
        customer_id: customer_id.clone(),
        quote: quote.clone(),
        quantity: order.quantity,
        total,
        params,
    };
    Ok(Payment::create(new, settled.ports.clock.now()))
}

async fn reserve(mut work: Box<dyn UnitOfWork>, payment: Payment) -> Result<Claim, CheckoutError> {
    if work.payments().reserve_payment(&payment).await? == Reservation::Occupied {
        work.rollback().await?;
        return Ok(Claim::Lost);
    }
    let transition = payment.transition(None, Cause::Checkout, payment.record().created_at);
    work.transitions().record_transitions(&[transition]).await?;
    work.commit().await?;
    Ok(Claim::Reserved(payment))
}

/// The page on which the user can pay what the subscription waits for. Failing to get it only makes the answer poorer.
async fn pay_url(settled: &Settled, live: &Subscription) -> Option<String> {
    let waits = match live.status() {
        SubscriptionStatus::Incomplete | SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid => !live.is_stub(),
        SubscriptionStatus::IncompleteExpired
        | SubscriptionStatus::Trialing
        | SubscriptionStatus::Active
        | SubscriptionStatus::Canceled
        | SubscriptionStatus::Paused => false,
    };
    if !waits {
        return None;
    }
    match settled.ports.gateway.find_pay_url(live.id()).await {
        Ok(url) => url,
        Err(error) => {
            tracing::warn!(subscription_id = %live.id(), %error, "cannot find the page of an open invoice");
            None
        }
    }
}
