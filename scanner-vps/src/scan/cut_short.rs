//! A scan whose tool did not come to its end: whether the repository caused that, and what counts all the same.
//!
//! A repository must not end its own scan as an error, which neither blocks nor warns: what was found counts, and an end
//! that its files may have caused is incomplete.

use crate::{
    process::is_stopping,
    scratch::ScratchDir,
    staging,
    tools::{self, ToolDirs, ToolError, ToolReport, ToolRun},
};
use skillgate_contract::{Provider, Severity, callback};
use std::time::{Duration, Instant};

/// How long a tool may take to prove itself on the planted files alone.
const PROOF: Duration = Duration::from_secs(120);

/// The report of a run that ended badly, which is never complete.
///
/// # Errors
/// Nothing critical was found, and no limit was met, and the tool does no better without the repository's files: the
/// error is the scanner's own.
pub(super) async fn report(
    error: ToolError,
    provider: Provider,
    run: ToolRun<'_>,
) -> Result<ToolReport, ToolError> {
    report_unless(is_stopping(), error, provider, run).await
}

/// As [`report`], where `stopping` says whether the scanner itself was told to stop.
async fn report_unless(
    stopping: impl Future<Output = bool>,
    error: ToolError,
    provider: Provider,
    run: ToolRun<'_>,
) -> Result<ToolReport, ToolError> {
    if error.is_of_installation() {
        return Err(error);
    }
    let (mut error, mut report) = error.into_parts();
    if error.may_be_a_stop() && stopping.await {
        error = error.with_the_scanner();
    }
    let mut found = run.copy.findings.iter().chain(&report.findings);
    let critical = found.any(|finding| finding.severity == Severity::Critical);
    let caused = || async { error.is_limit() || proves_itself(provider, run).await };
    if !critical && (error.is_stop() || !caused().await) {
        return Err(error);
    }
    tracing::warn!(event = "tool.cut_short", %provider, "{error}");
    report.problems.insert(0, error.to_string());
    if report.tool.name.is_empty() {
        report.tool =
            callback::Tool { name: provider.as_str().into(), ..callback::Tool::default() };
    }
    Ok(report)
}

/// Whether the tool comes to its end with the planted files alone. Then it was the repository's files that ended it.
async fn proves_itself(provider: Provider, run: ToolRun<'_>) -> bool {
    let Ok(folder) = ScratchDir::new(&run.dirs.home) else { return false };
    let plan = tools::plan(provider, None);
    let Ok(copy) = staging::stage_planted(&plan, folder.path()) else { return false };
    let Ok(dirs) = ToolDirs::new(folder.path()) else { return false };
    let wall = run.time_last(run.wall.min(PROOF));
    // Both engines may need the whole of it.
    let ends = Instant::now() + 2 * wall;
    let alone = ToolRun { copy: &copy, dirs: &dirs, root: None, wall, ends, ..run };
    tools::of(provider).run(alone).await.is_ok()
}

#[cfg(test)]
mod tests;
