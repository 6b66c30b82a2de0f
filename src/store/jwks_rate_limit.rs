//! The rate limit of JWKS fetches.

use super::{Store, batch::AnyRow, sql, statement};
use crate::{error::AppError, ports::Database};
use skillgate_contract::Millis;

impl<D: Database> Store<'_, D> {
    /// Takes one of the 10 fetches of the issuer's keys that each minute allows. `false`: none is left.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn take_jwks_fetch(&self, now: Millis) -> Result<bool, AppError> {
        const MOST_A_MINUTE: u32 = 10;
        let before = now.plus(-Millis::MINUTE);
        let take = statement!(
            sql::TAKE_JWKS_FETCH,
            now,
            minute_ago = before,
            most_per_minute = MOST_A_MINUTE,
        );
        Ok(!self.run_one(take).await?.only::<AnyRow>()?.is_empty())
    }
}
