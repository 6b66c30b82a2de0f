//! GitHub, as far as it must be remembered: until when it takes nothing, and how often the keys of its
//! tokens were asked for.

use super::{CircuitKey, FailingScanner, SendOutcome, Store, sql, statement};
use crate::{error::AppError, ports::Database};
use skillgate_contract::Millis;

impl SendOutcome {
    /// Nothing is sent through an outlet before the time that is noted.
    pub fn close(&mut self, outlet: CircuitKey, closed: &FailingScanner) {
        self.0.push(statement!(
            sql::TRIP_CIRCUIT,
            outlet.text(),
            closed.url.as_str(),
            closed.failures,
            closed.error.as_str(),
            closed.failed_at,
            closed.skip_until,
        ));
    }

    /// The outlet takes requests again.
    pub fn open(&mut self) {
        self.0.push(statement!(sql::RESET_CIRCUIT));
    }
}

impl<D: Database> Store<'_, D> {
    /// The outlet, if it did not take the last thing it was sent.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn closed_outlet(
        &self,
        outlet: CircuitKey,
        url: &str,
    ) -> Result<Option<FailingScanner>, AppError> {
        let query = statement!(sql::SELECT_FAILING_SCANNERS, outlet.text());
        let failing: Vec<FailingScanner> = self.run(vec![query]).await?.rows()?;
        Ok(failing.into_iter().find(|row| row.url == url))
    }

    /// Takes one of the few times in a minute that the keys of a token's issuer are asked for.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn take_key_fetch(&self, now: Millis) -> Result<bool, AppError> {
        const MOST_A_MINUTE: u32 = 10;
        let before = now.plus(-Millis::MINUTE);
        let mut results =
            self.run(vec![statement!(sql::TAKE_JWKS_FETCH, now, before, MOST_A_MINUTE)]).await?;
        Ok(!results.raw().is_empty())
    }
}
