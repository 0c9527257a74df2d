use settled_domain::ids::SessionId;
use settled_domain::ports::StoreError;
use settled_domain::waiting::AwaitedPayment;

use crate::error::damaged;
use crate::time_column::from_micros;

pub(crate) struct AwaitedRow {
    pub(crate) id: String,
    pub(crate) session_id: String,
    pub(crate) status: String,
    pub(crate) as_of: i64,
    pub(crate) created_at: i64,
    pub(crate) version: i64,
}

impl TryFrom<AwaitedRow> for AwaitedPayment {
    type Error = StoreError;

    fn try_from(row: AwaitedRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.parse().map_err(damaged)?,
            session_id: SessionId::new(row.session_id).map_err(damaged)?,
            status: row.status.parse().map_err(damaged)?,
            as_of: from_micros(row.as_of)?,
            created_at: from_micros(row.created_at)?,
            version: row.version,
        })
    }
}
