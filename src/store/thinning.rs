//! What scans found and read is not kept for ever.

use super::{Retention, Store, batch::Batch, sql, statement};
use crate::{error::AppError, ports::Database};
use skillgate_contract::Millis;

impl<D: Database> Store<'_, D> {
    /// Removes what at most 40 replaced scans found: of those that are old enough, and of those of owners beyond half of
    /// their quota. Never of the newest result of a skill and tool, nor of what a standing entry rests on.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn thin_replaced(&self, now: Millis, keep: Retention) -> Result<(), AppError> {
        let before = now.plus(keep.age_ms.saturating_neg());
        let (scans, most) = (keep.scans, keep.owner_bytes / 2);
        let later = now.plus(24 * Millis::HOUR);
        let mut batch = Batch::new();
        batch.exec_all([
            statement!(sql::PUT_OFF_AGED, now, before, scans),
            statement!(sql::THIN_AGED, now, before, scans),
            statement!(sql::PUT_OFF_OF_LARGE_OWNERS, now, later, most),
            statement!(sql::THIN_OF_LARGE_OWNERS, now, most),
        ]);
        self.run(batch).await.map(drop)
    }
}
