//! The tool of the made-up fourth provider: it reports lines that hold a fixed, harmless word.
//!
//! The program is whatever `STUBSCAN_BIN` names. It is started with the folder of the staged files and
//! prints `stubscan VERSION`, then `PATH:LINE:MATCH` for each match of the word and of a canary
//! (see [`FINDS`] and [`CANARY`]). It shows that a provider needs one file of its own here.

use super::{
    FileGaps, Requirement, RunningTool, ToolError, ToolReport, ToolRun,
    output::{Hit, ParseError, name_of, not_empty},
    severity::{Grade, Level},
};
use crate::staging::{Language, StagedTree, StagingProfile};
use skillgate_contract::{Provider, Severity, callback};
use std::collections::HashSet;

/// The word that it finds.
const FINDS: &str = "skillgate-stub-word";
/// What each canary begins with; the file's id follows.
const CANARY: &str = "skillgate-stub-canary-";

/// The tool of the provider of the same name.
#[derive(Debug, Clone, Copy)]
pub struct Stub;

impl StagingProfile for Stub {
    fn provider(&self) -> Provider {
        Provider::Stub
    }

    fn canary(&self, _language: Language, _mark: &str, id: &str) -> String {
        format!("\n{CANARY}{id}\n")
    }

    fn planted(&self) -> &'static [(Language, &'static str)] {
        &[(Language::Text, "skillgate-stub-word\n")]
    }
}

impl super::Tool for Stub {
    fn requirement(&self) -> Requirement {
        Requirement {
            name: "stubscan",
            setting: "STUBSCAN_BIN",
            minimum: "1.0.0",
            how: "it does not exist outside of tests",
        }
    }

    fn run<'a>(&'a self, run: ToolRun<'a>) -> RunningTool<'a> {
        Box::pin(self::run(run))
    }
}

async fn run(run: ToolRun<'_>) -> Result<ToolReport, ToolError> {
    let ToolRun { toolbox, copy, dirs, wall, .. } = run;
    let path = toolbox.tool(Provider::Stub);
    let args = vec![copy.root.clone().into()];
    let finished = super::start(&Stub, &path, args, dirs, wall, &[0]).await?;
    let (version, hits) = parse(&finished.stdout)
        .map_err(|source| ToolError::Output { provider: Provider::Stub, source })?;
    judge(version, &hits, copy)
}

/// The version and the matches of a whole output.
fn parse(stdout: &[u8]) -> Result<(String, Vec<Hit>), ParseError> {
    let text = String::from_utf8_lossy(not_empty(stdout)?);
    let mut lines = text.lines();
    let version = lines.next().and_then(|line| line.strip_prefix("stubscan "));
    let version = version.ok_or(ParseError::Lacks("a version"))?;
    let hits = lines.map(|line| {
        let mut parts = line.splitn(3, ':');
        let (path, line, found) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        Some(Hit {
            loose: false,
            rule: found.to_owned(),
            name: name_of(path),
            line,
            end_line: line,
            col: 1,
            end_col: 1,
            message: "The word that the stub tool looks for.".into(),
            level: Level::Warning,
            category: String::new(),
            confidence: Grade::default(),
            likelihood: Grade::default(),
            steps: Vec::new(),
        })
    });
    let hits = hits.collect::<Option<Vec<Hit>>>().ok_or(ParseError::Lacks("a line's number"))?;
    Ok((version.to_owned(), hits))
}

fn judge(version: String, hits: &[Hit], copy: &StagedTree) -> Result<ToolReport, ToolError> {
    let ends = super::content_ends(copy);
    let is_read = |hit: &&Hit| {
        let id = hit.rule.strip_prefix(CANARY).map(|id| (id, hit.line));
        let (file, end) = (copy.file(&hit.name), ends.get(hit.name.as_str()));
        id.is_some_and(|(id, line)| file.is_some_and(|f| f.id == id) && end < Some(&line))
    };
    let read: HashSet<&str> = hits.iter().filter(is_read).map(|hit| hit.name.as_str()).collect();
    let found: HashSet<&str> =
        hits.iter().filter(|hit| hit.rule == FINDS).map(|hit| hit.name.as_str()).collect();
    super::all_planted(Provider::Stub, copy, |file| {
        read.contains(file.name.as_str()) && found.contains(file.name.as_str())
    })?;

    let name = Provider::Stub.to_string();
    let tool = callback::Tool { name, version, ..callback::Tool::default() };
    let mut report = ToolReport { tool, ..ToolReport::default() };
    let mut gaps = FileGaps::default();
    for file in super::judged(&Stub, copy) {
        if read.contains(file.name.as_str()) {
            gaps.scanned(file);
        } else {
            gaps.unscanned(file, "stubscan did not read this file to its end");
        }
    }
    gaps.finish(&Stub, &mut report);
    let hits = hits.iter().filter(|hit| hit.rule == FINDS);
    let grade = |_: &_, _: &_, _: &str, _: &str| Severity::Medium;
    let placed = super::place::findings(hits, copy, Provider::Stub, grade);
    report.findings.extend(placed.kept);
    report.repeats = placed.repeats;
    Ok(report)
}
