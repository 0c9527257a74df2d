use settled_domain::ids::{PaymentId, SessionId};
use settled_domain::ports::StoreError;
use settled_domain::waiting::AwaitedPayment;
use sqlx::types::Uuid;
use time::OffsetDateTime;

use crate::error::damaged;

pub(crate) struct AwaitedRow {
    pub(crate) id: Uuid,
    pub(crate) session_id: String,
    pub(crate) status: String,
    pub(crate) as_of: OffsetDateTime,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) version: i64,
}

impl TryFrom<AwaitedRow> for AwaitedPayment {
    type Error = StoreError;

    fn try_from(row: AwaitedRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: PaymentId::from_uuid(row.id),
            session_id: SessionId::new(row.session_id).map_err(damaged)?,
            status: row.status.parse().map_err(damaged)?,
            as_of: row.as_of,
            created_at: row.created_at,
            version: row.version,
        })
    }
}
