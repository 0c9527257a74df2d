use settled_domain::ids::AccountId;
use settled_domain::installation::Installation;
use settled_domain::ports::StoreError;
use sqlx::PgExecutor;

use crate::error::{damaged, store_error};
use crate::unit_of_work::PgUnitOfWork;

pub(crate) async fn find(database: impl PgExecutor<'_>) -> Result<Option<Installation>, StoreError> {
    let row = sqlx::query!("SELECT mode, account_id FROM installation")
        .fetch_optional(database)
        .await
        .map_err(store_error)?;
    row.map(|row| {
        Ok(Installation {
            mode: row.mode.parse().map_err(damaged)?,
            account_id: AccountId::new(row.account_id).map_err(damaged)?,
        })
    })
    .transpose()
}

impl PgUnitOfWork {
    pub(crate) async fn claim_installation(&mut self, installation: &Installation) -> Result<Installation, StoreError> {
        sqlx::query!(
            "INSERT INTO installation (id, mode, account_id)
             VALUES (1, $1, $2)
             ON CONFLICT (id) DO NOTHING",
            installation.mode.as_str(),
            installation.account_id.as_str(),
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        let stored = find(&mut *self.transaction).await?;
        Ok(stored.unwrap_or_else(|| installation.clone()))
    }
}
