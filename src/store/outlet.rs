//! GitHub, as far as it must be remembered: until when it takes nothing, and how often the keys of its
//! tokens were asked for.

use super::{FailingScanner, SendOutcome, Store, sql, statement};
use crate::{error::AppError, ports::Database};
use skillgate_contract::{Millis, Provider};

/// The settings with which runs are started on GitHub, told apart from others by a digest: what
/// GitHub refused under some settings is tried at once under others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlet(pub [u8; 8]);

impl Outlet {
    fn text(self) -> String {
        hex::encode(self.0)
    }
}

/// What one request sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// Nothing is sent: scanners ask.
    Nothing,
    /// One scan.
    Scans,
    /// All scans of a skill that share commit and attempt.
    Runs(Outlet),
}

impl Sends {
    pub(super) fn outlet(self) -> Option<String> {
        match self {
            Self::Nothing | Self::Scans => None,
            Self::Runs(outlet) => Some(outlet.text()),
        }
    }

    pub(super) const fn scans_a_request(self) -> u32 {
        match self {
            Self::Nothing | Self::Scans => 1,
            Self::Runs(_) => Provider::ALL.len() as u32,
        }
    }
}

impl SendOutcome {
    /// Nothing is sent through an outlet before the time that is noted.
    pub fn close(&mut self, outlet: Outlet, closed: &FailingScanner) {
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
        outlet: Outlet,
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
