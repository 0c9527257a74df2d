use time::OffsetDateTime;

use super::create::unusable;
use super::{CheckoutError, Order};
use crate::ids::SubscriptionId;
use crate::payment::{Payment, PaymentFact, PaymentStatus, whole_second};
use crate::ports::{Answer, StoreError, UnitOfWork};
use crate::session::CheckoutSession;
use crate::settled::Ports;
use crate::settlement::{SessionSettlement, settle_session};
use crate::transition::Cause;

/// Asks Stripe about the session of a pending payment: hands it out if it is still open and for this order; expires it
/// first if it is for another one, so that nobody can pay both; settles it if it has moved. `None` when the
/// slot has to be looked at again.
pub(super) async fn revisit(ports: &Ports, payment: Payment, order: &Order) -> Result<Option<Payment>, CheckoutError> {
    let Some(session_id) = payment.record().session_id.clone() else {
        return Ok(None);
    };
    let answer = ports.gateway.fetch_checkout_session(&session_id).await.map_err(unusable)?;
    let is_open = answer.as_ref().is_some_and(|it| it.object.status_by_state() == Some(PaymentStatus::Pending));
    if is_open && order.is_for(&payment) {
        return Ok(Some(payment));
    }
    let answer = if is_open {
        // `None`: it has moved since we asked. The next round asks again.
        match ports.gateway.expire_checkout_session(&session_id).await.map_err(unusable)? {
            Some(expired) => Some(expired),
            None => return Ok(None),
        }
    } else {
        answer
    };
    let news = SessionNews { payment: &payment, answer: answer.as_ref(), cause: Cause::Landing };
    let mut work = ports.store.begin().await?;
    if take_session_answer(work.as_mut(), &news, ports.clock.now()).await? {
        work.commit().await?;
    } else {
        work.rollback().await?;
    }
    Ok(None)
}

/// Stripe's answer about the session of a payment, asked for when the payment was as it is here.
pub(crate) struct SessionNews<'a> {
    /// The payment as it was before Stripe was asked.
    pub payment: &'a Payment,
    /// The answer; `None` when Stripe knows no such session.
    pub answer: Option<&'a Answer<CheckoutSession>>,
    /// On whose behalf.
    pub cause: Cause,
}

/// Writes an answer, unless the payment has changed since the question: then the answer may be older than what we hold,
/// and `false` says that it must be asked again.
pub(crate) async fn take_session_answer(
    work: &mut dyn UnitOfWork,
    news: &SessionNews<'_>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    // Subscriptions are locked before payments, as everywhere.
    let named: Vec<SubscriptionId> =
        news.answer.and_then(|answer| answer.object.subscription_id.clone()).into_iter().collect();
    let held = work.subscriptions().find_subscriptions_for_update(&named).await?;
    let mut payments = work.payments().find_payments_for_update(&[], &[news.payment.id()]).await?;
    let Some(payment) = payments.first_mut().filter(|held| held.version() == news.payment.version()) else {
        return Ok(false);
    };
    let before = payment.version();
    let settled = match news.answer {
        Some(answer) => fold(payment, answer, news.cause, |id| held.iter().any(|held| held.id() == id), now),
        None => SessionSettlement { transition: payment.lost(news.cause, now), ..SessionSettlement::default() },
    };
    if payment.version() == before {
        payment.heard_nothing_new(news.answer.map_or(whole_second(now), |answer| answer.as_of));
    }
    write(work, &payments, settled).await?;
    Ok(true)
}

fn fold(
    payment: &mut Payment,
    answer: &Answer<CheckoutSession>,
    cause: Cause,
    is_held: impl Fn(&SubscriptionId) -> bool,
    now: OffsetDateTime,
) -> SessionSettlement {
    let Some(status) = answer.object.status_by_state() else {
        tracing::warn!(payment_id = %payment.id(), "stripe's answer does not tell the state of the session");
        return SessionSettlement::default();
    };
    let fact = PaymentFact { status, session: &answer.object, as_of: answer.as_of, cause };
    settle_session(payment, &fact, is_held, now).unwrap_or_else(|reason| {
        tracing::error!(payment_id = %payment.id(), %reason, "stripe's answer does not fit the payment; nothing was credited");
        SessionSettlement::default()
    })
}

async fn write(work: &mut dyn UnitOfWork, payments: &[Payment], settled: SessionSettlement) -> Result<(), StoreError> {
    let mut transitions: Vec<_> = settled.transition.into_iter().collect();
    if let Some((stub, transition)) = settled.stub {
        work.subscriptions().create_subscription_records(&[stub]).await?;
        transitions.push(transition);
    }
    work.payments().update_payment_statuses(payments).await?;
    work.refreshes().request_refreshes(&settled.refreshes).await?;
    work.transitions().record_transitions(&transitions).await
}
