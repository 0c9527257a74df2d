use async_trait::async_trait;
use settled_domain::ports::{RefreshQueue, StoreError};
use settled_domain::refresh_request::{ClaimedRefresh, RefreshObject, RefreshReason, RefreshRequest};
use time::OffsetDateTime;

use super::super::{Work, tables::Refresh};

#[async_trait]
impl RefreshQueue for Work {
    async fn request_refreshes(&mut self, requests: &[RefreshRequest]) -> Result<(), StoreError> {
        for request in requests {
            let RefreshRequest { object, reason, due_at, answered_from, trusted_from } = request.clone();
            let (generation, attempts, claimed_until) = (0, 0, None);
            let new = Refresh { reason, due_at, generation, attempts, claimed_until, answered_from, trusted_from };
            let entry = self.draft.refreshes.entry(object).or_insert(new);
            entry.generation += 1;
            entry.due_at = entry.due_at.min(due_at);
            // `None` is the most demanding: nothing but an answer will do.
            entry.answered_from = entry.answered_from.zip(answered_from).map(|(held, new)| held.max(new));
            entry.trusted_from = entry.trusted_from.max(trusted_from);
            if entry.reason == RefreshReason::Stub {
                entry.reason = reason;
            }
        }
        Ok(())
    }

    async fn offer_refreshes(&mut self, requests: &[RefreshRequest]) -> Result<(), StoreError> {
        let is_new = |request: &&RefreshRequest| !self.draft.refreshes.contains_key(&request.object);
        let new: Vec<_> = requests.iter().filter(is_new).cloned().collect();
        self.request_refreshes(&new).await
    }

    async fn cancel_refreshes(&mut self, objects: &[RefreshObject], reason: RefreshReason) -> Result<(), StoreError> {
        self.draft.refreshes.retain(|object, entry| entry.reason != reason || !objects.contains(object));
        Ok(())
    }

    async fn claim_due_refreshes(
        &mut self,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<ClaimedRefresh>, StoreError> {
        let is_free = |entry: &Refresh| entry.due_at <= now && entry.claimed_until.is_none_or(|until| until <= now);
        let mut due: Vec<_> = self.draft.refreshes.iter_mut().filter(|(_, entry)| is_free(entry)).collect();
        due.sort_by_key(|(_, entry)| entry.due_at);
        let claim = |(object, entry): (&RefreshObject, &mut Refresh)| {
            entry.claimed_until = Some(lease_until);
            let Refresh { reason, generation, attempts, answered_from, trusted_from, .. } = *entry;
            ClaimedRefresh { object: object.clone(), reason, generation, attempts, answered_from, trusted_from }
        };
        Ok(due.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).map(claim).collect())
    }

    async fn finish_refresh(&mut self, claimed: &ClaimedRefresh) -> Result<(), StoreError> {
        match self.draft.refreshes.get_mut(&claimed.object) {
            Some(entry) if entry.generation == claimed.generation => {
                self.draft.refreshes.remove(&claimed.object);
            }
            Some(entry) => entry.claimed_until = None,
            None => {}
        }
        Ok(())
    }

    async fn postpone_refresh(&mut self, claimed: &ClaimedRefresh, due_at: OffsetDateTime) -> Result<(), StoreError> {
        if let Some(entry) = self.draft.refreshes.get_mut(&claimed.object) {
            entry.attempts += 1;
            entry.claimed_until = None;
            if entry.generation == claimed.generation {
                entry.due_at = due_at;
            }
        }
        Ok(())
    }
}
