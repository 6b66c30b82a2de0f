//! What trufflehog prints: a line of JSON for each match, and a log that ends in a summary.

use crate::tools::output::{Fault, ParseError, name_of};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

/// The name under which it reports our own detectors.
pub(super) const CUSTOM: &str = "CustomRegex";

/// What trufflehog said.
#[derive(Debug, Clone, Default)]
pub struct SecretsOutput {
    /// Its version, as it was built.
    pub version: String,
    /// Bytes that it says it read.
    pub bytes: u64,
    /// Every match, canaries among them.
    pub secrets: Vec<Secret>,
    /// What it complained of.
    pub faults: Vec<Fault>,
}

/// One match. Its value never leaves trufflehog's modules but masked, and `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Secret {
    pub(super) detector: String,
    pub(super) custom: bool,
    pub(super) name: String,
    pub(super) line: u32,
    pub(super) raw: String,
    pub(super) raw_pair: String,
    pub(super) plain: bool,
}

impl Secret {
    /// The value, the pair, and what the pair holds beside the value: detectors join the two with
    /// a colon or with nothing.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        let (raw, pair) = (self.raw.as_str(), self.raw_pair.as_str());
        [Some(pair), Some(raw), pair.strip_prefix(raw), pair.strip_suffix(raw)]
            .into_iter()
            .flatten()
            .filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} at {}:{}, [redacted])", self.detector, self.name, self.line)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    source_metadata: Metadata,
    detector_name: String,
    #[serde(default)]
    decoder_name: String,
    #[serde(default)]
    raw: String,
    #[serde(default)]
    raw_v2: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Data {
    filesystem: Filesystem,
}

#[derive(Deserialize)]
struct Filesystem {
    file: String,
    #[serde(default)]
    line: u32,
}

/// Reads trufflehog's lines of JSON, and the summary that ends its log.
///
/// # Errors
/// A line is half, or there is no summary: it did not come to its end.
pub fn parse(stdout: &[u8], stderr_tail: &str) -> Result<SecretsOutput, ParseError> {
    let log: Vec<Value> =
        stderr_tail.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let summary = log
        .iter()
        .rev()
        .find(|entry| entry.get("chunks").is_some())
        .ok_or(ParseError::Lacks("its closing summary"))?;
    let bytes = summary.get("bytes").and_then(Value::as_u64);
    let version = summary.get("trufflehog_version").and_then(Value::as_str);
    let secrets = stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).map(secret))
        .collect::<Result<_, _>>()?;
    let level = |entry: &Value| entry.get("level").and_then(Value::as_str).map(str::to_owned);
    let is_fault = |level: &str| level.starts_with("error") || level.starts_with("fatal");
    Ok(SecretsOutput {
        version: version.unwrap_or_default().to_owned(),
        bytes: bytes.ok_or(ParseError::Lacks("the number of bytes that were read"))?,
        secrets,
        faults: log
            .iter()
            .filter(|entry| level(entry).is_some_and(|level| is_fault(&level)))
            .map(fault)
            .collect(),
    })
}

/// The matches of an output that ends somewhere: each whole line is one.
pub(super) fn parse_cut(stdout: &[u8]) -> SecretsOutput {
    let lines = stdout.split(|byte| *byte == b'\n');
    let secrets = lines.filter_map(|line| serde_json::from_slice(line).ok()).map(secret).collect();
    SecretsOutput { secrets, ..SecretsOutput::default() }
}

/// A line of its log: about a file (an archive that is broken), or about the run.
fn fault(entry: &Value) -> Fault {
    let text = |key| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = entry.get("path").and_then(Value::as_str).map(name_of);
    let message = if text("error").is_empty() { text("msg") } else { text("error") };
    Fault { name, message: message.to_owned(), ..Fault::default() }
}

fn secret(line: Line) -> Secret {
    let Filesystem { file, line: number } = line.source_metadata.data.filesystem;
    Secret {
        custom: line.detector_name == CUSTOM,
        detector: line.detector_name,
        name: name_of(&file),
        line: number,
        raw: line.raw,
        raw_pair: line.raw_v2,
        plain: line.decoder_name == "PLAIN",
    }
}
