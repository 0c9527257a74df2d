use async_trait::async_trait;
use time::OffsetDateTime;

use super::StoreError;
use crate::refresh_request::{ClaimedRefresh, RefreshObject, RefreshReason, RefreshRequest};

/// Table `refreshes`, inside one transaction: what to ask Stripe. One entry per object.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait RefreshQueue: Send {
    /// Adds entries. Where one exists, its generation rises (also while it is claimed), the earlier due time holds, a
    /// [`RefreshReason::Stub`] gives way to the new reason, and what can answer it is the later second, or only Stripe if
    /// that goes for one of the two.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn request_refreshes(&mut self, requests: &[RefreshRequest]) -> Result<(), StoreError>;

    /// Adds entries for objects that have none. One that exists stays as it is: Stripe is about to be asked, or it has
    /// failed to answer and is to be left alone for a while. An object stands in the slice once.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn offer_refreshes(&mut self, requests: &[RefreshRequest]) -> Result<(), StoreError>;

    /// Removes those of these entries whose reason is still `reason`.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn cancel_refreshes(&mut self, objects: &[RefreshObject], reason: RefreshReason) -> Result<(), StoreError>;

    /// Takes on up to `limit` entries that are due and that nobody has taken on, or whose worker's lease has run out:
    /// nobody else gets them before `lease_until`. The longest due come first.
    ///
    /// A lease that would end later than twice this one is of a clock that was wrong then, and binds nobody: else an entry
    /// whose worker has died would wait for as long as the clock was ahead.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn claim_due_refreshes(
        &mut self,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<ClaimedRefresh>, StoreError>;

    /// Removes an entry that is still at the generation that was claimed. If a new doubt has come meanwhile, the entry
    /// stays and is free to be claimed again.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn finish_refresh(&mut self, claimed: &ClaimedRefresh) -> Result<(), StoreError>;

    /// Gives an entry back after a failure: one more attempt is counted and it is due at `due_at`, or at once if a new
    /// doubt has come meanwhile.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn postpone_refresh(&mut self, claimed: &ClaimedRefresh, due_at: OffsetDateTime) -> Result<(), StoreError>;
}
