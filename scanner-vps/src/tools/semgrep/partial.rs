//! What counts of a scan that semgrep did not bring to its end: the matches that it wrote until then, those of the files
//! that run by themselves, which it reads alone then, and the chains of our own reading.
//!
//! So a flood of other files drowns none of them, and a scan without such an end costs nothing more.

use super::{Hit, Learnt, Reader, Semgrep, TEXT_CANARY, canaries, find};
use crate::tools::{
    FileGaps, ToolError, ToolReport, ToolRun,
    engine::{Attempt, Engines, NativeEngine},
    judged,
    output::ToolOutput,
};
use skillgate_contract::{Provider, callback};
use std::{collections::HashSet, path::Path, sync::PoisonError};

/// The error of a scan, with what was found nevertheless.
pub(super) async fn error(
    error: ToolError,
    run: ToolRun<'_>,
    program: &Path,
    engines: &mut Engines,
    learnt: Learnt,
) -> ToolError {
    if error.is_of_installation() {
        return error;
    }
    let ToolRun { toolbox, copy, root, wall, .. } = run;
    let mut alone = ToolOutput::default();
    if !copy.first.is_empty() {
        let attempt = |native: Option<NativeEngine>, wall| {
            let learnt = &learnt;
            Box::pin(async move {
                let reader = Reader::new(run, program, native.as_ref(), wall, learnt)?;
                Ok((reader.read_alone(&copy.first).await?, None))
            }) as Attempt<'_, ToolOutput>
        };
        alone = engines.run(wall, attempt).await.unwrap_or_default();
    }
    let mut hits = learnt.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Several readings may have seen the same.
    hits.extend(alone.hits.iter().cloned());
    let mut seen = HashSet::new();
    hits.retain(|hit| seen.insert(place(hit)));
    let tool = callback::Tool {
        name: Provider::Semgrep.as_str().into(),
        version: alone.version.clone(),
        rules: toolbox.rules.version().to_owned(),
        engine: None,
    };
    let mut report = ToolReport { tool, ..ToolReport::default() };
    find(&hits.iter().collect::<Vec<_>>(), copy, &toolbox.rules, root, &mut report);
    let read = canaries(&alone, copy, |rule| rule == TEXT_CANARY);
    let mut gaps = FileGaps::default();
    for file in judged(&Semgrep, copy) {
        if read.contains(file.name.as_str()) {
            gaps.scanned(file);
        } else {
            gaps.unscanned(file, "semgrep did not come to its end with it");
        }
    }
    gaps.finish(&Semgrep, &mut report);
    ToolError::Partial { error: Box::new(error), report: Box::new(report) }
}

fn place(hit: &Hit) -> (String, String, [u32; 4]) {
    (hit.rule.clone(), hit.name.clone(), [hit.line, hit.col, hit.end_line, hit.end_col])
}
