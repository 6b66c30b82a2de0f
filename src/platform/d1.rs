//! The truth: D1.

use crate::ports::{Database, DatabaseError, Rows, Statement, Value};
use wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement};

/// A D1 binding.
#[derive(Debug)]
pub(crate) struct D1(pub(super) D1Database);

impl D1 {
    fn prepare(&self, statement: &Statement) -> worker::Result<D1PreparedStatement> {
        let params: Vec<JsValue> = statement.params.iter().map(bound).collect();
        self.0.prepare(statement.sql).bind(&params)
    }

    async fn run(&self, statements: Vec<Statement>) -> worker::Result<Vec<Rows>> {
        let prepared = statements
            .iter()
            .map(|statement| self.prepare(statement))
            .collect::<worker::Result<Vec<_>>>()?;
        let results = self.0.batch(prepared).await?;
        results.iter().map(worker::D1Result::results).collect()
    }
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
        self.run(statements).await.map_err(|error| DatabaseError(error.to_string()))
    }
}
