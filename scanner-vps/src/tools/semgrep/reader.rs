//! Reading files with one engine.

use super::{
    Semgrep,
    args::{all_rules, args, text_args},
    coverage::{planted_came_back, unsettled, with_match_limits},
    parse, partial, report,
};
use crate::{
    staging::Origin,
    tools::{
        Launch, ToolError, ToolRun,
        engine::{NativeEngine, native_args},
        output::{Hit, ToolOutput},
        rules::RulesOnDisk,
    },
};
use skillgate_contract::Provider;
use std::{
    ffi::OsString,
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What semgrep may return: it ran (findings alone do not change it without `--error`), or, with
/// `--error`, it found something.
const KNOWN_CODES: [i32; 2] = [0, 1];

/// What one engine said of the copy.
pub(super) struct Readings {
    pub(super) first: ToolOutput,
    /// Of the files that the first one left unsettled, where there were any.
    pub(super) second: Option<ToolOutput>,
}

/// The matches of readings that ended badly, as far as they can be read.
pub(super) type Learnt = Mutex<Vec<Hit>>;

/// Reads files with one engine, within a time of its own.
pub(super) struct Reader<'a> {
    run: ToolRun<'a>,
    launch: Launch,
    is_native: bool,
    rules: RulesOnDisk,
    wall: Duration,
    started: Instant,
    learnt: &'a Learnt,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
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
    pub(super) async fn read_all(&self) -> Result<Readings, ToolError> {
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
    pub(super) async fn read_alone(&self, names: &[String]) -> Result<ToolOutput, ToolError> {
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
            crate::tools::run_program(&Semgrep, launch, args, dirs, left, &KNOWN_CODES).await?;
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
