//! What counts of a scan that semgrep did not bring to its end: the matches that it wrote until then, those of the files
//! that run by themselves, which it reads alone then, and the chains of our own reading.
//!
//! So a flood of other files drowns none of them, and a scan without such an end costs nothing more.

use super::{
    Hit, Semgrep,
    coverage::{TEXT_CANARY, canaries},
    find,
    reader::{Learnt, Reader},
};
use crate::tools::{
    FileGaps, ToolError, ToolReport, ToolRun,
    engine::{Attempt, Engines, NativeEngine},
    judged,
    output::ToolOutput,
};
use skillgate_contract::{Provider, callback};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::PoisonError,
};

/// Matches that are kept of readings that ended badly, at most: a report of 64 MiB may hold a million.
const MAX_HITS: usize = 20_000;

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
                let wall = run.time_alone(wall);
                let reader = Reader::new(run, program, native.as_ref(), wall, learnt)?;
                Ok((reader.read_alone(&copy.first).await?, None))
            }) as Attempt<'_, ToolOutput>
        };
        alone = engines.run(wall, attempt).await.unwrap_or_default();
    }
    let mut hits = learnt.into_inner().unwrap_or_else(PoisonError::into_inner);
    hits.extend(alone.hits.iter().cloned());
    limit(&mut hits);
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

/// Keeps [`MAX_HITS`], each once: several readings may have seen the same. Where there are more, those of malice count
/// first, and of these the first ones of each rule in each file: a flood drowns no other rule and no other file.
pub(super) fn limit(hits: &mut Vec<Hit>) {
    let mut seen = HashSet::new();
    hits.retain(|hit| seen.insert(place(hit)));
    if hits.len() <= MAX_HITS {
        return;
    }
    let mut count: HashMap<(String, String), usize> = HashMap::new();
    hits.sort_by_cached_key(|hit| {
        let nth = count.entry((hit.rule.clone(), hit.name.clone())).or_default();
        *nth += 1;
        (hit.category != "malice", *nth)
    });
    hits.truncate(MAX_HITS);
}

fn place(hit: &Hit) -> (String, String, [u32; 4]) {
    (hit.rule.clone(), hit.name.clone(), [hit.line, hit.col, hit.end_line, hit.end_col])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::severity::{Grade, Level};

    #[test]
    fn g53_few_matches_are_kept_each_once_and_a_flood_drowns_none_of_another_file() {
        let hit = |name: &str, category: &str, line: u32| Hit {
            rule: "r".into(),
            name: name.into(),
            line,
            end_line: line,
            col: 1,
            end_col: 2,
            loose: false,
            message: String::new(),
            level: Level::Error,
            category: category.into(),
            confidence: Grade::High,
            likelihood: Grade::High,
            steps: Vec::new(),
        };
        let flood = |category: &'static str| {
            (0..2 * 20_000).map(move |line| hit("flood.md", category, line))
        };
        for category in ["malice", "security"] {
            let mut hits: Vec<_> = flood(category).collect();
            hits.extend([hit("a.sh", "malice", 7), hit("a.sh", "malice", 7)]);
            limit(&mut hits);
            assert_eq!(hits.len(), MAX_HITS);
            let kept = hits.iter().filter(|hit| hit.name == "a.sh").count();
            assert_eq!(kept, 1, "{category}");
        }
    }
}
