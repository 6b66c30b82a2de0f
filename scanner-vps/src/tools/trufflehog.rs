//! trufflehog: secrets in the files of the commit and in what only the history holds.
//!
//! It is never asked to verify: that would send what it finds to vendors, and to any host that
//! the scanned repository names. The copy holds the history's blobs as files, so one `filesystem`
//! run reads it all.

use super::{
    FileGaps, ToolError, ToolReport, Toolbox, WorkDir,
    dedup::{Kept, dedup},
    place::Placed,
    severity::{Source, severity},
};
use crate::{
    mask,
    neutral::{CopiedFile, NeutralCopy, Origin},
};
use skillgate_contract::{Finding, Provider, callback::Tool};
use std::{collections::HashSet, ffi::OsString, fs, path::Path, time::Duration};

mod output;

pub use output::{Secret, SecretsOutput, parse};

#[cfg(test)]
mod tests;

const KNOWN_CODES: [i32; 2] = [0, 183];
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
    let in_text = in_text(output, copy);
    let secrets = output.secrets.iter().filter(|s| !s.custom);
    let secrets = secrets.filter(|s| {
        !copy.file(&s.name).is_some_and(|f| f.raw && in_text.contains(&(&f.path, &s.raw)))
    });
    let placed = secrets.filter_map(|s| placed(s, &known, copy));
    let Kept { kept, repeats } =
        dedup(placed.collect(), |(_, placed): &(&Secret, Placed<'_>)| &placed.finding);
    report.repeats = repeats;
    report.findings = kept
        .into_iter()
        .map(|(secret, placed)| {
            let code = known.code(secret, placed.file, copy);
            Finding { code, ..placed.finding }
        })
        .collect();
    Ok(report)
}

/// What was found in a text, by path and value: bytes that are read as text beside are read twice.
fn in_text<'a>(output: &'a SecretsOutput, copy: &'a NeutralCopy) -> HashSet<(&'a str, &'a str)> {
    let secrets = output.secrets.iter().filter(|s| !s.custom);
    let texts = secrets.filter_map(|s| {
        let file = copy.file(&s.name).filter(|file| !file.raw)?;
        Some((file.path.as_str(), s.raw.as_str()))
    });
    texts.collect()
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
