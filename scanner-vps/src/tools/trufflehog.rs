//! trufflehog: secrets in the files of the commit and in what only the history holds.
//!
//! It is never asked to verify: that would send what it finds to vendors, and to any host that
//! the scanned repository names. The copy holds the history's blobs as files, so one `filesystem`
//! run reads it all.

use super::{
    FileGaps, ToolError, ToolReport, Toolbox, WorkDir,
    dedup::dedup,
    output::{Fault, ParseError, name_of},
    place::Placed,
    severity::{Source, severity},
};
use crate::{
    mask,
    neutral::{CopiedFile, NeutralCopy, Origin},
};
use serde::Deserialize;
use serde_json::Value;
use skillgate_contract::{Finding, Provider, callback::Tool};
use std::{collections::HashSet, ffi::OsString, fmt, fs, path::Path, time::Duration};

#[cfg(test)]
mod tests;

const KNOWN_CODES: [i32; 2] = [0, 183];
const CUSTOM: &str = "CustomRegex";
const CONFIG_NAME: &str = "trufflehog.yaml";
/// The whole match is the canary, without a group: trufflehog looks for that text again to name
/// its line, and a short one might stand elsewhere in an honest file.
const CONFIG: &str = "\
detectors:
  - name: skillgate-canary
    keywords: [skillgatecanary]
    regex:
      id: 'skillgatecanary-f[0-9]{6,}'
";

/// The arguments of a run.
#[must_use]
pub fn args(config: &Path, copy: &Path) -> Vec<OsString> {
    let mut args: Vec<OsString> =
        ["filesystem", "--json", "--no-verification", "--no-update", "--no-color"]
            .map(OsString::from)
            .into();
    args.extend(["--concurrency=2".into(), "--config".into(), config.into(), copy.into()]);
    args
}

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

/// One match. Its value never leaves this module but masked, and `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Secret {
    detector: String,
    custom: bool,
    name: String,
    line: u32,
    raw: String,
    raw_pair: String,
    plain: bool,
}

impl Secret {
    /// The value, the pair, and what the pair holds beside the value: detectors join the two with
    /// a colon or with nothing.
    fn values(&self) -> impl Iterator<Item = &str> {
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

/// A line of its log: about a file (an archive that is broken), or about the run.
fn fault(entry: &Value) -> Fault {
    let text = |key| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = entry.get("path").and_then(Value::as_str).map(name_of);
    let message = if text("error").is_empty() { text("msg") } else { text("error") };
    Fault { is_error: true, name, message: message.to_owned(), ..Fault::default() }
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

/// Draws the conclusion.
///
/// # Errors
/// A planted secret did not come back: the run proves nothing.
pub fn judge(output: &SecretsOutput, copy: &NeutralCopy) -> Result<ToolReport, ToolError> {
    let ends = super::content_ends(copy);
    let read: HashSet<&str> = output
        .secrets
        .iter()
        .filter(|s| s.custom && ends.get(s.name.as_str()).is_some_and(|end| s.line > *end))
        .map(|s| s.name.as_str())
        .collect();
    let found: HashSet<&str> =
        output.secrets.iter().filter(|s| !s.custom).map(|s| s.name.as_str()).collect();
    super::all_planted(Provider::Trufflehog, copy, |file| {
        let name = file.name.as_str();
        read.contains(name) && (found.contains(name) || file.content_lines == 0)
    })?;

    let mut report = ToolReport {
        tool: Tool {
            name: Provider::Trufflehog.as_str().into(),
            version: output.version.clone(),
            rules: format!("trufflehog {} detectors", output.version),
        },
        ..ToolReport::default()
    };
    let mut gaps = FileGaps::default();
    for file in copy.files.iter().filter(|f| f.origin != Origin::Planted && !f.raw) {
        if read.contains(file.name.as_str()) {
            gaps.scanned(file);
        } else {
            gaps.unscanned(file, "trufflehog did not read this file to its end");
        }
    }
    for fault in &output.faults {
        match fault.name.as_deref().and_then(|name| copy.file(name)) {
            Some(file) => gaps.unscanned(file, &super::brief(&fault.message)),
            None => report
                .problems
                .push(format!("trufflehog reported: {}", super::brief(&fault.message))),
        }
    }
    gaps.finish(Provider::Trufflehog, &mut report);
    if output.bytes < copy.bytes {
        report.problems.push(format!("trufflehog read {} of {} bytes", output.bytes, copy.bytes));
    }
    let known = Known::new(output);
    let secrets = output.secrets.iter().filter(|s| !s.custom);
    let placed = secrets.filter_map(|s| placed(s, &known, copy));
    let kept = dedup(placed.collect(), |(_, placed): &(&Secret, Placed<'_>)| &placed.finding);
    report.findings = kept
        .into_iter()
        .map(|(secret, placed)| {
            let code = known.code(secret, placed.file, copy);
            Finding { code, ..placed.finding }
        })
        .collect();
    Ok(report)
}

fn placed<'a, 'b>(
    secret: &'a Secret,
    known: &Known<'_>,
    copy: &'b NeutralCopy,
) -> Option<(&'a Secret, Placed<'b>)> {
    let file = copy.file(&secret.name).filter(|file| file.origin != Origin::Planted)?;
    let (path, line) = if file.raw {
        // Inside an archive there is no line to point at.
        (file.path.clone(), None)
    } else {
        let at = copy.locate(&secret.name, secret.line)?;
        (at.path, Some(at.line))
    };
    let only_in_history = matches!(file.origin, Origin::History { .. });
    let usable = secret.detector == "PrivateKey" || secret.detector.contains("Webhook");
    let finding = Finding {
        rule: format!("trufflehog.{}", secret.detector),
        severity: severity(Source::Trufflehog { usable, only_in_history }),
        message: known.values.mask(&message(secret, file)),
        file: known.values.mask(&path),
        line,
        end_line: line,
        code: String::new(),
        provider: Some(Provider::Trufflehog),
    };
    Some((secret, Placed { finding, file, first: secret.line, last: secret.line }))
}

fn message(secret: &Secret, file: &CopiedFile) -> String {
    let masked = mask::mask(&secret.raw);
    let place = match &file.origin {
        Origin::History { oid } => {
            format!("only in the git history, in object {}", oid.get(..12).unwrap_or(oid))
        }
        _ => "in the published files".to_owned(),
    };
    format!(
        "Looks like a {} secret ({masked}), {place}. Nobody tried whether it is valid. If it is \
         real: revoke it first, then remove it.",
        secret.detector
    )
}

/// Every secret of the run. One line may hold several, and the finding of each shows the line.
struct Known<'a> {
    values: mask::Values<'a>,
    whole: HashSet<&'a str>,
    /// Lines with a secret behind an encoding: it does not stand there in clear, so it cannot be
    /// masked in them.
    encoded: HashSet<(&'a str, u32)>,
}

impl<'a> Known<'a> {
    fn new(output: &'a SecretsOutput) -> Self {
        let secrets = || output.secrets.iter().filter(|s| !s.custom);
        Self {
            values: mask::Values::new(secrets().flat_map(Secret::values)),
            whole: secrets()
                .flat_map(|s| [s.raw.as_str(), s.raw_pair.as_str()])
                .filter(|value| !value.is_empty())
                .collect(),
            encoded: secrets().filter(|s| !s.plain).map(|s| (s.name.as_str(), s.line)).collect(),
        }
    }

    /// A value is too short to be replaced, or stands there in a way that nobody thought of.
    fn leaks(&self, shown: &str) -> bool {
        self.whole.iter().any(|value| shown.contains(value))
    }

    /// The line with the secrets in it masked; where that cannot be, the masked value alone; and
    /// nothing where even that holds another's value.
    fn code(&self, secret: &Secret, file: &CopiedFile, copy: &NeutralCopy) -> String {
        let masked = self.values.mask(&mask::mask(&secret.raw));
        let alone = || if self.leaks(&masked) { String::new() } else { masked.clone() };
        if file.raw || self.encoded.contains(&(secret.name.as_str(), secret.line)) {
            return alone();
        }
        let line = copy.excerpt(&secret.name, secret.line, secret.line);
        let shown = mask::redact(&self.values.mask(&line));
        // Without a mask in it, the value begins on another line.
        if self.leaks(&shown) || !shown.contains('…') { alone() } else { shown }
    }
}

/// Runs trufflehog over the copy.
///
/// # Errors
/// It could not run, was killed, or cannot be believed.
pub async fn run(
    toolbox: &Toolbox,
    copy: &NeutralCopy,
    work: &WorkDir,
    wall: Duration,
) -> Result<ToolReport, ToolError> {
    let provider = Provider::Trufflehog;
    let config = work.rules.join(CONFIG_NAME);
    fs::write(&config, CONFIG).map_err(ToolError::Scratch)?;
    let args = args(&config, &copy.root);
    let finished =
        super::start(provider, &toolbox.trufflehog, args, work, wall, &KNOWN_CODES).await?;
    let output = parse(&finished.stdout, &finished.stderr_tail)
        .map_err(|source| ToolError::Output { provider, source })?;
    judge(&output, copy)
}
