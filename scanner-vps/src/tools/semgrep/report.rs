//! semgrep's JSON.

use crate::tools::{
    output::{Fault, Hit, ParseError, ToolOutput, name_of, not_empty},
    partial,
    severity::{Grade, Level},
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

#[derive(Deserialize)]
struct Report {
    version: String,
    results: Vec<Match>,
    errors: Vec<Complaint>,
}

#[derive(Deserialize)]
struct Match {
    check_id: String,
    path: String,
    start: Position,
    end: Position,
    extra: Extra,
}

#[derive(Deserialize)]
struct Position {
    line: u32,
    col: u32,
}

#[derive(Deserialize)]
struct Extra {
    #[serde(default)]
    message: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    metadata: HashMap<String, Value>,
}

#[derive(Deserialize)]
struct Complaint {
    #[serde(default, rename = "type")]
    kind: Value,
    #[serde(default)]
    rule_id: Option<String>,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    message: String,
}

/// Reads semgrep's JSON.
///
/// # Errors
/// It is empty, half or something else.
pub fn parse(stdout: &[u8]) -> Result<ToolOutput, ParseError> {
    let report: Report = serde_json::from_slice(not_empty(stdout)?)?;
    Ok(ToolOutput {
        version: report.version,
        hits: report.results.into_iter().map(hit).collect(),
        faults: report.errors.into_iter().map(fault).collect(),
    })
}

#[derive(Deserialize)]
struct Half {
    results: Vec<Match>,
}

/// The matches of an output that ends somewhere, as far as they are whole.
pub(super) fn parse_cut(stdout: &[u8]) -> Vec<Hit> {
    let half: Option<Half> =
        partial::closed(stdout, 2).and_then(|json| serde_json::from_slice(&json).ok());
    half.into_iter().flat_map(|half| half.results).map(hit).collect()
}

fn hit(found: Match) -> Hit {
    let Extra { message, severity, metadata } = found.extra;
    let word = |key| metadata.get(key).and_then(Value::as_str).unwrap_or_default();
    Hit {
        loose: false,
        name: name_of(&found.path),
        line: found.start.line,
        end_line: found.end.line,
        col: found.start.col,
        end_col: found.end.col,
        level: Level::read(&severity),
        category: word("category").to_owned(),
        confidence: Grade::read(word("confidence")),
        likelihood: Grade::read(word("likelihood")),
        rule: found.check_id,
        message,
        steps: Vec::new(),
    }
}

fn fault(complaint: Complaint) -> Fault {
    // `"Timeout"`, or `["PartialParsing", [spans]]`.
    let kind = match &complaint.kind {
        Value::String(kind) => kind.clone(),
        Value::Array(parts) => parts.first().and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    Fault {
        kind,
        name: complaint.path.as_deref().map(name_of),
        rule: complaint.rule_id,
        message: complaint.message,
    }
}
