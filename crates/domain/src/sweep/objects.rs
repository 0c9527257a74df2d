use std::collections::BTreeSet;

use time::{Duration, OffsetDateTime};

use super::SweepError;
use crate::customer::Customer;
use crate::ids::CustomerId;
use crate::listing::Window;
use crate::payment::whole_second;
use crate::ports::StoreError;
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::settled::Ports;
use crate::text_enum::text_enum;

/// How many pages of one list are read at most: what is missing is held in memory.
const PAGES_MAX: usize = 20;

text_enum! {
    /// Objects that Stripe lists by the time of their creation.
    ListedKind ("kind of a listed object") {
        /// Subscriptions, also those that have ended.
        Subscriptions = "subscriptions",
        /// Invoices.
        Invoices = "invoices",
        /// Refunds.
        Refunds = "refunds",
        /// Disputes.
        Disputes = "disputes",
    }
}

impl ListedKind {
    /// Whether the list says whose an object is. Where it does not, each one that is not held has to be asked for, and those
    /// of other software on the account would be asked for in every look.
    #[must_use]
    pub const fn names_the_owner(self) -> bool {
        match self {
            Self::Subscriptions | Self::Invoices => true,
            Self::Refunds | Self::Disputes => false,
        }
    }

    /// What of a window is to be looked through, after everything until `reached` was: all of it, but nothing twice where
    /// that would ask for the same objects again. `None` when nothing is left.
    #[must_use]
    pub fn unseen(self, window: &Window, reached: Option<OffsetDateTime>) -> Option<Window> {
        let seen = reached.filter(|_| !self.names_the_owner()).map(|reached| reached + Duration::SECOND);
        let from = seen.map_or(window.from, |seen| window.from.max(whole_second(seen)));
        (from <= window.until).then_some(Window { from, until: window.until })
    }
}

/// An object out of a list, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// What to ask for to learn the whole of it.
    pub object: RefreshObject,
    /// Whose it is; refunds and disputes do not say.
    pub customer_id: Option<CustomerId>,
}

/// Looks through one of Stripe's lists of objects for what is ours and not held, and queues it to be asked for: it has no
/// event that could be found, or none that could be read. Returns how many; `None` when there is too much in the window:
/// then its halves are to be looked through, the earlier one first.
///
/// Whose a refund or a dispute is only Stripe can tell, so those that are not held are all asked for.
///
/// # Errors
///
/// [`SweepError`]
pub async fn sweep_objects(ports: &Ports, kind: ListedKind, window: &Window) -> Result<Option<usize>, SweepError> {
    let (mut missing, mut mark) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let page = ports.gateway.list_objects(kind, window, mark.take()).await?;
        missing.extend(missing_of(ports, page.items).await?);
        mark = page.next;
        if mark.is_none() {
            queue(ports, &missing).await?;
            return Ok(Some(missing.len()));
        }
    }
    Ok(None)
}

/// Those of a page that are not held and may be ours.
async fn missing_of(ports: &Ports, listed: Vec<ListedObject>) -> Result<Vec<RefreshObject>, StoreError> {
    let mut missing = Vec::new();
    for listed in listed {
        if !is_held(ports, &listed.object).await? {
            missing.push(listed);
        }
    }
    let named: BTreeSet<CustomerId> = missing.iter().filter_map(|listed| listed.customer_id.clone()).collect();
    let ours = our_customers(ports, named).await?;
    missing.retain(|listed| listed.customer_id.as_ref().is_none_or(|id| ours.contains(id)));
    Ok(missing.into_iter().map(|listed| listed.object).collect())
}

async fn is_held(ports: &Ports, object: &RefreshObject) -> Result<bool, StoreError> {
    Ok(match object {
        RefreshObject::Subscription(id) => ports.store.find_subscription(id).await?.is_some(),
        RefreshObject::Invoice(id) => ports.store.find_invoice(id).await?.is_some(),
        RefreshObject::Refund(id) => ports.store.find_refund(id).await?.is_some(),
        RefreshObject::Dispute(id) => ports.store.find_dispute(id).await?.is_some(),
        RefreshObject::Payment(_)
        | RefreshObject::Session(_)
        | RefreshObject::ChargeRefunds(_)
        | RefreshObject::Customer(_) => false,
    })
}

async fn our_customers(ports: &Ports, named: BTreeSet<CustomerId>) -> Result<BTreeSet<CustomerId>, StoreError> {
    if named.is_empty() {
        return Ok(named);
    }
    let named: Vec<CustomerId> = named.into_iter().collect();
    let mut work = ports.store.begin().await?;
    let found = work.customers().find_customers(&named).await?;
    work.rollback().await?;
    Ok(found.into_iter().filter_map(|customer: Customer| customer.customer_id).collect())
}

async fn queue(ports: &Ports, missing: &[RefreshObject]) -> Result<(), StoreError> {
    if missing.is_empty() {
        return Ok(());
    }
    let now = ports.clock.now();
    let wish = |object: &RefreshObject| RefreshRequest::new(object.clone(), RefreshReason::Listed, now);
    let mut work = ports.store.begin().await?;
    work.refreshes().request_refreshes(&missing.iter().map(wish).collect::<Vec<_>>()).await?;
    work.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{NOW, SECOND, customer, customer_id, ports, store_of, subscription, subscription_id};
    use crate::listing::{Page, PageMark};
    use crate::mock::{Ending, Endings, MockStore, MockStripeGateway, MockUnitOfWork};
    use crate::ports::GatewayError;
    use crate::subscription::SubscriptionStatus;

    const WINDOW: Window = Window { from: SECOND, until: SECOND };

    fn listed(id: &str, customer: &str) -> ListedObject {
        let object = RefreshObject::Subscription(id.parse().unwrap());
        ListedObject { object, customer_id: customer.parse().ok() }
    }

    fn listing(items: Vec<ListedObject>, next: Option<&'static str>) -> MockStripeGateway {
        let mut gateway = MockStripeGateway::new();
        gateway
            .expect_list_objects()
            .withf(|kind, window, _| *kind == ListedKind::Subscriptions && *window == WINDOW)
            .returning(move |_, _, _| Ok(Page { items: items.clone(), next: next.map(|mark| PageMark(mark.into())) }));
        gateway
    }

    /// A store that holds `sub_1`, and knows one customer as ours.
    fn holding(endings: &Endings, queue: MockUnitOfWork) -> MockStore {
        let mut asking = MockUnitOfWork::recording(endings);
        asking.customers.expect_find_customers().returning(|_| Ok(vec![customer()]));
        let mut store = store_of(vec![asking, queue]);
        let held = || subscription(SubscriptionStatus::Active);
        store.expect_find_subscription().returning(move |id| Ok((*id == subscription_id()).then(held)));
        store
    }

    #[pollster::test]
    async fn what_is_ours_and_not_held_is_queued_and_nothing_else() {
        let endings = Endings::default();
        let mut work = MockUnitOfWork::recording(&endings);
        work.refreshes
            .expect_request_refreshes()
            .withf(|wishes| {
                let [wish] = wishes else { return false };
                wish.object.object_id() == "sub_2" && wish.reason == RefreshReason::Listed && wish.due_at == NOW
            })
            .once()
            .returning(|_| Ok(()));
        let ours = customer_id();
        let items =
            vec![listed("sub_1", ours.as_str()), listed("sub_2", ours.as_str()), listed("sub_3", "cus_foreign")];
        let ports = ports(holding(&endings, work), listing(items, None));
        let found = sweep_objects(&ports, ListedKind::Subscriptions, &WINDOW).await.unwrap();
        assert_eq!(found, Some(1));
        assert_eq!(endings.all(), [Ending::RolledBack, Ending::Committed]);
    }

    #[pollster::test]
    async fn where_everything_is_held_nothing_is_written() {
        let store = {
            let mut store = MockStore::new();
            store.expect_find_subscription().returning(|_| Ok(Some(subscription(SubscriptionStatus::Active))));
            store
        };
        let ports = ports(store, listing(vec![listed("sub_1", "cus_1")], None));
        assert_eq!(sweep_objects(&ports, ListedKind::Subscriptions, &WINDOW).await.unwrap(), Some(0));
    }

    #[test]
    fn what_may_be_anybodys_is_looked_at_once_and_the_rest_again_in_the_overlap() {
        let window = Window { from: SECOND - Duration::minutes(10), until: SECOND + Duration::HOUR };
        let rest = Window { from: SECOND + Duration::SECOND, ..window };
        for kind in ListedKind::ALL {
            let again = if kind.names_the_owner() { window } else { rest };
            assert_eq!(kind.unseen(&window, Some(SECOND)), Some(again), "{kind}");
            assert_eq!(kind.unseen(&window, None), Some(window), "{kind}");
        }
        let seen = Window { from: SECOND, until: SECOND };
        assert_eq!(ListedKind::Refunds.unseen(&seen, Some(SECOND)), None);
        assert_eq!(ListedKind::Invoices.unseen(&seen, Some(SECOND)), Some(seen));
    }

    #[pollster::test]
    async fn a_list_that_is_too_long_is_left_to_be_halved() {
        let ports = ports(MockStore::new(), listing(Vec::new(), Some("more")));
        assert_eq!(sweep_objects(&ports, ListedKind::Subscriptions, &WINDOW).await.unwrap(), None);
    }

    #[pollster::test]
    async fn a_list_that_cannot_be_read_is_an_error() {
        let mut gateway = MockStripeGateway::new();
        gateway.expect_list_objects().returning(|_, _, _| Err(GatewayError::Unauthorized { status: 403 }));
        let answer = sweep_objects(&ports(MockStore::new(), gateway), ListedKind::Refunds, &WINDOW).await;
        assert!(matches!(answer, Err(SweepError::Gateway(_))));
    }
}
