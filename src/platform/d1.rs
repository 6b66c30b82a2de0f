//! The truth: D1.

use super::{
    costs::{Cost, Costs},
    js::{self, Thrown},
};
use crate::ports::{Database, DatabaseError, Rows, Statement, Value};
use js_sys::{Array, JSON};
use skillgate_contract::json;
use std::cell::Cell;
use wasm_bindgen::JsValue;

/// A D1 binding.
#[derive(Debug)]
pub(crate) struct D1(pub(super) js::Database, pub(super) Costs, pub(super) Cell<Option<i64>>);

impl D1 {
    fn prepare(&self, statement: &Statement) -> Result<JsValue, JsValue> {
        let params: Array = statement.params.iter().map(bound).collect();
        Ok(self.0.prepare(statement.sql)?.bind(&params)?.into())
    }

    async fn run(&self, statements: &[Statement]) -> Result<Vec<Rows>, Thrown> {
        let prepared = Array::new();
        for statement in statements {
            prepared.push(&self.prepare(statement)?);
        }
        self.1.add(Cost::Batches, 1);
        self.1.add(Cost::Statements, prepared.length());
        let results = js::settled(self.0.batch(&prepared)).await?;
        Array::from(&results)
            .iter()
            .map(|result| {
                self.count(&result);
                rows(&result)
            })
            .collect()
    }

    /// Counts what D1 says that one statement cost, and notes the size that it left.
    fn count(&self, result: &JsValue) {
        let Ok(meta) = js::property(result, "meta") else { return };
        if let Some(size) = js::property(&meta, "size_after").ok().and_then(|it| it.as_f64()) {
            #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 53 bits")]
            self.2.set(Some(size as i64));
        }
        for (name, cost) in [("rows_read", Cost::RowsRead), ("rows_written", Cost::RowsWritten)] {
            let rows = js::property(&meta, name).ok().and_then(|rows| rows.as_f64());
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a cast of a number that does not fit saturates"
            )]
            self.1.add(cost, rows.unwrap_or_default() as u32);
        }
    }
}

/// The rows of one result. As one JSON text they cross into wasm at once; value by value would be
/// slower, and a second deserialiser in the wasm.
fn rows(result: &JsValue) -> Result<Rows, Thrown> {
    let text = String::from(JSON::stringify(&js::property(result, "results")?)?);
    json::parse(&text).ok_or_else(|| Thrown("a result without rows".to_owned()))
}

/// D1 takes numbers as doubles, refuses BigInt, and refuses `undefined`: NULL is `null`.
#[expect(clippy::cast_precision_loss, reason = "every integer that is bound fits 53 bits")]
fn bound(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Int(number) => JsValue::from_f64(*number as f64),
        Value::Text(text) => JsValue::from_str(text),
    }
}

impl Database for D1 {
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, DatabaseError> {
        self.run(&statements).await.map_err(|Thrown(why)| DatabaseError(why))
    }

    fn size(&self) -> Option<i64> {
        self.2.get()
    }
}
