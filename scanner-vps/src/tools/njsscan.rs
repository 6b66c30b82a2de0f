//! njsscan: Node.js code and templates.
//!
//! Its exit code says next to nothing (1 is "findings", "syntax error" and "no semgrep" alike),
//! and when the semgrep inside it is killed it reports a clean run. Only its planted positives
//! and each file's canary prove that it read anything.

use super::{
    FileGaps, Launch, Requirement, RunningTool, ToolError, ToolReport, ToolRun,
    context::is_quiet_place,
    engine::{Attempt, Doubt, Engines, NativeEngine},
    launcher::{Launcher, TIMEOUT},
    output::{Fault, Hit, ParseError, ToolOutput, name_of, not_empty},
    partial,
    severity::{Grade, Level, Source, severity},
};
use crate::staging::StagedTree;
use serde::Deserialize;
use serde_json::Value;
use skillgate_contract::{Provider, callback};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ffi::OsString,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use batches::{Batch, SHORTEST, batches, turn};

mod batches;
mod profile;

pub use profile::Njsscan;

#[cfg(test)]
mod tests;

const KNOWN_CODES: [i32; 2] = [0, 1];
const CODE_CANARY: &str = "buffer_noassert";
const TEMPLATE_CANARY: &str = "handlebar_mustache_template";
/// Without it njsscan reads the `.njsscan` of the scanned folder, and `.js` alone.
const CONFIG: &str = "- nodejs-extensions: ['.mjs', '.cjs', '.ts', '.tsx', '.jsx']\n";
const CONFIG_NAME: &str = "njsscan.yaml";
const PARSER_FAILED: &str = "the parser failed";
const LATE: &str = "njsscan's time did not suffice for it";
const ENDED: &str = "njsscan did not come to its end with it";

/// Seconds that one rule of the semgrep inside njsscan may take on one file. njsscan has no setting
/// for it; five, its own default, add up to minutes for one dense line.
const RULE_SECONDS: &str = "1";
impl super::Tool for Njsscan {
    fn requirement(&self) -> Requirement {
        Requirement {
            name: "njsscan",
            setting: "NJSSCAN_BIN",
            minimum: "1.0.2",
            how: "pip install njsscan==1.0.2, in a virtual environment of its own (it pins an older semgrep)",
        }
    }

    fn run<'a>(&'a self, run: ToolRun<'a>) -> RunningTool<'a> {
        Box::pin(self::run(run))
    }

    fn environment(&self) -> &'static [(&'static str, &'static str)] {
        &[(TIMEOUT, RULE_SECONDS)]
    }

    fn has_engines(&self) -> bool {
        true
    }

    fn unparsed(&self) -> &'static str {
        // It has no text rules of its own for code.
        "is left to the rules of semgrep's scan"
    }
}

/// The arguments of a run over some files of the copy.
#[must_use]
pub fn args(config: &Path, copy: &Path, names: &[String]) -> Vec<OsString> {
    let mut args = vec!["--json".into(), "--config".into(), config.into(), "--".into()];
    args.extend(names.iter().map(|name| copy.join(name).into()));
    args
}

#[derive(Deserialize)]
struct Report {
    njsscan_version: String,
    nodejs: BTreeMap<String, Group>,
    templates: BTreeMap<String, Group>,
    errors: Vec<Value>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    files: Vec<Match>,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    description: String,
    #[serde(default)]
    severity: String,
}

#[derive(Deserialize)]
struct Match {
    file_path: String,
    match_lines: (u32, u32),
    #[serde(default)]
    match_string: String,
}

/// Reads njsscan's JSON.
///
/// # Errors
/// It is empty, half or something else.
pub fn parse(stdout: &[u8]) -> Result<ToolOutput, ParseError> {
    let report: Report = serde_json::from_slice(not_empty(stdout)?)?;
    let code = report.nodejs.into_iter().flat_map(|(rule, group)| hits(&rule, group, false));
    let templates = report.templates.into_iter().flat_map(|(rule, group)| hits(&rule, group, true));
    Ok(ToolOutput {
        version: report.njsscan_version,
        hits: code.chain(templates).collect(),
        faults: report.errors.iter().map(fault).collect(),
    })
}

#[derive(Deserialize)]
struct Half {
    #[serde(default)]
    nodejs: BTreeMap<String, HalfGroup>,
    #[serde(default)]
    templates: BTreeMap<String, HalfGroup>,
}

/// The metadata of a rule stand behind its matches.
#[derive(Deserialize)]
struct HalfGroup {
    #[serde(default)]
    files: Vec<Match>,
    metadata: Option<Metadata>,
}

/// The matches of an output that ends somewhere, as far as they are whole.
fn parse_cut(stdout: &[u8]) -> Vec<Hit> {
    let half = partial::closed(stdout, 4).and_then(|json| serde_json::from_slice(&json).ok());
    let Some(Half { nodejs, templates }) = half else { return Vec::new() };
    let whole = |(rule, group): (String, HalfGroup), template| {
        let unknown = || Metadata { description: String::new(), severity: String::new() };
        let metadata = group.metadata.unwrap_or_else(unknown);
        hits(&rule, Group { files: group.files, metadata }, template)
    };
    let code = nodejs.into_iter().flat_map(|group| whole(group, false));
    code.chain(templates.into_iter().flat_map(|group| whole(group, true))).collect()
}

fn hits(rule: &str, group: Group, template: bool) -> Vec<Hit> {
    let Group { files, metadata } = group;
    let level = Level::read(&metadata.severity);
    let hit = |found: Match| {
        let (first, last) = found.match_lines;
        // Its pattern matcher names the line above for a match that begins a line; the last line
        // is right, and the match says how many lines it spans.
        let breaks = u32::try_from(found.match_string.matches('\n').count()).unwrap_or(0);
        Hit {
            loose: false,
            rule: rule.to_owned(),
            name: name_of(&found.file_path),
            line: if template { last.saturating_sub(breaks) } else { first },
            end_line: last,
            col: 1,
            end_col: 1,
            message: metadata.description.clone(),
            level,
            category: String::new(),
            confidence: Grade::default(),
            likelihood: Grade::default(),
            steps: Vec::new(),
        }
    };
    files.into_iter().map(hit).collect()
}

/// An error is the object that the semgrep inside it gave, or a bare sentence of njsscan's own.
fn fault(error: &Value) -> Fault {
    let text = |key: &str| error.get(key).and_then(Value::as_str);
    let kind = error.get("type").map(|kind| kind.get(0).unwrap_or(kind));
    Fault {
        kind: kind.and_then(Value::as_str).unwrap_or_default().to_owned(),
        name: text("path").map(name_of),
        rule: text("rule_id").map(str::to_owned),
        message: text("message").or(error.as_str()).unwrap_or_default().to_owned(),
    }
}

/// The files that njsscan read to their end: a stock rule reports each one's canary.
fn read_whole<'a>(output: &'a ToolOutput, copy: &StagedTree) -> HashSet<&'a str> {
    let ends = super::content_ends(copy);
    let canaries = output.hits.iter().filter(|hit| is_canary(hit, &ends));
    canaries.map(|hit| hit.name.as_str()).collect()
}

fn is_canary(hit: &Hit, ends: &HashMap<&str, u32>) -> bool {
    ends.get(hit.name.as_str()).is_some_and(|end| hit.line > *end)
        && (hit.rule == CODE_CANARY || hit.rule == TEMPLATE_CANARY)
}

/// Holds one run void unless its planted positives came back.
fn planted_came_back(output: &ToolOutput, copy: &StagedTree) -> Result<(), ToolError> {
    let read = read_whole(output, copy);
    // The canaries are matches of stock rules: a planted file needs no other content.
    let planted = super::all_planted(Provider::Njsscan, copy, |f| read.contains(f.name.as_str()));
    if let (Err(_), Some(fault)) = (&planted, output.faults.iter().find(|f| f.name.is_none())) {
        let said = super::in_words(&fault.message);
        return Err(ToolError::Reported { provider: Provider::Njsscan, said });
    }
    planted
}

/// Draws the conclusion from all runs together. `left`: the files that were not given to it, or that
/// it did not come to an end with in its time, by name, with the reason.
///
/// # Errors
/// A planted positive did not come back: the run proves nothing.
pub fn judge(
    output: &ToolOutput,
    left: &HashMap<String, &'static str>,
    copy: &StagedTree,
    root: Option<&str>,
) -> Result<ToolReport, ToolError> {
    planted_came_back(output, copy)?;
    let read = read_whole(output, copy);

    let mut report = ToolReport {
        tool: callback::Tool {
            name: Provider::Njsscan.as_str().into(),
            version: output.version.clone(),
            // Its rules come with it.
            rules: format!("njsscan {}", output.version),
            engine: None,
        },
        ..ToolReport::default()
    };
    let faults: HashMap<&str, &Fault> =
        output.faults.iter().filter_map(|f| Some((f.name.as_deref()?, f))).collect();
    let mut gaps = FileGaps::default();
    for file in super::judged(&Njsscan, copy) {
        let name = file.name.as_str();
        match (read.contains(name), faults.get(name), left.get(name)) {
            (true, None, _) => gaps.scanned(file),
            // A complaint about the file explains what is missing; semgrep's text rules read it.
            (_, Some(fault), _) => {
                gaps.scanned(file);
                if !file.guessed {
                    gaps.text_rules_only(file, reason(fault));
                }
            }
            // Rules of the semgrep provider read it; njsscan's did not.
            (false, None, Some(reason)) => {
                gaps.scanned(file);
                if !file.guessed {
                    gaps.text_rules_only(file, reason);
                }
            }
            // No canary and no complaint: a part of the run was lost.
            (false, None, None) => gaps.unscanned(file, "njsscan lost this file without a word"),
        }
    }
    gaps.finish(&Njsscan, &mut report);
    report.problems.extend(
        output
            .faults
            .iter()
            .filter(|fault| fault.name.is_none())
            .map(|fault| format!("njsscan reported: {}", super::in_words(&fault.message))),
    );
    find(&output.hits, copy, root, &mut report);
    Ok(report)
}

/// Adds what the matches found.
fn find(hits: &[Hit], copy: &StagedTree, root: Option<&str>, report: &mut ToolReport) {
    let ends = super::content_ends(copy);
    let hits = hits.iter().filter(|hit| !is_canary(hit, &ends));
    let placed = super::place::findings(hits, copy, Provider::Njsscan, |hit, file, _, _| {
        let quiet_place = is_quiet_place(&file.path, root);
        severity(Source::Weakness { level: hit.level, quiet_place })
    });
    report.findings.extend(placed.kept);
    report.repeats = placed.repeats;
}

fn reason(fault: &Fault) -> &'static str {
    match fault.kind.as_str() {
        kind if kind.contains("Timeout") => "a rule ran out of time",
        kind if kind.to_ascii_lowercase().contains("memory") => "it needs too much memory",
        kind if kind.contains("Pars") || kind.contains("Syntax") => "a syntax error",
        _ => PARSER_FAILED,
    }
}

/// Runs njsscan over the copy, in as many runs as its size asks for.
///
/// # Errors
/// It could not run, was killed, or cannot be believed.
async fn run(run: ToolRun<'_>) -> Result<ToolReport, ToolError> {
    let ToolRun { toolbox, copy, dirs, root, wall, .. } = run;
    let path = toolbox.tool(Provider::Njsscan);
    let provider = Provider::Njsscan;
    let program = path.found()?;
    let native = toolbox.launcher.as_deref().and_then(|scanner| {
        Some((Launcher::lay_out(scanner, &dirs.rules), NativeEngine::beside(program)?))
    });
    let (launcher, native) = match native {
        Some((launcher, native)) => (Some(launcher.map_err(ToolError::Scratch)?), Some(native)),
        None => (None, None),
    };
    let launcher = launcher.as_ref();
    let mut engines = Engines::choose(toolbox.engine, provider, native)?;
    let config = dirs.rules.join(CONFIG_NAME);
    fs::write(&config, CONFIG).map_err(ToolError::Scratch)?;
    let started = Instant::now();
    let mut all = ToolOutput::default();
    let mut failed = None;
    let mut cut = ToolReport::default();
    let (batches, mut left_out) = batches(copy);
    let left_for = |batch: &Batch<'_>, why: &'static str| -> Vec<(String, &'static str)> {
        batch.files.iter().map(|file| (file.name.clone(), why)).collect()
    };
    for batch in batches {
        let left = run.time(wall.saturating_sub(started.elapsed()));
        let is_first = all.version.is_empty() && failed.is_none();
        if left < SHORTEST && !is_first {
            left_out.extend(left_for(&batch, LATE));
            continue;
        }
        let names = &batch.names(copy);
        let args = &args(&config, &copy.root, names);
        let attempt = |native: Option<NativeEngine>, turn| {
            Box::pin(async move {
                let launch = match (&native, launcher) {
                    (Some(native), Some(launcher)) => launcher.launch(program, native),
                    _ => Launch::of(program),
                };
                let output = read(launch, args.clone(), run, turn).await?;
                let doubt = native.and_then(|_| {
                    let started = launcher.is_some_and(Launcher::take_mark);
                    if started { doubt(&output, names, copy) } else { Some(Doubt::NotStarted) }
                });
                Ok((output, doubt))
            }) as Attempt<'_, ToolOutput>
        };
        match engines.run(turn(wall, left), attempt).await {
            Ok(output) => {
                all.version = output.version;
                all.hits.extend(output.hits);
                all.faults.extend(output.faults);
            }
            Err(error) if error.is_of_installation() => return Err(error),
            // One file can cost a run its time or its end; the others are not to pay for it.
            Err(error) => {
                let (error, found) = error.into_parts();
                cut.findings.extend(found.findings);
                cut.repeats.extend(found.repeats);
                let late = matches!(error, ToolError::TooLong { .. });
                if !late {
                    cut.problems.push(error.to_string());
                }
                left_out.extend(left_for(&batch, if late { LATE } else { ENDED }));
                failed = Some(error);
            }
        }
    }
    match failed {
        Some(error) if all.version.is_empty() && cut.findings.is_empty() => Err(error),
        Some(error) if all.version.is_empty() => {
            cut.problems.clear();
            Err(ToolError::Partial { error: Box::new(error), report: Box::new(cut) })
        }
        _ => {
            let mut report = judge(&all, &left_out, copy, root)?;
            report.findings.extend(cut.findings);
            report.repeats.extend(cut.repeats);
            report.problems.extend(cut.problems);
            report.tool.engine = Some(engines.believed());
            report.problems.extend(engines.problem());
            Ok(report)
        }
    }
}

/// One run over some files, with the planted ones among them.
async fn read(
    launch: Launch,
    args: Vec<OsString>,
    run: ToolRun<'_>,
    wall: Duration,
) -> Result<ToolOutput, ToolError> {
    let provider = Provider::Njsscan;
    let (finished, error) =
        super::run_program(&Njsscan, launch, args, run.dirs, run.time(wall), &KNOWN_CODES).await?;
    let partial = |error: ToolError| {
        let mut report = ToolReport::default();
        find(&parse_cut(&finished.stdout), run.copy, run.root, &mut report);
        ToolError::Partial { error: Box::new(error), report: Box::new(report) }
    };
    if let Some(error) = error {
        return Err(partial(error));
    }
    let output = parse(&finished.stdout)
        .map_err(|source| partial(ToolError::Output { provider, source }))?;
    planted_came_back(&output, run.copy)?;
    Ok(output)
}

/// The first reason to let njsscan read some files again with its own semgrep, if there is one. What both engines do
/// to a file is none.
fn doubt(output: &ToolOutput, names: &[String], copy: &StagedTree) -> Option<Doubt> {
    let is_of_a_file = |fault: &Fault| {
        let file = fault.name.as_deref().and_then(|name| copy.file(name));
        file.is_some() && reason(fault) != PARSER_FAILED
    };
    if let Some(fault) = output.faults.iter().find(|fault| !is_of_a_file(fault)) {
        return Some(Doubt::Fault(format!("{}: {}", fault.kind, fault.message)));
    }
    let explained: HashSet<&str> =
        output.faults.iter().filter_map(|fault| fault.name.as_deref()).collect();
    let read = read_whole(output, copy);
    let given: HashSet<&str> = names.iter().map(String::as_str).collect();
    let lost = super::judged(&Njsscan, copy).find(|file| {
        let name = file.name.as_str();
        given.contains(name) && !read.contains(name) && !explained.contains(name)
    })?;
    Some(Doubt::Lost { name: lost.name.clone() })
}
