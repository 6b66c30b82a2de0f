//! semgrep with the rule pack.

use super::{
    FileGaps, Requirement, RunningTool, ToolError, ToolReport, ToolRun,
    context::context,
    engine::{Attempt, Engines, NativeEngine},
    output::{Fault, Hit, ToolOutput},
    reach::Reached,
    rules::RulePack,
    severity::{Grade, Source, severity},
};
use crate::{exec::StderrMatcher, staging::StagedTree};
use coverage::{
    CANARY, MATCH_LIMIT, is_about_a_file, is_parse_fault, parsed, planted_came_back, text_read,
};
use reader::{Learnt, Reader, Readings};
use skillgate_contract::{Provider, callback};
use std::{
    cell::Cell,
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

mod args;
mod chains;
mod coverage;
mod doubt;
mod partial;
mod profile;
mod reader;
mod report;

pub use args::{args, text_args};
pub use coverage::unsettled;
pub use profile::Semgrep;
pub use report::parse;

#[cfg(test)]
mod tests;

/// Of matches whose place our own code failed over.
const UNJUDGED: &str = "where some matches stand could not be judged";
/// What semgrep's debug log says when PCRE2 gives up on a file, and above it which file that was
/// (semgrep 1.185.0, `SEMGREP_LOG_SRCS=semgrep.engine` with `--debug`; nothing else tells).
const MATCH_LIMIT_LOGGED: StderrMatcher =
    StderrMatcher { context: "Core_scan analyzing ", pattern: "PCRE2 error while matching" };

impl super::Tool for Semgrep {
    fn requirement(&self) -> Requirement {
        Requirement {
            name: "semgrep",
            setting: "SEMGREP_BIN",
            minimum: "1.185.0",
            how: "pip install semgrep==1.185.0, in a virtual environment of its own",
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
