//! Reading rows column by column.

use crate::{error::AppError, ports::Rows};
use skillgate_contract::Millis;
use std::{cell::Cell, str::FromStr};

/// One row, read column by column. Written out by hand: derived deserialisers of these structs
/// cost a tenth of the whole wasm.
pub(super) struct Row {
    columns: serde_json::Value,
    /// The column that the schema does not allow. Noted here, because a `Result` for each column
    /// is twice the code.
    wrong: Cell<&'static str>,
}

impl Row {
    const fn new(columns: serde_json::Value) -> Self {
        Self { columns, wrong: Cell::new("") }
    }

    /// Notes a column that cannot be read.
    fn checked<T>(&self, name: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.wrong.set(name);
        }
        value
    }

    pub(super) fn maybe_parsed<T: FromStr>(&self, name: &'static str) -> Option<Option<T>> {
        match self.columns.get(name).and_then(serde_json::Value::as_str) {
            Some(text) => self.checked(name, text.parse().ok()).map(Some),
            None => Some(None),
        }
    }

    pub(super) fn parsed<T: FromStr>(&self, name: &'static str) -> Option<T> {
        self.checked(name, self.maybe_parsed(name)?)
    }

    pub(super) fn maybe_number<T: TryFrom<i64>>(&self, name: &'static str) -> Option<Option<T>> {
        match self.columns.get(name).and_then(serde_json::Value::as_i64) {
            Some(number) => self.checked(name, number.try_into().ok()).map(Some),
            None => Some(None),
        }
    }

    pub(super) fn number<T: TryFrom<i64>>(&self, name: &'static str) -> Option<T> {
        self.checked(name, self.maybe_number(name)?)
    }

    pub(super) fn maybe_time(&self, name: &'static str) -> Option<Option<Millis>> {
        Some(self.maybe_number(name)?.map(Millis))
    }

    pub(super) fn time(&self, name: &'static str) -> Option<Millis> {
        self.number(name).map(Millis)
    }

    fn error(&self) -> AppError {
        AppError::Internal(format!("column {} is not what the schema says", self.wrong.get()))
    }
}

/// What a row can be read as.
pub(super) trait FromRow: Sized {
    /// `None` where a column is not what the schema says.
    fn from_row(row: &Row) -> Option<Self>;
}

/// Reads rows into a type.
///
/// # Errors
/// [`AppError::Internal`], for a row that the schema does not allow.
pub(super) fn decode<T: FromRow>(rows: Rows) -> Result<Vec<T>, AppError> {
    let mut decoded = Vec::new();
    for_each(rows, &mut |row| T::from_row(row).map(|value| decoded.push(value)).is_some())?;
    Ok(decoded)
}

/// Not generic: there is one of it, and not one per type.
fn for_each(rows: Rows, read: &mut dyn FnMut(&Row) -> bool) -> Result<(), AppError> {
    for columns in rows {
        let row = Row::new(columns);
        if !read(&row) {
            return Err(row.error());
        }
    }
    Ok(())
}
