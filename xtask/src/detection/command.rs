//! `cargo xtask detection`: measures, prints, and writes the page.

use super::attribution::Outcome;
use super::measure::{self, Measured};
use super::package_table::Tally;
use super::page::{self, Section};
use super::report::Status;
use super::sample::{self, Sample, Split};
use super::scan::Scanner;
use super::{DetectionError, Files, pack_time, package_table, packages, tables};
use crate::scanner_build;
use crate::tools::{self, ScannerTools};
use crate::ui::{self, Ui};
use crate::workspace::Workspace;
use clap::ValueEnum;
use std::path::{Path, PathBuf};

/// The samples, from the root of the repository.
const SAMPLES: &str = "scanner-vps/rules-tests/detection";

/// Which samples are scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Set {
    /// Those that everybody may read.
    Open,
    /// Those that nobody who writes rules has read.
    HeldBack,
    /// Both.
    #[default]
    All,
}

/// What to measure, and what to do with it.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Which samples are scanned.
    #[arg(long, value_enum, default_value_t, conflicts_with = "update")]
    set: Set,
    /// Read samples from this folder, in the same form, for instance a set of one's own.
    #[arg(long, value_name = "FOLDER", conflicts_with = "update")]
    samples: Option<PathBuf>,
    /// Name each sample that was missed or accused. Whoever writes rules must not ask this of samples held back.
    #[arg(long)]
    mistakes: bool,
    /// Scan this many of the samples also alone, and fail where one has another result than among others.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    alone: usize,
    /// Scan the pinned packages instead of the samples; needs the network once.
    #[arg(long)]
    honest_packages: bool,
    /// Of the packages only this one; may be given more than once.
    #[arg(long, value_name = "NAME", requires = "honest_packages")]
    package: Vec<String>,
    /// Measure a skill of 200 files out of the pinned packages on one core instead.
    #[arg(long, conflicts_with = "honest_packages")]
    time: bool,
    /// How often that is measured; the median counts.
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    runs: u8,
    /// Measure this program instead of the scanner as tests build it, for instance one that was built for release.
    #[arg(long, value_name = "PROGRAM")]
    scanner: Option<PathBuf>,
    /// Write what was measured into docs/detection.md.
    #[arg(long)]
    update: bool,
}

/// Measures what `options` say.
///
/// # Errors
/// When something cannot be had, built or scanned.
pub fn detection(ui: &Ui, workspace: &Workspace, options: &Options) -> Result<(), DetectionError> {
    let tools = ScannerTools::ensure_all_but_trufflehog(ui, workspace)?;
    let binary = match &options.scanner {
        Some(program) => std::path::absolute(program).map_err(DetectionError::Start)?,
        None => scanner_build::build(ui, workspace)?,
    };
    let scanner = Scanner { binary, tools, on_one_core: false };
    let (section, text) = if options.honest_packages {
        (Section::Packages, of_packages(ui, workspace, &scanner, options)?)
    } else if options.time {
        (Section::Time, of_time(ui, workspace, &scanner, options)?)
    } else {
        (Section::Samples, of_samples(ui, workspace, &scanner, options)?)
    };
    ui.line(&text);
    if options.update {
        page::update(workspace, section, &text)?;
        ui.good("docs/detection.md is written; say in the commit why its numbers moved");
    }
    Ok(())
}

/// The section of the page about the samples of this repository, measured now.
///
/// # Errors
/// When a sample cannot be read or scanned.
pub fn section_of_samples(
    ui: &Ui,
    workspace: &Workspace,
    scanner: &Scanner,
) -> Result<String, DetectionError> {
    let samples = sample::read(&workspace.root().join(SAMPLES))?;
    let measured = measured(ui, scanner, &samples)?;
    Ok(tables::markdown(&judged(&samples, &measured), &measured.versions))
}

fn of_samples(
    ui: &Ui,
    workspace: &Workspace,
    scanner: &Scanner,
    options: &Options,
) -> Result<String, DetectionError> {
    let own = workspace.root().join(SAMPLES);
    let mut samples = sample::read(options.samples.as_deref().unwrap_or(&own))?;
    samples.retain(|sample| match options.set {
        Set::Open => sample.split == Split::Open,
        Set::HeldBack => sample.split == Split::HeldBack,
        Set::All => true,
    });
    let measured = measured(ui, scanner, &samples)?;
    let judged = judged(&samples, &measured);
    if options.alone > 0 {
        let all: Vec<_> =
            judged.iter().map(|(s, outcome)| (s.id.as_str(), &s.files, *outcome)).collect();
        measure::check_alone(ui, scanner, &all, options.alone)?;
    }
    if options.mistakes {
        ui.table(&tables::mistakes(&judged));
    }
    cost(ui, &measured);
    Ok(tables::markdown(&judged, &measured.versions))
}

fn measured(ui: &Ui, scanner: &Scanner, samples: &[Sample]) -> Result<Measured, DetectionError> {
    let files: Vec<_> = samples.iter().map(|sample| &sample.files).collect();
    measure::measure(ui, scanner, "samples", &files)
}

fn judged<'a>(samples: &'a [Sample], measured: &'a Measured) -> Vec<tables::Judged<'a>> {
    samples.iter().zip(&measured.outcomes).collect()
}

fn cost(ui: &Ui, measured: &Measured) {
    let wall = ui::duration(measured.wall);
    let cpu = measured.cpu.map(|cpu| format!(", {} of CPU time", ui::duration(cpu)));
    ui.note(format_args!("{} scans, {wall}{}", measured.scans, cpu.unwrap_or_default()));
}

fn of_packages(
    ui: &Ui,
    workspace: &Workspace,
    scanner: &Scanner,
    options: &Options,
) -> Result<String, DetectionError> {
    let cache = cache(workspace)?;
    let (mut skills, mut owners) = (Vec::new(), Vec::new());
    let mut list = packages::list(workspace)?;
    let pinned = list.len();
    list.retain(|package| options.package.is_empty() || options.package.contains(&package.name));
    for package in list {
        let files = packages::files_of(ui, workspace, &cache, &package)?;
        let count = files.len();
        let found = packages::skills(files);
        owners.push((package, count, found.len()));
        skills.extend(found);
    }
    let files: Vec<_> = skills.iter().map(|(_, files)| files).collect();
    let load = pack_time::load();
    let measured = measure::measure(ui, scanner, "packages", &files)?;
    let mut results = skills.iter().zip(&measured.outcomes);
    let mut tallies = Vec::new();
    for (package, files, count) in owners {
        let own: Vec<_> = results.by_ref().take(count).collect();
        for ((root, _), outcome) in &own {
            accusations(ui, &format!("{}/{root}", package.name), outcome);
        }
        let outcomes = own.into_iter().map(|(_, outcome)| outcome.clone()).collect();
        tallies.push(Tally { package, files, outcomes });
    }
    cost(ui, &measured);
    Ok(package_table::markdown(&tallies, pinned, &measured, load.as_deref()))
}

/// Says what a skill that is taken for honest is accused of.
fn accusations(ui: &Ui, skill: &str, outcome: &Outcome) {
    for (severity, rule, file) in &outcome.grave {
        ui.note(format_args!("{severity} {rule}: {skill}: {file}"));
    }
    if outcome.status != Status::Pass {
        ui.note(format_args!("{:?}, score {}: {skill}", outcome.status, outcome.counts.score()));
    }
}

fn of_time(
    ui: &Ui,
    workspace: &Workspace,
    scanner: &Scanner,
    options: &Options,
) -> Result<String, DetectionError> {
    let cache = cache(workspace)?;
    let packages = packages::list(workspace)?;
    let files: Result<Vec<Files>, _> =
        packages.iter().map(|package| packages::files_of(ui, workspace, &cache, package)).collect();
    let load = pack_time::load();
    let time = pack_time::measure(ui, scanner, &files?, options.runs)?;
    let build = match options.scanner {
        Some(_) => "as it was given with `--scanner`",
        None => "as tests build it, without optimisation",
    };
    Ok(pack_time::markdown(&time, build, load.as_deref()))
}

fn cache(workspace: &Workspace) -> Result<PathBuf, DetectionError> {
    let cache: &Path = &tools::cache_dir(workspace)?;
    Ok(cache.join("packages"))
}
