//! A batch: statements that run as one transaction in one round trip, and their results by handle.

use super::{
    Store,
    row::{FromRow, Row, decode},
};
use crate::{
    error::AppError,
    ports::{Database, Rows, Statement},
};
use std::marker::PhantomData;

/// Statements in the order in which they run: all of them or none.
#[derive(Debug, Default)]
pub(super) struct Batch(Vec<Statement>);

/// The handle of a statement of a batch that gives rows of type `T`.
#[derive(Debug)]
pub(super) struct Selected<T> {
    at: usize,
    rows: PhantomData<fn() -> T>,
}

/// A row of which only the existence counts.
#[derive(Debug)]
pub(super) struct AnyRow;

impl FromRow for AnyRow {
    fn from_row(_: &Row) -> Option<Self> {
        Some(Self)
    }
}

impl Batch {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a statement whose rows nobody reads.
    pub(super) fn exec(&mut self, statement: Statement) {
        self.0.push(statement);
    }

    /// Adds statements whose rows nobody reads.
    pub(super) fn exec_all(&mut self, statements: impl IntoIterator<Item = Statement>) {
        self.0.extend(statements);
    }

    /// Adds a statement whose rows are read by [`Results::take`].
    pub(super) fn select<T: FromRow>(&mut self, statement: Statement) -> Selected<T> {
        let at = self.0.len();
        self.0.push(statement);
        Selected { at, rows: PhantomData }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The results of a batch that was committed.
pub(super) struct Results(Vec<Rows>);

impl Results {
    /// The rows of one statement. The handle must come from the batch that has these results.
    ///
    /// # Errors
    /// [`AppError::Internal`], for a row that the schema does not allow.
    pub(super) fn take<T: FromRow>(
        &mut self,
        Selected { at, .. }: Selected<T>,
    ) -> Result<Vec<T>, AppError> {
        decode(self.raw(at))
    }

    /// The last row of one statement, which is the only one where at most one can be.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub(super) fn take_one<T: FromRow>(&mut self, of: Selected<T>) -> Result<Option<T>, AppError> {
        Ok(self.take(of)?.pop())
    }

    /// The rows of a batch of one statement.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub(super) fn only<T: FromRow>(&mut self) -> Result<Vec<T>, AppError> {
        decode(self.raw(0))
    }

    fn raw(&mut self, at: usize) -> Rows {
        self.0.get_mut(at).map(std::mem::take).unwrap_or_default()
    }
}

impl<D: Database> Store<'_, D> {
    /// Runs a batch.
    ///
    /// # Errors
    /// [`AppError::Database`]: nothing of it has happened, or its reply was lost.
    pub(super) async fn run(&self, batch: Batch) -> Result<Results, AppError> {
        Ok(Results(self.0.batch(batch.0).await?))
    }

    /// Runs one statement.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(super) async fn run_one(&self, statement: Statement) -> Result<Results, AppError> {
        Ok(Results(self.0.batch(vec![statement]).await?))
    }
}
