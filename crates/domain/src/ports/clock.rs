use time::OffsetDateTime;
use uuid::Uuid;

/// The only source of the present time.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait Clock: Send + Sync {
    /// The present time: UTC, truncated to microseconds, which is what every store can keep.
    fn now(&self) -> OffsetDateTime;
}

/// The only source of new ids.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait IdSource: Send + Sync {
    /// A UUID that was never given before, of version 7, so that new rows lie side by side.
    fn new_uuid(&self) -> Uuid;
}
