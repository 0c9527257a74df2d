//! Refunds and disputes: what is written of Stripe's answers, and what of ours they are about.

use super::money::{invoice, knowing, later};
use super::*;
use crate::dispute::{Dispute, DisputeSnapshot, DisputeStatus};
use crate::examples::{customer, dispute_snapshot, invoice_snapshot, one_time, purchase, refund_snapshot, session_id};
use crate::invoice::InvoiceStatus;
use crate::mirror::ANSWER_LAG;
use crate::purchase::PurchaseId;
use crate::refund::{Refund, RefundSnapshot, RefundStatus};
use crate::transition::Cause;

fn refund_row(status: RefundStatus) -> Refund {
    Refund::first(&refund_snapshot(status), &purchase(), SECOND, Cause::Webhook, NOW).unwrap().0
}

fn dispute_row(status: DisputeStatus) -> Dispute {
    Dispute::first(&dispute_snapshot(status), purchase().id, SECOND, Cause::Webhook, NOW).unwrap().0
}

fn of_refund() -> ClaimedRefresh {
    claimed(RefreshObject::Refund("re_1".parse().unwrap()), RefreshReason::Owner)
}

fn of_dispute() -> ClaimedRefresh {
    claimed(RefreshObject::Dispute("du_1".parse().unwrap()), RefreshReason::Doubt)
}

fn store_without_refund(works: Vec<MockUnitOfWork>) -> MockStore {
    let mut store = store_of(works);
    store.expect_find_refund().returning(|_| Ok(None));
    store
}

fn answering_refund() -> MockStripeGateway {
    let mut gateway = MockStripeGateway::new();
    let answer = later(refund_snapshot(RefundStatus::Succeeded));
    gateway.expect_fetch_refund().once().return_once(|_| Ok(Some(answer)));
    gateway
}

/// A transaction that must store one refund of this purchase.
fn storing_refund_of(purchase: PurchaseId) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.refunds
        .expect_create_refund_records()
        .withf(move |rows| rows.len() == 1 && rows[0].record().purchase == purchase)
        .once()
        .returning(|_| Ok(()));
    work.accepting_the_rest()
}

#[pollster::test]
async fn a_refund_is_attributed_by_our_own_rows_without_another_call() {
    let mut looking = MockUnitOfWork::default();
    looking.payments.expect_find_payments_of_intents().once().returning(|_| Ok(vec![one_time()]));
    let works = vec![looking.accepting_the_rest(), storing_refund_of(PurchaseId::Payment(one_time().id()))];
    let done = refresh(&ports(store_without_refund(works), answering_refund()), &of_refund()).await.unwrap();
    assert_eq!(done, Refreshed::Done);
}

#[pollster::test]
async fn a_refund_that_names_only_its_charge_is_attributed_by_what_the_charge_belongs_to() {
    let mut looking = MockUnitOfWork::default();
    looking
        .payments
        .expect_find_payments_of_intents()
        .withf(|intents| intents == ["pi_1".parse().unwrap()])
        .once()
        .returning(|_| Ok(vec![one_time()]));
    let mut writing = MockUnitOfWork::default();
    writing
        .refunds
        .expect_create_refund_records()
        .withf(|rows| {
            let [first, second] = rows else { return false };
            [first, second].iter().all(|row| {
                let row = row.record();
                row.purchase == PurchaseId::Payment(one_time().id()) && row.payment_intent_id == "pi_1".parse().ok()
            })
        })
        .once()
        .returning(|_| Ok(()));
    let works = vec![looking.accepting_the_rest(), writing.accepting_the_rest()];
    let bare = RefundSnapshot { payment_intent_id: None, ..refund_snapshot(RefundStatus::Succeeded) };
    let other = RefundSnapshot { id: "re_2".parse().unwrap(), ..bare.clone() };
    let mut gateway = MockStripeGateway::new();
    gateway.expect_list_refunds_of_charge().once().return_once(|_| Ok(Some(later(vec![bare, other]))));
    gateway
        .expect_find_payment_intent_of_charge()
        .withf(|charge| charge.as_str() == "ch_1")
        .once()
        .returning(|_| Ok("pi_1".parse().ok()));
    let of_charge = claimed(RefreshObject::ChargeRefunds("ch_1".parse().unwrap()), RefreshReason::Doubt);
    assert_eq!(refresh(&ports(store_without_refund(works), gateway), &of_charge).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn a_refund_of_a_charge_that_belongs_to_nothing_ends_the_question() {
    let endings = Endings::default();
    let mut writing = finishing(&endings);
    writing.refunds.expect_create_refund_records().withf(<[Refund]>::is_empty).once().returning(|_| Ok(()));
    let bare = RefundSnapshot { payment_intent_id: None, ..refund_snapshot(RefundStatus::Succeeded) };
    let mut gateway = MockStripeGateway::new();
    gateway.expect_fetch_refund().once().return_once(|_| Ok(Some(later(bare))));
    gateway.expect_find_payment_intent_of_charge().once().returning(|_| Ok(None));
    let store = store_without_refund(vec![writing.accepting_the_rest()]);
    assert_eq!(refresh(&ports(store, gateway), &of_refund()).await.unwrap(), Refreshed::Done);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn a_dispute_that_names_only_its_charge_is_attributed_by_what_the_charge_belongs_to() {
    let mut looking = MockUnitOfWork::default();
    looking.payments.expect_find_payments_of_intents().once().returning(|_| Ok(vec![one_time()]));
    let mut writing = MockUnitOfWork::default();
    writing
        .disputes
        .expect_create_dispute_records()
        .withf(|rows| {
            let row = rows[0].record();
            row.purchase == PurchaseId::Payment(one_time().id()) && row.payment_intent_id == "pi_1".parse().ok()
        })
        .once()
        .returning(|_| Ok(()));
    let mut store = store_of(vec![looking.accepting_the_rest(), writing.accepting_the_rest()]);
    store.expect_find_dispute().returning(|_| Ok(None));
    let bare = DisputeSnapshot { payment_intent_id: None, ..dispute_snapshot(DisputeStatus::NeedsResponse) };
    let mut gateway = MockStripeGateway::new();
    gateway.expect_fetch_dispute().once().return_once(|_| Ok(Some(later(bare))));
    gateway.expect_find_payment_intent_of_charge().once().returning(|_| Ok("pi_1".parse().ok()));
    assert_eq!(refresh(&ports(store, gateway), &of_dispute()).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn a_refund_of_a_payment_that_missed_the_end_of_its_session_is_attributed_by_the_session() {
    let mut healing = MockUnitOfWork::default();
    healing
        .refreshes
        .expect_request_refreshes()
        .withf(|wishes| wishes[0].object == RefreshObject::Session(session_id()))
        .once()
        .returning(|_| Ok(()));
    let works = vec![
        MockUnitOfWork::default().accepting_the_rest(),
        healing.accepting_the_rest(),
        storing_refund_of(PurchaseId::Payment(payment_id())),
    ];
    let mut store = store_without_refund(works);
    store.expect_find_payment_by_session().returning(|_| Ok(Some(pending())));
    let mut gateway = answering_refund();
    gateway.expect_find_session_of_payment_intent().once().returning(|_| Ok(Some(paid_session())));
    assert_eq!(refresh(&ports(store, gateway), &of_refund()).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn a_session_of_somebody_else_that_names_our_payment_gets_no_refund_stored() {
    let forgeries = [
        CheckoutSession { customer_id: "cus_9".parse().ok(), ..paid_session() },
        CheckoutSession { customer_id: None, ..paid_session() },
        CheckoutSession { id: "cs_test_9".parse().unwrap(), ..paid_session() },
    ];
    for forged in forgeries {
        let mut writing = MockUnitOfWork::default();
        writing.refunds.expect_create_refund_records().withf(<[Refund]>::is_empty).once().returning(|_| Ok(()));
        let works = vec![MockUnitOfWork::default().accepting_the_rest(), writing.accepting_the_rest()];
        let mut store = store_without_refund(works);
        store.expect_find_payment_by_session().returning(|id| Ok((*id == session_id()).then(pending)));
        store.expect_find_payment().returning(|_| Ok(Some(pending())));
        let mut gateway = answering_refund();
        gateway.expect_find_session_of_payment_intent().once().return_once(|_| Ok(Some(forged)));
        assert_eq!(refresh(&ports(store, gateway), &of_refund()).await.unwrap(), Refreshed::Done);
    }
}

#[pollster::test]
async fn a_refund_of_an_invoice_stores_the_invoice_with_what_it_was_paid_with() {
    let mut billing = knowing(customer());
    billing
        .invoices
        .expect_create_invoice_records()
        .withf(|rows| rows[0].record().payment_intent_id == "pi_1".parse().ok())
        .once()
        .returning(|_| Ok(()));
    let works = vec![
        MockUnitOfWork::default().accepting_the_rest(),
        billing.accepting_the_rest(),
        storing_refund_of(PurchaseId::Invoice("in_1".parse().unwrap())),
    ];
    let mut store = store_without_refund(works);
    let mut looks = 0;
    store.expect_find_invoice().returning(move |_| {
        looks += 1;
        Ok((looks > 1).then(|| invoice(InvoiceStatus::Paid)))
    });
    let mut gateway = answering_refund();
    gateway.expect_find_session_of_payment_intent().returning(|_| Ok(None));
    gateway.expect_find_invoice_of_payment_intent().returning(|_| Ok("in_1".parse().ok()));
    gateway.expect_fetch_invoice().returning(|_| {
        let unnamed =
            crate::invoice::InvoiceSnapshot { payment_intent_id: None, ..invoice_snapshot(InvoiceStatus::Paid) };
        Ok(Some(later(unnamed)))
    });
    assert_eq!(refresh(&ports(store, gateway), &of_refund()).await.unwrap(), Refreshed::Done);
}

#[pollster::test]
async fn a_refund_of_nothing_of_ours_ends_the_question() {
    let endings = Endings::default();
    let mut writing = finishing(&endings);
    writing.refunds.expect_create_refund_records().withf(<[Refund]>::is_empty).once().returning(|_| Ok(()));
    let works = vec![MockUnitOfWork::default().accepting_the_rest(), writing.accepting_the_rest()];
    let mut gateway = answering_refund();
    gateway.expect_find_session_of_payment_intent().once().returning(|_| Ok(None));
    gateway.expect_find_invoice_of_payment_intent().once().returning(|_| Ok(None));
    assert_eq!(refresh(&ports(store_without_refund(works), gateway), &of_refund()).await.unwrap(), Refreshed::Done);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn all_refunds_of_a_charge_are_taken_and_one_that_failed_is_not_made_good() {
    let mut work = MockUnitOfWork::default();
    work.payments.expect_find_payments_of_intents().returning(|_| Ok(vec![one_time()]));
    let mut writing = MockUnitOfWork::default();
    writing.refunds.expect_find_refunds_for_update().returning(|_, _| Ok(vec![refund_row(RefundStatus::Failed)]));
    writing
        .refunds
        .expect_update_refund_statuses()
        .withf(|rows| rows[0].status() == RefundStatus::Failed)
        .once()
        .returning(|_| Ok(()));
    writing
        .refunds
        .expect_create_refund_records()
        .withf(|rows| rows.len() == 1 && rows[0].id().as_str() == "re_2")
        .once()
        .returning(|_| Ok(()));
    let mut store = store_of(vec![work.accepting_the_rest(), writing.accepting_the_rest()]);
    store.expect_find_refund().returning(|id| Ok((id.as_str() == "re_1").then(|| refund_row(RefundStatus::Failed))));
    let mut gateway = MockStripeGateway::new();
    gateway.expect_list_refunds_of_charge().once().returning(|_| {
        let first = refund_snapshot(RefundStatus::Succeeded);
        let second = crate::refund::RefundSnapshot { id: "re_2".parse().unwrap(), ..first.clone() };
        Ok(Some(later(vec![first, second])))
    });
    let of_charge = claimed(RefreshObject::ChargeRefunds("ch_1".parse().unwrap()), RefreshReason::Doubt);
    assert_eq!(refresh(&ports(store, gateway), &of_charge).await.unwrap(), Refreshed::Done);
}

fn answering_dispute(status: DisputeStatus, as_of: OffsetDateTime) -> MockStripeGateway {
    let mut gateway = MockStripeGateway::new();
    let answer = Answer { object: dispute_snapshot(status), as_of };
    gateway.expect_fetch_dispute().once().return_once(|_| Ok(Some(answer)));
    gateway
}

fn store_with_dispute(works: Vec<MockUnitOfWork>) -> MockStore {
    let mut store = store_of(works);
    store.expect_find_dispute().returning(|_| Ok(Some(dispute_row(DisputeStatus::NeedsResponse))));
    store
}

#[pollster::test]
async fn a_dispute_takes_stripes_answer_unless_that_contradicts_fresh_news() {
    let too_fresh = Refreshed::TooFresh(Duration::SECOND);
    for (wait, expected) in [(Duration::ZERO, Refreshed::Done), (Duration::SECOND, too_fresh)] {
        let as_of = SECOND + ANSWER_LAG - wait;
        let mut work = MockUnitOfWork::default();
        work.disputes
            .expect_find_disputes_for_update()
            .returning(|_| Ok(vec![dispute_row(DisputeStatus::NeedsResponse)]));
        let writes = usize::from(expected == Refreshed::Done);
        work.disputes
            .expect_update_dispute_statuses()
            .withf(|rows| rows[0].status() == DisputeStatus::Lost)
            .times(writes)
            .returning(|_| Ok(()));
        let store = store_with_dispute(vec![work.accepting_the_rest()]);
        let done = refresh(&ports(store, answering_dispute(DisputeStatus::Lost, as_of)), &of_dispute()).await.unwrap();
        assert_eq!(done, expected);
    }
}

#[pollster::test]
async fn a_dispute_of_an_invoice_that_we_hold_is_stored() {
    let mut looking = MockUnitOfWork::default();
    looking
        .invoices
        .expect_find_invoices_for_update()
        .withf(|ids, intents| ids.is_empty() && intents.len() == 1)
        .returning(|_, _| Ok(vec![invoice(InvoiceStatus::Paid)]));
    let mut writing = MockUnitOfWork::default();
    writing
        .disputes
        .expect_create_dispute_records()
        .withf(|rows| rows[0].record().purchase == PurchaseId::Invoice("in_1".parse().unwrap()))
        .once()
        .returning(|_| Ok(()));
    let mut store = store_of(vec![looking.accepting_the_rest(), writing.accepting_the_rest()]);
    store.expect_find_dispute().returning(|_| Ok(None));
    let gateway = answering_dispute(DisputeStatus::Lost, SECOND);
    assert_eq!(refresh(&ports(store, gateway), &of_dispute()).await.unwrap(), Refreshed::Done);
}
