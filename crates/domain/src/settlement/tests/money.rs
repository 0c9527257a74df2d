//! Invoices, refunds, disputes and deleted customers.

use super::*;
use crate::customer::Customer;
use crate::dispute::{Dispute, DisputeSnapshot, DisputeStatus};
use crate::examples::{customer_id, dispute_snapshot, invoice_snapshot, one_time, purchase, refund_snapshot, user};
use crate::invoice::{Invoice, InvoiceSnapshot, InvoiceStatus};
use crate::money::Currency;
use crate::payment::{Payment, PaymentRecord};
use crate::refresh_request::RefreshRequest;
use crate::refund::{Refund, RefundSnapshot, RefundStatus, RefundedCharge, refunded_minor};
use crate::subscription::Subscription;
use crate::transition::Cause;

const MINUTE_LATER: time::OffsetDateTime = NOW.saturating_add(Duration::MINUTE);

fn euro() -> Currency {
    Currency::new("eur").unwrap()
}

fn invoice_event(id: &str, snapshot: InvoiceSnapshot) -> WebhookEvent {
    event(id, EventContent::Invoice(snapshot))
}

fn refund_event(id: &str, status: RefundStatus) -> WebhookEvent {
    event(id, EventContent::Refund(refund_snapshot(status)))
}

fn dispute_event(id: &str, news: News, status: DisputeStatus) -> WebhookEvent {
    event(id, EventContent::Dispute(news, dispute_snapshot(status)))
}

fn deleted_event(id: &str) -> WebhookEvent {
    event(id, EventContent::CustomerDeleted(customer_id()))
}

fn charge_event(id: &str, amount_refunded_minor: i64) -> WebhookEvent {
    let charge =
        RefundedCharge { id: "ch_1".parse().unwrap(), customer_id: Some(customer_id()), amount_refunded_minor };
    event(id, EventContent::ChargeRefunded(charge))
}

/// The customer, and a payment of theirs that was paid with `pi_1`.
fn bought() -> Held {
    Held { payments_of_intents: vec![one_time()], ..held() }
}

fn held_invoice(status: InvoiceStatus) -> Invoice {
    Invoice::first(&invoice_snapshot(status), (customer_id(), user()), SECOND, Cause::Webhook, NOW).unwrap().0
}

fn held_refund(status: RefundStatus) -> Refund {
    Refund::first(&refund_snapshot(status), &purchase(), SECOND, Cause::Webhook, NOW).unwrap().0
}

fn held_dispute(status: DisputeStatus) -> Dispute {
    Dispute::first(&dispute_snapshot(status), purchase().id, SECOND, Cause::Webhook, NOW).unwrap().0
}

fn active_since(as_of: time::OffsetDateTime) -> Subscription {
    let active = snapshot(SubscriptionStatus::Active);
    Subscription::first(&active, user(), News::Updated, as_of, Cause::Webhook, NOW).0
}

#[test]
fn an_invoice_is_stored_for_the_user_of_its_customer_and_a_strangers_is_ignored() {
    let settlement = settled(&[invoice_event("evt_1", invoice_snapshot(InvoiceStatus::Paid))], held());
    let row = settlement.new_invoices()[0].record().clone();
    assert_eq!((row.user_id, row.status, row.subscription_id), (user(), InvoiceStatus::Paid, Some(subscription_id())));
    assert_eq!(settlement.transitions[0].event_id, EventId::new("evt_1").ok());
    for customer_id in ["cus_9".parse().ok(), None] {
        let foreign = InvoiceSnapshot { customer_id, ..invoice_snapshot(InvoiceStatus::Paid) };
        assert_eq!(outcome(invoice_event("evt_1", foreign)), Outcome::Ignored(IgnoreReason::NotOurs));
    }
}

#[test]
fn an_invoice_that_does_not_fit_its_row_is_parked_and_one_in_an_unknown_status_is_asked_about() {
    let known = Held { invoices: vec![held_invoice(InvoiceStatus::Open)], ..held() };
    let euros = InvoiceSnapshot { currency: euro(), ..invoice_snapshot(InvoiceStatus::Paid) };
    let settlement = settled(&[invoice_event("evt_1", euros)], known.clone());
    assert_eq!(settlement.outcomes[0].1, Outcome::Parked(ParkReason::CurrencyMismatch));
    assert!(settlement.changed_invoices().is_empty() && settlement.refreshes.is_empty());

    let strange = InvoiceSnapshot { status: None, ..invoice_snapshot(InvoiceStatus::Open) };
    let settlement = settled(&[invoice_event("evt_1", strange)], known);
    assert_eq!(settlement.outcomes[0].1, Outcome::Processed);
    assert_eq!(settlement.refreshes[0].reason, RefreshReason::UnknownStatus);
}

#[test]
fn what_begins_in_an_unknown_status_is_parked_and_asked_about() {
    let invoice = InvoiceSnapshot { status: None, ..invoice_snapshot(InvoiceStatus::Open) };
    let refund = RefundSnapshot { status: None, ..refund_snapshot(RefundStatus::Pending) };
    let dispute = DisputeSnapshot { status: None, ..dispute_snapshot(DisputeStatus::Lost) };
    let contents = [
        ("invoice in_1", EventContent::Invoice(invoice)),
        ("refund re_1", EventContent::Refund(refund)),
        ("dispute du_1", EventContent::Dispute(News::Created, dispute)),
    ];
    for (object, content) in contents {
        let settlement = settled(&[event("evt_1", content)], bought());
        assert_eq!(settlement.outcomes[0].1, Outcome::Parked(ParkReason::UnknownStatus), "{object}");
        let asked: Vec<_> = settlement.refreshes.iter().map(|wish| (wish.object.to_string(), wish.reason)).collect();
        assert_eq!(asked, [(object.to_owned(), RefreshReason::UnknownStatus)]);
    }
}

/// The question about the subscription that an invoice event of the second after `SECOND` leads to.
fn question(snapshot: InvoiceSnapshot, subscriptions: Vec<Subscription>) -> Option<RefreshRequest> {
    let told = WebhookEvent { created: SECOND + Duration::SECOND, ..invoice_event("evt_1", snapshot) };
    settled(&[told], Held { subscriptions, ..held() }).refreshes.into_iter().next()
}

#[test]
fn a_renewal_asks_nothing_whether_its_subscription_comes_before_or_with_it() {
    let paid = invoice_snapshot(InvoiceStatus::Paid);
    assert_eq!(question(paid.clone(), vec![active_since(SECOND)]), None, "it knows of the invoice and is healthy");
    for status in [InvoiceStatus::Draft, InvoiceStatus::Open] {
        assert_eq!(question(invoice_snapshot(status), vec![active_since(SECOND)]), None);
    }
    let batch = [invoice_event("evt_1", paid), subscription_event("evt_2", News::Updated, SubscriptionStatus::Active)];
    assert!(settled(&batch, held()).refreshes.is_empty());
    assert_eq!(question(invoice_snapshot(InvoiceStatus::Void), vec![subscription(SubscriptionStatus::Canceled)]), None);
}

#[test]
fn an_invoice_whose_subscription_has_not_moved_asks_for_it_in_a_minute_unless_it_moves_by_then() {
    let (created, told) = (SECOND, SECOND + Duration::SECOND);
    let failed = InvoiceSnapshot { attempted: true, ..invoice_snapshot(InvoiceStatus::Open) };
    let past_due = subscription(SubscriptionStatus::PastDue);
    let before = active_since(SECOND - Duration::SECOND);
    let cases = [
        (failed.clone(), vec![active_since(SECOND)], told),
        (invoice_snapshot(InvoiceStatus::Paid), vec![past_due], told),
        (invoice_snapshot(InvoiceStatus::Paid), Vec::new(), told),
        (invoice_snapshot(InvoiceStatus::Paid), vec![stub()], told),
        (invoice_snapshot(InvoiceStatus::Paid), vec![before.clone()], created),
        (invoice_snapshot(InvoiceStatus::Draft), vec![before], created),
    ];
    for (snapshot, subscriptions, answered_from) in cases {
        let question = question(snapshot.clone(), subscriptions).unwrap();
        assert_eq!(question.object, RefreshObject::Subscription(subscription_id()));
        assert_eq!((question.reason, question.due_at), (RefreshReason::Invoice, MINUTE_LATER));
        assert_eq!(question.answered_from, Some(answered_from), "{snapshot:?}");
    }
    assert_eq!(question(failed, vec![active_since(told)]), None);
}

#[test]
fn a_refund_or_dispute_of_a_payment_of_ours_is_stored_at_once() {
    let batch =
        [refund_event("evt_1", RefundStatus::Pending), dispute_event("evt_2", News::Updated, DisputeStatus::Lost)];
    let settlement = settled(&batch, bought());
    assert_eq!(settlement.new_refunds()[0].record().purchase.payment_id(), Some(one_time().id()));
    assert_eq!(settlement.new_disputes()[0].record().purchase.payment_id(), Some(one_time().id()));
    assert_eq!(settlement.new_disputes()[0].status(), DisputeStatus::Lost, "it may be created already lost");
    assert!(settlement.refreshes.is_empty());

    let renewal = Held { invoices: vec![held_invoice(InvoiceStatus::Paid)], ..held() };
    let of_invoice =
        RefundSnapshot { payment_intent_id: "pi_2".parse().ok(), ..refund_snapshot(RefundStatus::Pending) };
    let settlement = settled(&[event("evt_1", EventContent::Refund(of_invoice))], renewal);
    assert_eq!(
        settlement.new_refunds()[0].record().purchase.invoice_id(),
        Some(held_invoice(InvoiceStatus::Paid).id())
    );
}

#[test]
fn a_refund_finds_the_invoice_of_the_same_batch() {
    let paid = InvoiceSnapshot { payment_intent_id: "pi_1".parse().ok(), ..invoice_snapshot(InvoiceStatus::Paid) };
    let settlement = settled(&[refund_event("evt_1", RefundStatus::Pending), invoice_event("evt_2", paid)], held());
    assert_eq!(settlement.new_refunds().len(), 1);
}

#[test]
fn a_refund_or_dispute_of_an_unknown_payment_is_asked_about_and_nothing_is_stored() {
    let batch = [
        refund_event("evt_1", RefundStatus::Succeeded),
        dispute_event("evt_2", News::Created, DisputeStatus::NeedsResponse),
    ];
    let settlement = settled(&batch, held());
    assert!(settlement.new_refunds().is_empty() && settlement.new_disputes().is_empty());
    let asked: Vec<_> = settlement.refreshes.iter().map(|wish| (wish.object.to_string(), wish.reason)).collect();
    let owner = RefreshReason::Owner;
    assert_eq!(asked, [("dispute du_1".to_owned(), owner), ("refund re_1".to_owned(), owner)]);
    assert!(settlement.outcomes.iter().all(|(_, outcome)| *outcome == Outcome::Processed));
}

#[test]
fn a_refund_in_another_currency_or_of_more_than_was_paid_is_parked() {
    let euros = RefundSnapshot { currency: euro(), ..refund_snapshot(RefundStatus::Succeeded) };
    let more = RefundSnapshot { amount_minor: 1_000_000, ..refund_snapshot(RefundStatus::Succeeded) };
    let paid = PaymentRecord { total_minor: Some(19_900), ..one_time().record().clone() };
    let paid = Held { payments_of_intents: vec![Payment::restore(paid).unwrap()], ..held() };
    for (snapshot, reason) in [(euros, ParkReason::CurrencyMismatch), (more, ParkReason::AmountMismatch)] {
        let settlement = settled(&[event("evt_1", EventContent::Refund(snapshot))], paid.clone());
        assert_eq!(settlement.outcomes[0].1, Outcome::Parked(reason));
        assert!(settlement.new_refunds().is_empty());
    }
}

#[test]
fn two_partial_refunds_both_count_and_the_charge_says_nothing_new() {
    let second =
        RefundSnapshot { id: "re_2".parse().unwrap(), amount_minor: 300, ..refund_snapshot(RefundStatus::Pending) };
    let batch = [
        charge_event("evt_0", 800),
        refund_event("evt_1", RefundStatus::Succeeded),
        event("evt_2", EventContent::Refund(second)),
    ];
    let settlement = settled(&batch, bought());
    assert_eq!(refunded_minor(&settlement.new_refunds()), 800);
    assert!(settlement.refreshes.is_empty());
}

#[test]
fn a_refund_that_fails_later_is_written_and_the_sum_goes_down() {
    let known = Held { refunds: vec![held_refund(RefundStatus::Succeeded)], ..bought() };
    let settlement = settled(&[refund_event("evt_1", RefundStatus::Failed)], known);
    assert_eq!(refunded_minor(&settlement.changed_refunds()), 0);
    assert_eq!(settlement.transitions[0].to, "failed");
}

#[test]
fn a_charge_whose_refunds_we_do_not_all_hold_is_asked_about() {
    let known = Held { refunds: vec![held_refund(RefundStatus::Succeeded)], ..bought() };
    for (said, is_asked) in [(500, false), (800, true), (0, true)] {
        let settlement = settled(&[charge_event("evt_1", said)], known.clone());
        let charge = RefreshObject::ChargeRefunds("ch_1".parse().unwrap());
        assert_eq!(settlement.refreshes.iter().any(|wish| wish.object == charge), is_asked, "{said}");
    }
    let guest = RefundedCharge { id: "ch_1".parse().unwrap(), customer_id: None, amount_refunded_minor: 5 };
    let settlement = settled(&[event("evt_1", EventContent::ChargeRefunded(guest.clone()))], held());
    assert_eq!(settlement.refreshes.len(), 1, "only Stripe can tell whose a guest's charge is");
    let stranger = RefundedCharge { customer_id: "cus_9".parse().ok(), ..guest };
    let foreign = event("evt_1", EventContent::ChargeRefunded(stranger));
    assert_eq!(outcome(foreign), Outcome::Ignored(IgnoreReason::NotOurs));
}

#[test]
fn a_dispute_is_created_before_it_is_updated_in_a_batch_and_what_is_doubtful_is_asked_about() {
    let batch = [
        dispute_event("evt_1", News::Updated, DisputeStatus::NeedsResponse),
        dispute_event("evt_2", News::Created, DisputeStatus::NeedsResponse),
    ];
    let settlement = settled(&batch, bought());
    assert_eq!((settlement.new_disputes().len(), settlement.refreshes.len()), (1, 0));

    let known = Held { disputes: vec![held_dispute(DisputeStatus::Lost)], ..bought() };
    let settlement = settled(&[dispute_event("evt_1", News::Updated, DisputeStatus::Won)], known);
    assert_eq!(settlement.refreshes[0].object, RefreshObject::Dispute("du_1".parse().unwrap()));
    assert!(settlement.changed_disputes().is_empty());
}

#[test]
fn a_deleted_customer_ends_what_lives_and_late_news_do_not_resurrect_it() {
    let known = Held { subscriptions: vec![subscription(SubscriptionStatus::Active)], ..held() };
    let late = subscription_event("evt_2", News::Updated, SubscriptionStatus::Active);
    let batch = [
        WebhookEvent { created: SECOND + Duration::MINUTE, ..deleted_event("evt_1") },
        WebhookEvent { created: SECOND + Duration::SECOND, ..late },
    ];
    for batch in [vec![batch[0].clone()], batch.to_vec()] {
        let settlement = settled(&batch, known.clone());
        assert_eq!(settlement.deleted_customers()[0].deleted_at, Some(SECOND + Duration::MINUTE));
        let row = settlement.changed_subscriptions()[0].record().clone();
        assert_eq!((row.status, row.status_since), (SubscriptionStatus::Canceled, SECOND + Duration::MINUTE));
        let asked: Vec<_> = settlement.refreshes.iter().map(|wish| (wish.object.kind(), wish.due_at)).collect();
        assert_eq!(asked, [("subscription", MINUTE_LATER), ("customer", MINUTE_LATER)]);
    }
    let dead = Customer { deleted_at: Some(SECOND), ..customer() };
    let settlement = settled(
        &[subscription_event("evt_1", News::Created, SubscriptionStatus::Active)],
        Held { customers: vec![dead], ..held() },
    );
    assert_eq!(settlement.new_subscriptions()[0].status(), SubscriptionStatus::Canceled);
}

#[test]
fn a_deletion_told_again_or_of_a_stranger_changes_nothing() {
    let dead = Customer { deleted_at: Some(SECOND), ..customer() };
    let settlement = settled(&[deleted_event("evt_1")], Held { customers: vec![dead], ..held() });
    assert!(settlement.deleted_customers().is_empty());
    let stranger = event("evt_1", EventContent::CustomerDeleted("cus_9".parse().unwrap()));
    assert_eq!(outcome(stranger), Outcome::Ignored(IgnoreReason::NotOurs));
}

#[test]
fn what_an_event_only_names_is_asked_for() {
    let object = RefreshObject::Invoice("in_1".parse().unwrap());
    let settlement = settled(&[event("evt_1", EventContent::Named(object.clone()))], held());
    assert_eq!(settlement.outcomes[0].1, Outcome::Processed);
    assert_eq!(settlement.refreshes, [RefreshRequest::new(object, RefreshReason::Named, NOW)]);
    let live = WebhookEvent {
        livemode: Some(true),
        ..event("evt_1", EventContent::Named(settlement.refreshes[0].object.clone()))
    };
    assert!(settled(&[live], held()).refreshes.is_empty());
}

#[test]
fn a_batch_of_sessions_and_subscriptions_touches_no_table_of_money() {
    let batch = [paid_event("evt_1"), subscription_event("evt_2", News::Updated, SubscriptionStatus::Active)];
    let keys = Keys::of(&batch);
    assert!(keys.invoices.is_empty() && keys.intents.is_empty() && keys.refunds.is_empty());
    assert!(keys.charges.is_empty() && keys.disputes.is_empty() && keys.deleted_customers.is_empty());
    let settlement = settled(&batch, held());
    assert!(settlement.new_invoices().is_empty() && settlement.changed_invoices().is_empty());
    assert!(settlement.deleted_customers().is_empty());
}

#[pollster::test]
async fn what_a_batch_changes_is_written_table_by_table() {
    let mut work = MockUnitOfWork::default();
    work.customers.expect_find_customers().returning(|_| Ok(vec![customer()]));
    work.customers.expect_mark_customers_deleted().withf(|rows| rows.len() == 1).once().returning(|_| Ok(()));
    work.payments.expect_find_payments_of_intents().returning(|_| Ok(vec![one_time()]));
    work.invoices.expect_create_invoice_records().withf(|rows| rows.len() == 1).once().returning(|_| Ok(()));
    work.refunds.expect_create_refund_records().withf(|rows| rows.len() == 1).once().returning(|_| Ok(()));
    work.disputes.expect_find_disputes_for_update().returning(|_| Ok(vec![held_dispute(DisputeStatus::NeedsResponse)]));
    work.disputes.expect_update_dispute_statuses().withf(|rows| rows.len() == 1).once().returning(|_| Ok(()));
    let store = store_of(vec![work.accepting_the_rest()]);
    let lost = dispute_event("evt_3", News::Updated, DisputeStatus::Lost);
    let batch = [
        invoice_event("evt_1", invoice_snapshot(InvoiceStatus::Paid)),
        refund_event("evt_2", RefundStatus::Succeeded),
        WebhookEvent { created: SECOND + Duration::SECOND, ..lost },
        deleted_event("evt_4"),
    ];
    let outcomes = settle_batch(&store, &batch, &home(), NOW).await.unwrap();
    assert_eq!(outcomes, [Outcome::Processed; 4]);
}
