//! The state that every handler needs: the settings, the ports, the store, and new ids.

use crate::{
    config::Config,
    error::AppError,
    http::Request,
    log::{self, Field, LogEvent},
    model::{RequestId, WriteToken},
    ports::{Database as _, Limit, Ports},
    store::{EndOfScan, Scheduling, Store},
};
use skillgate_contract::ScanId;
use std::fmt;

/// The settings, the ports and the id of one request, or of one run of the scheduled handler.
#[derive(Debug)]
pub struct App<P> {
    /// The settings, all of them valid.
    pub config: Config,
    /// The database, the cache, the network, the clock, the random source and the log.
    pub ports: P,
    /// Stands in every line that is logged for this request, also after its answer.
    pub request_id: RequestId,
}

impl<P: Ports> App<P> {
    /// The queries and changes of the database.
    pub(crate) fn store(&self) -> Store<'_, P::Database> {
        Store(self.ports.database())
    }

    /// The token of a new write.
    pub(crate) fn write_token(&self) -> WriteToken {
        WriteToken::from_random(self.ports.random())
    }

    /// Counts a request against a limit, and returns whether its client is beyond it.
    pub(crate) async fn is_beyond(&self, limit: Limit, request: &Request) -> bool {
        match request.client() {
            Some(client) => !self.ports.is_within(limit, &client).await,
            None => false,
        }
    }

    /// The id of a new scan.
    pub(crate) fn new_id(&self) -> ScanId {
        ScanId::from_random(self.ports.random())
    }

    /// How scans are dispatched, as of now.
    pub(crate) fn scheduling(&self) -> Scheduling {
        Scheduling {
            now: self.ports.now(),
            sends: self.config.dispatch_target(),
            budget_per_hour: self.config.budget_per_hour,
            timeout_ms: self.config.pending_timeout_ms,
            longest_ms: self.config.scan_deadline_ms,
        }
    }

    /// The size of the database after the last batch, and its share of the limit in percent.
    pub(crate) fn database_size(&self) -> Option<[i64; 2]> {
        let bytes = self.ports.database().size()?;
        Some([bytes, bytes.saturating_mul(100) / self.config.database_limit])
    }

    /// The inputs of the batch that ends a scan, as of now.
    pub(crate) fn end_of_scan(&self) -> EndOfScan {
        EndOfScan {
            next_scan: self.new_id(),
            scheduling: self.scheduling(),
            block_limits: self.config.block_limits,
            owner_bytes: self.config.retention.owner_bytes,
        }
    }

    /// Logs an event of this request. `message` is for people.
    pub(crate) fn log(&self, event: LogEvent, fields: &[Field<'_>], message: &dyn fmt::Display) {
        self.ports.log(&log::line(self.ports.now(), &self.request_id, event, fields, message));
    }

    /// Logs the cause of an error, where the answer does not tell it.
    pub(crate) fn log_cause(&self, error: &AppError) {
        if let Some((event, cause)) = error.cause() {
            self.log(event, &[], &cause);
        }
    }

    /// Logs the error of work that no caller waits for.
    pub(crate) fn log_error(&self, result: Result<(), AppError>) {
        if let Err(error) = result {
            self.log_cause(&error);
        }
    }
}
