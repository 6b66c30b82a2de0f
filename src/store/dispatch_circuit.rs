//! The circuit breaker of dispatch to GitHub.
//!
//! No row: the circuit is closed. A row whose time is still to come: it is open, and nothing is sent. A row whose
//! time is over: it is half-open, and one request tries.

use super::{CircuitKey, FailingScanner, SendOutcome, Store, sql, statement};
use crate::{error::AppError, ports::Database};

impl SendOutcome {
    /// Opens the circuit until the time that `failure` says.
    pub fn trip_circuit(&mut self, key: CircuitKey, failure: &FailingScanner) {
        self.0.exec(statement!(
            sql::TRIP_CIRCUIT,
            settings = key.text(),
            url = failure.url.as_str(),
            failures = failure.failures,
            error = failure.error.as_str(),
            now = failure.failed_at,
            until = failure.ejected_until,
        ));
    }

    /// Closes the circuit: GitHub accepted a request.
    pub fn reset_circuit(&mut self) {
        self.0.exec(statement!(sql::RESET_CIRCUIT));
    }
}

impl<D: Database> Store<'_, D> {
    /// The last failure of dispatch to `url` under the settings of `key`, while the circuit is open or half-open.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn open_circuit(
        &self,
        key: CircuitKey,
        url: &str,
    ) -> Result<Option<FailingScanner>, AppError> {
        let query = statement!(sql::SELECT_FAILING_SCANNERS, settings = key.text());
        let failing: Vec<FailingScanner> = self.run_one(query).await?.only()?;
        Ok(failing.into_iter().find(|row| row.url == url))
    }
}
