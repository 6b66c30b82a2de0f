//! What a request asks of the stores, for `LOG_STORAGE_METRICS`.

use std::{cell::Cell, rc::Rc};

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cost {
    /// Round trips to D1.
    Batches,
    /// Statements in them.
    Statements,
    /// Rows that D1 says it read.
    RowsRead,
    /// Rows, of indexes too, that D1 says it wrote.
    RowsWritten,
    /// Reads of KV.
    Gets,
    /// Writes to KV.
    Puts,
}

/// The fields of the log that hold the counts, in the order of [`Cost`].
pub(super) const FIELDS: [&str; 6] =
    ["batches", "statements", "rowsRead", "rowsWritten", "kvGets", "kvPuts"];

/// The counts of one request, shared by its ports.
#[derive(Debug, Clone, Default)]
pub(super) struct Costs(Rc<Cell<[u32; 6]>>);

impl Costs {
    pub(super) fn add(&self, cost: Cost, count: u32) {
        let mut counts = self.0.get();
        if let Some(counted) = counts.get_mut(cost as usize) {
            *counted = counted.wrapping_add(count);
        }
        self.0.set(counts);
    }

    /// Hands over what was counted; the next count starts at none.
    pub(super) fn take(&self) -> [u32; 6] {
        self.0.take()
    }
}
