//! trufflehog: secrets in the files of the commit and in what only the history holds.
//!
//! It is never asked to verify: that would send what it finds to vendors, and to any host that
//! the scanned repository names. The copy holds the history's blobs as files, so one `filesystem`
//! run reads it all.

use super::{
    FileGaps, Launch, Requirement, RunningTool, ToolError, ToolReport, ToolRun,
    dedup::{Kept, dedup},
    place::Placed,
    severity::{Source, severity},
};
use crate::{
    mask,
    staging::{Origin, StagedFile, StagedTree},
};
use skillgate_contract::{Finding, Provider, callback};
use std::{
    collections::{BTreeMap, HashSet},
    ffi::OsString,
    fs,
    path::Path,
};

use lines::Standing;
use profile::canary_word;

mod chunks;
mod decoded;
mod lines;
mod output;
mod profile;

pub use output::{Secret, SecretsOutput, parse};
pub use profile::Trufflehog;

#[cfg(test)]
mod tests;

const KNOWN_CODES: [i32; 2] = [0, 183];
const CONFIG_NAME: &str = "trufflehog.yaml";

impl super::Tool for Trufflehog {
    fn requirement(&self) -> Requirement {
        Requirement {
            name: "trufflehog",
            setting: "TRUFFLEHOG_BIN",
            minimum: "3.92.5",
            how: "build github.com/trufflesecurity/trufflehog/v3 at v3.92.5 with Go",
        }
    }

    fn run<'a>(&'a self, run: ToolRun<'a>) -> RunningTool<'a> {
        Box::pin(self::run(run))
    }

    fn finds_secrets(&self) -> bool {
        true
    }
}

/// Our own detector. The whole match is the canary, without a group: trufflehog looks for that text
/// again to name its line, and a short one might stand elsewhere in an honest file.
fn config(mark: &str) -> String {
    format!(
        "detectors:
  - name: skillgate-canary
    keywords: [skillgatecanary]
    regex:
      id: '{}f[0-9]{{6,}}'
",
        canary_word(mark, "")
    )
}

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
pub fn judge(output: &SecretsOutput, copy: &StagedTree) -> Result<ToolReport, ToolError> {
    // The word alone proves it, since nobody could write it into the content. The line would not:
    // trufflehog miscounts.
    let is_canary = |s: &&Secret| {
        let word = |file: &StagedFile| canary_word(&copy.mark, &file.id);
        s.custom && copy.file(&s.name).is_some_and(|file| s.raw == word(file))
    };
    let read: HashSet<&str> =
        output.secrets.iter().filter(is_canary).map(|s| s.name.as_str()).collect();
    let found: HashSet<&str> =
        output.secrets.iter().filter(|s| !s.custom).map(|s| s.name.as_str()).collect();
    super::all_planted(Provider::Trufflehog, copy, |file| {
        let name = file.name.as_str();
        read.contains(name) && (found.contains(name) || file.content_lines == 0)
    })?;

    let mut report = ToolReport {
        tool: callback::Tool {
            name: Provider::Trufflehog.as_str().into(),
            version: output.version.clone(),
            rules: format!("trufflehog {} detectors", output.version),
            engine: None,
        },
        ..ToolReport::default()
    };
    let mut gaps = FileGaps::default();
    for file in super::judged(&Trufflehog, copy) {
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
    gaps.finish(&Trufflehog, &mut report);
    if output.bytes < copy.bytes {
        report.problems.push(format!("trufflehog read {} of {} bytes", output.bytes, copy.bytes));
    }
    find(output, copy, &mut report);
    Ok(report)
}

/// Adds the secrets that are not ours.
fn find(output: &SecretsOutput, copy: &StagedTree, report: &mut ToolReport) {
    let found = located(output, copy);
    let known = Known::new(output, &found);
    let placed = found.iter().filter_map(|found| Some((found, known.placed(found, copy)?)));
    let Kept { kept, repeats } =
        dedup(placed.collect(), |(_, placed): &(&Found<'_>, Placed<'_>)| &placed.finding);
    report.repeats = repeats;
    report.findings = kept
        .into_iter()
        .map(|(found, placed)| Finding { code: known.code(found, copy), ..placed.finding })
        .collect();
}

/// A secret of the skill's, in the copy.
struct Found<'a> {
    secret: &'a Secret,
    file: &'a StagedFile,
    /// `None` in an archive, and where nobody knows.
    line: Option<u32>,
}

/// Each secret that is not ours. What was found in a text is left out of the bytes that are read
/// beside it.
fn located<'a>(output: &'a SecretsOutput, copy: &'a StagedTree) -> Vec<Found<'a>> {
    let mut by_file: BTreeMap<&str, Vec<&Secret>> = BTreeMap::new();
    for secret in output.secrets.iter().filter(|s| !s.custom) {
        by_file.entry(secret.name.as_str()).or_default().push(secret);
    }
    let in_text: HashSet<(&str, &str)> = by_file
        .iter()
        .filter_map(|(name, secrets)| Some((copy.file(name).filter(|f| !f.raw)?, secrets)))
        .flat_map(|(file, secrets)| secrets.iter().map(|s| (file.path.as_str(), s.raw.as_str())))
        .collect();
    let mut all = Vec::new();
    for (name, secrets) in by_file {
        let planted = |file: &&StagedFile| file.origin == Origin::Planted;
        let Some(file) = copy.file(name).filter(|file| !planted(file)) else { continue };
        if file.raw {
            let only_here = secrets
                .into_iter()
                .filter(|s| !in_text.contains(&(file.path.as_str(), s.raw.as_str())));
            all.extend(only_here.map(|secret| Found { secret, file, line: None }));
            continue;
        }
        let text = fs::read(copy.root.join(&file.name)).unwrap_or_default();
        let before = file.lines_before;
        let end = before.saturating_add(file.content_lines);
        let standings = lines::standings(&text, before, end, &secrets);
        let mut without_line: HashSet<(&str, &str)> = HashSet::new();
        all.extend(secrets.into_iter().zip(standings).filter_map(|(secret, standing)| {
            let line = match standing {
                Standing::Line(line) => Some(line),
                // Two chunks may hold it, and no line tells that it is one.
                Standing::File => {
                    without_line.insert((&secret.detector, &secret.raw)).then_some(None)?
                }
                Standing::Ours => return None,
            };
            Some(Found { secret, file, line })
        }));
    }
    all
}

fn message(secret: &Secret, file: &StagedFile) -> String {
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
    fn new(output: &'a SecretsOutput, found: &[Found<'a>]) -> Self {
        let secrets = || output.secrets.iter().filter(|s| !s.custom);
        let encoded = found.iter().filter(|found| !found.secret.plain);
        Self {
            values: mask::Values::new(secrets().flat_map(Secret::values)),
            whole: secrets()
                .flat_map(|s| [s.raw.as_str(), s.raw_pair.as_str()])
                .filter(|value| !value.is_empty())
                .collect(),
            encoded: encoded.filter_map(|f| Some((f.secret.name.as_str(), f.line?))).collect(),
        }
    }

    fn placed<'b>(&self, found: &Found<'b>, copy: &'b StagedTree) -> Option<Placed<'b>> {
        let Found { secret, file, line } = *found;
        // Nothing but the line that was looked up: in an archive there is none to point at.
        let line_there = match line {
            Some(line) => Some(copy.locate(&secret.name, line)?.line),
            None => None,
        };
        let only_in_history = matches!(file.origin, Origin::History { .. });
        let usable = secret.detector == "PrivateKey" || secret.detector.contains("Webhook");
        let finding = Finding {
            rule: format!("trufflehog.{}", secret.detector),
            severity: severity(Source::Secret { usable, only_in_history }),
            message: message(secret, file),
            file: self.values.mask_path(&file.path),
            line: line_there,
            end_line: line_there,
            code: String::new(),
            provider: Some(Provider::Trufflehog),
            chain: Vec::new(),
        };
        let at = line.unwrap_or_default();
        Some(Placed { finding, file, first: at, last: at, steps: &[] })
    }

    /// A value is too short to be replaced, or stands there in a way that nobody thought of.
    fn leaks(&self, shown: &str) -> bool {
        self.whole.iter().any(|value| shown.contains(value))
    }

    /// The line with the secrets in it masked; where that cannot be, the masked value alone; and
    /// nothing where even that holds another's value.
    fn code(&self, found: &Found<'_>, copy: &StagedTree) -> String {
        let masked = self.values.mask(&mask::mask(&found.secret.raw));
        let alone = || if self.leaks(&masked) { String::new() } else { masked.clone() };
        let name = found.secret.name.as_str();
        let Some(line) = found.line.filter(|line| !self.encoded.contains(&(name, *line))) else {
            return alone();
        };
        let shown = mask::redact(&self.values.mask(&copy.excerpt(name, line, line)));
        // Without a mask in it, the value begins on another line.
        if self.leaks(&shown) || !shown.contains('…') { alone() } else { shown }
    }
}

/// Runs trufflehog over the copy.
///
/// # Errors
/// It could not run, was killed, or cannot be believed.
async fn run(run: ToolRun<'_>) -> Result<ToolReport, ToolError> {
    let ToolRun { toolbox, copy, dirs, wall, .. } = run;
    let provider = Provider::Trufflehog;
    let config = dirs.rules.join(CONFIG_NAME);
    fs::write(&config, self::config(&copy.mark)).map_err(ToolError::Scratch)?;
    let args = args(&config, &copy.root);
    let path = toolbox.tool(provider);
    let launch = Launch::of(path.found()?);
    let (finished, error) =
        super::run_program(&Trufflehog, launch, args, dirs, run.time(wall), &KNOWN_CODES).await?;
    let judged = match error {
        Some(error) => Err(error),
        None => parse(&finished.stdout, &finished.stderr_tail)
            .map_err(|source| ToolError::Output { provider, source })
            .and_then(|output| judge(&output, copy)),
    };
    judged.map_err(|error| {
        let mut report = ToolReport::default();
        find(&output::parse_cut(&finished.stdout), copy, &mut report);
        let (error, report) = (Box::new(error), Box::new(report));
        if report.findings.is_empty() { *error } else { ToolError::Partial { error, report } }
    })
}
