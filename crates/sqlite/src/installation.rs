use settled_domain::ids::AccountId;
use settled_domain::installation::Installation;
use settled_domain::ports::StoreError;

use crate::error::{damaged, store_error};
use crate::unit_of_work::SqliteUnitOfWork;

impl SqliteUnitOfWork {
    pub(crate) async fn claim_installation(&mut self, installation: &Installation) -> Result<Installation, StoreError> {
        let (mode, account_id) = (installation.mode.as_str(), installation.account_id.as_str());
        sqlx::query!(
            "INSERT INTO installation (id, mode, account_id)
             VALUES (1, ?, ?)
             ON CONFLICT (id) DO NOTHING",
            mode,
            account_id,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        let row = sqlx::query!("SELECT mode, account_id FROM installation")
            .fetch_one(&mut *self.transaction)
            .await
            .map_err(store_error)?;
        Ok(Installation {
            mode: row.mode.parse().map_err(damaged)?,
            account_id: AccountId::new(row.account_id).map_err(damaged)?,
        })
    }
}
