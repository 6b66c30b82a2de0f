//! semgrep with the rule pack.

use super::{
    FileGaps, Launch, Requirement, RunningTool, ToolError, ToolReport, ToolRun,
    context::context,
    engine::{Attempt, Engines, NativeEngine, native_args},
    output::{Fault, Hit, ToolOutput, name_of},
    reach::Reached,
    rules::{RulePack, RulesOnDisk},
    severity::{Grade, Source, severity},
};
use crate::{
    exec::{StderrMatcher, StderrMatches},
    staging::{Origin, StagedTree},
};
use skillgate_contract::{Provider, callback};
use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
    ffi::OsString,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

mod chains;
mod doubt;
mod partial;
mod profile;
mod report;

pub use profile::Semgrep;
pub use report::parse;

#[cfg(test)]
mod tests;

/// What semgrep may return: it ran (findings alone do not change it without `--error`), or, with
/// `--error`, it found something.
const KNOWN_CODES: [i32; 2] = [0, 1];
/// Of matches whose place our own code failed over.
const UNJUDGED: &str = "where some matches stand could not be judged";
const CANARY: &str = "skillgate-canary-";
/// The kind of fault where PCRE2 reached its match limit: what a pattern would have found there is
/// not known.
const MATCH_LIMIT: &str = "MatchLimit";
const TEXT_CANARY: &str = "skillgate-canary-text";
/// One rule on one file, parsing included: enough for 2 MB of code on a busy machine, and with
/// two strikes half a minute for a file that no parser comes to an end with.
const RULE_SECONDS: &str = "15";
/// In the second reading only text rules run, on few files: time to finish a large one.
const TEXT_RULE_SECONDS: &str = "20";
/// The heap of one file, in MiB: beyond it the file is reported, not the machine lost.
const MAX_MEMORY_MIB: &str = "2048";

/// What semgrep's debug log says when PCRE2 gives up on a file, and above it which file that was
/// (semgrep 1.182.0, `SEMGREP_LOG_SRCS=semgrep.engine` with `--debug`; nothing else tells).
const MATCH_LIMIT_LOGGED: StderrMatcher =
    StderrMatcher { context: "Core_scan analyzing ", pattern: "PCRE2 error while matching" };

impl super::Tool for Semgrep {
    fn requirement(&self) -> Requirement {
        Requirement {
            name: "semgrep",
            setting: "SEMGREP_BIN",
            minimum: "1.182.0",
            how: "pip install semgrep==1.182.0, in a virtual environment of its own",
        }
    }

    fn run<'a>(&'a self, run: ToolRun<'a>) -> RunningTool<'a> {
        Box::pin(self::run(run))
    }

    fn environment(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("SEMGREP_SEND_METRICS", "off"),
            ("SEMGREP_LOG_SRCS", "semgrep.engine"),
            ("SEMGREP_ENABLE_VERSION_CHECK", "0"),
        ]
    }

    fn stderr_matcher(&self) -> Option<StderrMatcher> {
        Some(MATCH_LIMIT_LOGGED)
    }

    fn uses_rule_pack(&self) -> bool {
        true
    }

    fn has_engines(&self) -> bool {
        true
    }
}

/// The arguments of the first reading: every rule on the whole copy.
#[must_use]
pub fn args(rules: &RulesOnDisk, copy: &Path) -> Vec<OsString> {
    all_rules(rules, [copy.to_owned()])
}

fn all_rules(rules: &RulesOnDisk, targets: impl IntoIterator<Item = PathBuf>) -> Vec<OsString> {
    let mut args = common(RULE_SECONDS);
    args.extend(["--timeout-threshold".into(), "2".into()]);
    args.extend(["--config".into(), rules.all.clone().into()]);
    args.push("--".into());
    args.extend(targets.into_iter().map(OsString::from));
    args
}

/// The arguments of the second reading: the text rules alone on the files that the first one
/// could not take whole. No strikes: every rule gets its turn.
#[must_use]
pub fn text_args(rules: &RulesOnDisk, copy: &Path, names: &[String]) -> Vec<OsString> {
    let mut args = common(TEXT_RULE_SECONDS);
    args.extend(["--timeout-threshold".into(), "0".into()]);
    // A file that no parser comes to an end with would only cost its time again.
    for language in ["js", "python", "bash"] {
        args.extend(["--exclude-rule".into(), format!("{CANARY}{language}").into()]);
    }
    for config in &rules.text_only {
        args.extend(["--config".into(), config.clone().into()]);
    }
    args.push("--".into());
    args.extend(names.iter().map(|name| copy.join(name).into()));
    args
}

fn common(rule_seconds: &str) -> Vec<OsString> {
    [
        "scan",
        "--metrics=off",
        "--disable-version-check",
        "--json",
        // For the one word on a pattern that gave up.
        "--debug",
        "--no-rewrite-rule-ids",
        // Nothing in the repository decides what is read: the copy knows no ignore file, and
        // size, comments and magic bytes do not count either.
        "--no-git-ignore",
        "--disable-nosem",
        "--max-target-bytes=0",
        "--no-exclude-binary-files",
        "--jobs=1",
        "--max-memory",
        MAX_MEMORY_MIB,
        "--timeout",
        rule_seconds,
    ]
    .map(OsString::from)
    .into()
}

/// The files whose text rules may not all have run: no text canary came back, or some rule was
/// cut short. They are read a second time.
#[must_use]
pub fn unsettled(first: &ToolOutput, copy: &StagedTree) -> Vec<String> {
    let read = canaries(first, copy, |rule| rule == TEXT_CANARY);
    let troubled: HashSet<&str> = first
        .faults
        .iter()
        .filter(|fault| !is_parse_fault(fault))
        .filter_map(|fault| fault.name.as_deref())
        .collect();
    super::judged(&Semgrep, copy)
        .map(|file| file.name.as_str())
        .filter(|name| !read.contains(name) || troubled.contains(name))
        .map(str::to_owned)
        .collect()
}

/// Adds what only the log says: on which files a pattern gave up. A log that names no file at all
/// would say nothing of that either, which is a fault of the run.
fn with_match_limits(mut output: ToolOutput, logged: &StderrMatches) -> ToolOutput {
    if logged.contexts == 0 {
        output.faults.push(Fault {
            kind: "a log without files".into(),
            message: "patterns may have given up unheard".into(),
            ..Fault::default()
        });
    }
    output.faults.extend(logged.matched.iter().map(|context| Fault {
        kind: MATCH_LIMIT.into(),
        // Without a name it is about any file.
        name: (!context.is_empty()).then(|| name_of(context)),
        message: "PCRE2 reached its match limit".into(),
        ..Fault::default()
    }));
    output
}

/// Draws the conclusion from the first reading and, where there was one, the second.
///
/// # Errors
/// A planted positive did not come back: the run proves nothing.
pub fn judge(
    first: &ToolOutput,
    second: Option<&ToolOutput>,
    copy: &StagedTree,
    rules: &RulePack,
    root: Option<&str>,
) -> Result<ToolReport, ToolError> {
    planted_came_back(first, copy)?;
    let mut report = ToolReport {
        tool: callback::Tool {
            name: Provider::Semgrep.as_str().into(),
            version: first.version.clone(),
            rules: rules.version().to_owned(),
            engine: None,
        },
        ..ToolReport::default()
    };
    let text_read = text_read(first, second, copy);
    let parsed = parsed(first, copy);
    let reasons: HashMap<&str, &Fault> =
        first.faults.iter().filter_map(|f| Some((f.name.as_deref()?, f))).collect();

    let mut gaps = FileGaps::default();
    for file in super::judged(&Semgrep, copy) {
        let name = file.name.as_str();
        let reason = reasons.get(name).copied();
        if !text_read.contains(name) {
            gaps.unscanned(file, &format!("the text rules did not finish{}", why(reason)));
            continue;
        }
        gaps.scanned(file);
        let whole = parsed.contains(name) && reason.is_none();
        if file.language.is_parsed() && !whole && !file.guessed {
            gaps.text_rules_only(file, why(reason).trim_start_matches(": "));
        }
    }
    gaps.finish(&Semgrep, &mut report);

    let both = first.faults.iter().chain(second.into_iter().flat_map(|s| &s.faults));
    // What is about a file decided above; of anything else, a mere warning too, nobody knows what it
    // kept from being found.
    report.problems.extend(
        both.filter(|fault| !is_about_a_file(fault, copy)).map(|fault| {
            format!("semgrep reported {}: {}", fault.kind, super::brief(&fault.message))
        }),
    );
    let hits = first.hits.iter().chain(second.into_iter().flat_map(|s| &s.hits));
    find(&hits.collect::<Vec<_>>(), copy, rules, root, &mut report);
    Ok(report)
}

/// Adds what the matches and our own reading found.
fn find(
    hits: &[&Hit],
    copy: &StagedTree,
    rules: &RulePack,
    root: Option<&str>,
    report: &mut ToolReport,
) {
    let chains = chains::hits(copy);
    let hits = chains.iter().chain(hits.iter().copied());
    let hits = hits.filter(|hit| !hit.rule.starts_with(CANARY));
    let reached = guarded(|| Reached::of(copy, root));
    let failed = Cell::new(reached.is_none());
    let placed =
        super::place::findings(hits, copy, Provider::Semgrep, |hit, file, before, matched| {
            let context = || {
                let context = reached
                    .as_ref()
                    .and_then(|reached| guarded(|| context(reached, file, hit, before, matched)));
                failed.set(failed.get() || context.is_none());
                context.unwrap_or_default()
            };
            severity(source(hit, rules, context))
        });
    if failed.get() {
        report.problems.push(UNJUDGED.to_owned());
    }
    report.findings.extend(placed.kept);
    report.repeats = placed.repeats;
}

/// The value, but for a panic of ours over a stranger's text: then a match counts as if it stood nowhere special.
fn guarded<T>(judge: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(judge)).ok()
}

fn source(
    hit: &Hit,
    rules: &RulePack,
    context: impl FnOnce() -> super::severity::Context,
) -> Source {
    if hit.rule.starts_with("skillgate.") {
        Source::Bundled {
            level: hit.level,
            malice: hit.category == "malice",
            confidence: hit.confidence,
            listed: rules.may_block(&hit.rule) || chains::blocks(&hit.rule),
            context: context(),
        }
    } else {
        Source::UserPack {
            level: hit.level,
            security: matches!(hit.category.as_str(), "" | "security"),
            unsure: hit.confidence == Grade::Low || hit.likelihood == Grade::Low,
        }
    }
}

fn is_parse_fault(fault: &Fault) -> bool {
    fault.kind.contains("Parsing") || fault.kind.contains("Syntax") || fault.kind.contains("parse")
}

fn why(fault: Option<&Fault>) -> String {
    let said = match fault {
        None => "no parser could take it whole".to_owned(),
        Some(f) if is_parse_fault(f) => "a syntax error".to_owned(),
        Some(f) if f.kind == MATCH_LIMIT => "a pattern gave up on it".to_owned(),
        Some(f) if f.kind.contains("Timeout") => "a rule ran out of time".to_owned(),
        Some(f) if f.kind.contains("memory") || f.kind.contains("Memory") => {
            "it needs too much memory".to_owned()
        }
        Some(f) => super::brief(&f.kind),
    };
    format!(": {said}")
}

/// The names of the files whose canary of a kind came back, behind their content: a canary that
/// the author wrote into a file proves nothing.
fn canaries<'a>(
    output: &'a ToolOutput,
    copy: &StagedTree,
    kind: impl Fn(&str) -> bool,
) -> HashSet<&'a str> {
    let ends = super::content_ends(copy);
    output
        .hits
        .iter()
        .filter(|hit| kind(&hit.rule))
        .filter(|hit| ends.get(hit.name.as_str()).is_some_and(|end| hit.line > *end))
        .map(|hit| hit.name.as_str())
        .collect()
}

/// The files whose text was read: their last reading decides.
fn text_read<'a>(
    first: &'a ToolOutput,
    second: Option<&'a ToolOutput>,
    copy: &StagedTree,
) -> HashSet<&'a str> {
    let mut read = canaries(first, copy, |rule| rule == TEXT_CANARY);
    let Some(second) = second else { return read };
    let read_again: HashSet<String> = unsettled(first, copy).into_iter().collect();
    read.retain(|name| !read_again.contains(*name));
    let cut_short: HashSet<&str> = second
        .faults
        .iter()
        .filter(|f| !is_parse_fault(f))
        .filter_map(|f| f.name.as_deref())
        .collect();
    let again = canaries(second, copy, |rule| rule == TEXT_CANARY);
    read.extend(again.difference(&cut_short));
    read
}

/// The files that a parser took to their end.
fn parsed<'a>(first: &'a ToolOutput, copy: &StagedTree) -> HashSet<&'a str> {
    canaries(first, copy, |rule| rule.starts_with(CANARY) && rule != TEXT_CANARY)
}

fn is_about_a_file(fault: &Fault, copy: &StagedTree) -> bool {
    fault.name.as_deref().is_some_and(|name| copy.file(name).is_some())
}

/// Every kind of canary that its language has, and a finding where the planted file has content.
fn planted_came_back(output: &ToolOutput, copy: &StagedTree) -> Result<(), ToolError> {
    let text = canaries(output, copy, |rule| rule == TEXT_CANARY);
    let code = canaries(output, copy, |rule| rule.starts_with(CANARY) && rule != TEXT_CANARY);
    let found: HashSet<&str> = output
        .hits
        .iter()
        .filter(|hit| !hit.rule.starts_with(CANARY))
        .map(|hit| hit.name.as_str())
        .collect();
    super::all_planted(Provider::Semgrep, copy, |file| {
        let name = file.name.as_str();
        text.contains(name)
            && (code.contains(name) || !file.language.is_parsed())
            && (found.contains(name) || file.content_lines == 0)
    })
}

/// What one engine said of the copy.
struct Readings {
    first: ToolOutput,
    /// Of the files that the first one left unsettled, where there were any.
    second: Option<ToolOutput>,
}

/// Runs semgrep over the copy, on its native engine where that can be believed.
///
/// # Errors
/// It could not run, was killed, or cannot be believed.
async fn run(run: ToolRun<'_>) -> Result<ToolReport, ToolError> {
    let ToolRun { toolbox, copy, root, wall, .. } = run;
    let path = toolbox.tool(Provider::Semgrep);
    let program = path.found()?;
    let native = NativeEngine::of_semgrep(program);
    let mut engines = Engines::choose(toolbox.engine, Provider::Semgrep, native)?;
    let learnt = Learnt::default();
    let attempt = |native: Option<NativeEngine>, wall| {
        let learnt = &learnt;
        Box::pin(async move {
            let reader = Reader::new(run, program, native.as_ref(), run.time(wall), learnt)?;
            let readings = reader.read_all().await?;
            let doubt = native.and_then(|native| doubt::of(&readings, copy, &native));
            Ok((readings, doubt))
        }) as Attempt<'_, Readings>
    };
    let mut report = match engines.run(wall, attempt).await {
        Ok(Readings { first, second }) => {
            judge(&first, second.as_ref(), copy, &toolbox.rules, root)?
        }
        Err(error) => return Err(partial::error(error, run, program, &mut engines, learnt).await),
    };
    report.tool.engine = Some(engines.believed());
    report.problems.extend(engines.problem());
    Ok(report)
}

/// The matches of readings that ended badly, as far as they can be read.
type Learnt = Mutex<Vec<Hit>>;

/// Reads files with one engine, within a time of its own.
struct Reader<'a> {
    run: ToolRun<'a>,
    launch: Launch,
    is_native: bool,
    rules: RulesOnDisk,
    wall: Duration,
    started: Instant,
    learnt: &'a Learnt,
}

impl<'a> Reader<'a> {
    fn new(
        run: ToolRun<'a>,
        program: &Path,
        native: Option<&NativeEngine>,
        wall: Duration,
        learnt: &'a Learnt,
    ) -> Result<Self, ToolError> {
        let rules = run.toolbox.rules.lay_out(&run.dirs.rules).map_err(ToolError::Scratch)?;
        let launch = native.map_or_else(|| Launch::of(program), NativeEngine::launch);
        let (is_native, started) = (native.is_some(), Instant::now());
        Ok(Self { run, launch, is_native, rules, wall, started, learnt })
    }

    /// Reads the copy, twice where the first reading left a file unsettled.
    async fn read_all(&self) -> Result<Readings, ToolError> {
        let copy = self.run.copy;
        let first = self.read(args(&self.rules, &copy.root)).await?;
        // Before the second reading: a void run is not worth one.
        self.keep_unless(planted_came_back(&first, copy), &first)?;
        let again = unsettled(&first, copy);
        let second = if again.is_empty() {
            None
        } else {
            let second = self.read(text_args(&self.rules, &copy.root, &again)).await;
            Some(self.keep_unless(second, &first)?)
        };
        Ok(Readings { first, second })
    }

    /// Reads some files of the copy and the planted ones.
    async fn read_alone(&self, names: &[String]) -> Result<ToolOutput, ToolError> {
        let copy = self.run.copy;
        let planted = copy.files.iter().filter(|file| file.origin == Origin::Planted);
        let names = names.iter().chain(planted.map(|file| &file.name));
        let output =
            self.read(all_rules(&self.rules, names.map(|name| copy.root.join(name)))).await?;
        self.keep_unless(planted_came_back(&output, copy), &output)?;
        Ok(output)
    }

    /// What a reading found counts though a later step failed.
    fn keep_unless<T>(
        &self,
        step: Result<T, ToolError>,
        output: &ToolOutput,
    ) -> Result<T, ToolError> {
        if step.is_err() {
            self.keep(output.hits.clone());
        }
        step
    }

    fn keep(&self, hits: Vec<Hit>) {
        let mut learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        learnt.extend(hits);
        partial::limit(&mut learnt);
    }

    async fn read(&self, args: Vec<OsString>) -> Result<ToolOutput, ToolError> {
        let left = self.wall.saturating_sub(self.started.elapsed());
        let args = if self.is_native { native_args(args) } else { args };
        let (launch, dirs) = (self.launch.clone(), self.run.dirs);
        let (finished, error) =
            super::run_program(&Semgrep, launch, args, dirs, left, &KNOWN_CODES).await?;
        if let Some(error) = error {
            self.keep(report::parse_cut(&finished.stdout));
            return Err(error);
        }
        let output = parse(&finished.stdout).map_err(|source| {
            self.keep(report::parse_cut(&finished.stdout));
            ToolError::Output { provider: Provider::Semgrep, source }
        })?;
        Ok(with_match_limits(output, &finished.stderr_matches))
    }
}
