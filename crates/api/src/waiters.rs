use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use settled_domain::ids::UserId;

use crate::error::ApiError;
use crate::measures;

/// How often one user may wait at once: a few tabs on a few machines.
const MAX_OF_ONE_USER: usize = 10;

/// Who waits for payments at present, by request or by stream. How many may wait in all is bounded by the status feed.
#[derive(Clone, Default)]
pub(crate) struct Waiters(Arc<Mutex<HashMap<UserId, usize>>>);

/// A place among those of one user; given up when dropped.
pub(crate) struct Place {
    waiters: Waiters,
    user_id: UserId,
}

impl Waiters {
    fn by_user(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a user wait, unless the same user waits too often already.
    pub(crate) fn admit(&self, user_id: &UserId) -> Result<Place, ApiError> {
        let mut by_user = self.by_user();
        let places = by_user.entry(user_id.clone()).or_default();
        if *places >= MAX_OF_ONE_USER {
            return Err(ApiError::TooManyWaiting);
        }
        *places += 1;
        measures::began_to_wait();
        Ok(Place { waiters: self.clone(), user_id: user_id.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        measures::waits_no_more();
        if let Entry::Occupied(mut places) = self.waiters.by_user().entry(self.user_id.clone()) {
            *places.get_mut() -= 1;
            if *places.get() == 0 {
                places.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_few_places_and_others_have_their_own() {
        let waiters = Waiters::default();
        let [alice, bob] = ["alice", "bob"].map(|name| UserId::new(name).unwrap());
        let mut places: Vec<_> = (0..MAX_OF_ONE_USER).map(|_| waiters.admit(&alice).ok().unwrap()).collect();
        assert!(matches!(waiters.admit(&alice), Err(ApiError::TooManyWaiting)));
        assert!(waiters.admit(&bob).is_ok());
        places.pop();
        places.push(waiters.admit(&alice).ok().unwrap());
        places.clear();
        assert!(waiters.by_user().is_empty(), "nothing is left of who has gone");
    }
}
