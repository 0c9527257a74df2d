//! A payment that changes while somebody waits for it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use settled_domain::ids::SessionId;
use settled_domain::mock::MockUnitOfWork;
use settled_domain::payment::{Payment, PaymentStatus};
use settled_domain::ports::{FeedError, StatusChanges, StatusFeed, StatusNews, StoreError};
use tokio::sync::Semaphore;

use crate::app::Backend;
use crate::rows;

/// A feed that wakes everybody when the test says so.
#[derive(Clone)]
pub(crate) struct Bell(Arc<Semaphore>);

struct Listener(Bell);

impl Bell {
    pub(crate) fn ring(&self) {
        self.0.add_permits(1);
    }

    /// As when the process stops.
    pub(crate) fn stop(&self) {
        self.0.close();
    }
}

impl StatusFeed for Bell {
    fn publish(&self, _: &[StatusNews]) {}

    fn subscribe(&self, _: &SessionId, _: i64) -> Result<Box<dyn StatusChanges>, FeedError> {
        Ok(Box::new(Listener(self.clone())))
    }
}

#[async_trait]
impl StatusChanges for Listener {
    async fn changed(&mut self) -> Result<(), FeedError> {
        let heard = self.0.0.acquire().await;
        heard.map(tokio::sync::SemaphorePermit::forget).map_err(|_| FeedError::Stopping)
    }
}

pub(crate) fn at(status: PaymentStatus, version: i64) -> Payment {
    rows::payment(|row| {
        row.status = status;
        row.version = version;
        row.settled_at = status.is_final().then_some(rows::SETTLED);
    })
}

/// A backend whose reads of alice's payment give these answers one after the other, and the last one again and again.
pub(crate) fn backend(answers: Vec<Result<Payment, StoreError>>) -> (Backend, Bell) {
    let bell = Bell(Arc::new(Semaphore::new(0)));
    let mut backend = Backend { feed: Arc::new(bell.clone()), ..Backend::default() };
    backend.store.expect_begin().returning(|| Ok(Box::new(MockUnitOfWork::default().accepting_the_rest())));
    let answers = Mutex::new((VecDeque::from(answers), None));
    backend.store.expect_get_payment_status_by_session_id().returning(move |user_id, _| {
        let (next, last) = &mut *answers.lock().unwrap();
        if user_id.as_str() != "alice" {
            return Ok(None);
        }
        match next.pop_front() {
            Some(Ok(payment)) => Ok(last.insert(payment).clone().into()),
            Some(Err(error)) => Err(error),
            None => Ok(last.clone()),
        }
    });
    (backend, bell)
}

/// A backend in which the payment has this status and stays so.
pub(crate) fn resting(status: PaymentStatus) -> (Backend, Bell) {
    backend(vec![Ok(at(status, 2))])
}
