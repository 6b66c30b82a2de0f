//! `cargo xtask`: everything that this repository does to itself.

#![forbid(unsafe_code)]

use clap::{Parser, Subcommand};
use std::error::Error;
use std::iter;
use std::process::ExitCode;
use xtask::gate::{self, Part};
use xtask::interrupt::{self, OnInterrupt};
use xtask::tools::{LintTools, Tools, WorkerTools, WorkflowTools, chromium};
use xtask::ui::Ui;
use xtask::worker_build::{self, SizeLimit};
use xtask::workspace::Workspace;
use xtask::{bench, demo, detection, openapi, screenshots};

/// Gets the tools, builds the worker and runs the local stack.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Get every tool, and list them with versions and paths.
    Tools,
    /// Build the worker, and say how large it is.
    Build {
        /// Succeed even when the bundle is over its size budget.
        #[arg(long)]
        allow_oversize: bool,
    },
    /// Start the whole product, scan two sample skills, and show the result.
    Demo {
        /// End afterwards instead of staying up until Ctrl-C.
        #[arg(long)]
        once: bool,
    },
    /// Start the whole product, without samples, until Ctrl-C.
    Dev,
    /// Write docs/openapi.json from the contract's types.
    Openapi,
    /// Measure a scan with each tool beside the bare tool.
    Bench,
    /// Measure how much malice the rules find, and how much honest material they accuse.
    Detection(detection::Options),
    /// Take a picture of every page in every state, in light, in dark and on a phone.
    Screenshots,
    /// Run every check and every test, or one part of them.
    #[command(args_conflicts_with_subcommands = true)]
    Test {
        #[command(subcommand)]
        part: Option<Part>,
        /// Of the end-to-end tests, only those whose name has one of these in it.
        filter: Vec<String>,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ui = Ui::from_env();
    let outcome = interrupt::listen(OnInterrupt::Unwind)
        .map_err(Into::into)
        .and_then(|()| run(&cli.command, &ui));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if interrupt::happened() => {
            ui.bad("interrupted; the same command goes on from here");
            ExitCode::from(interrupt::EXIT_INTERRUPTED)
        }
        Err(error) => {
            report(&ui, error.as_ref());
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Subcommands, ui: &Ui) -> Result<(), Box<dyn Error>> {
    let workspace = Workspace::find()?;
    match command {
        Subcommands::Tools => tools(ui, &workspace),
        Subcommands::Build { allow_oversize } => build(ui, &workspace, *allow_oversize),
        Subcommands::Demo { once } => demo::demo(ui, &workspace, *once),
        Subcommands::Dev => demo::dev(ui, &workspace),
        Subcommands::Openapi => Ok(openapi::write(ui, &workspace)?),
        Subcommands::Bench => bench::bench(ui, &workspace),
        Subcommands::Detection(options) => Ok(detection::detection(ui, &workspace, options)?),
        Subcommands::Screenshots => screenshots::screenshots(ui, &workspace),
        Subcommands::Test { part: Some(part), .. } => gate::part(ui, &workspace, part),
        Subcommands::Test { part: None, filter } => gate::test(ui, &workspace, filter),
    }
}

fn tools(ui: &Ui, workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    let tools = Tools::ensure(ui, workspace)?;
    let workflow = WorkflowTools::ensure(ui, workspace)?;
    let lint = LintTools::ensure(ui, workspace)?;
    let browser = chromium::ensure(ui, workspace);
    let head = ["tool", "version", "path"].map(str::to_owned).to_vec();
    let all = tools
        .list()
        .into_iter()
        .chain([&workflow.act])
        .chain(lint.list())
        .chain(browser.as_ref().ok());
    let rows = all.map(|tool| {
        let version = tool.version.to_string();
        vec![tool.name.to_owned(), version, tool.path.display().to_string()]
    });
    ui.table(&iter::once(head).chain(rows).collect::<Vec<_>>());
    // Last, since only the tests of the pages need it: who lacks it sees all the others first.
    browser?;
    Ok(())
}

fn build(ui: &Ui, workspace: &Workspace, allow_oversize: bool) -> Result<(), Box<dyn Error>> {
    let tools = WorkerTools::ensure(ui, workspace)?;
    let limit = if allow_oversize { SizeLimit::Report } else { SizeLimit::Enforce };
    worker_build::build(ui, workspace, &tools, limit)?;
    Ok(())
}

/// The error and what caused it, one line each.
fn report(ui: &Ui, error: &dyn Error) {
    ui.bad(error);
    for cause in iter::successors(error.source(), |&cause| cause.source()) {
        ui.line(format_args!("  because: {cause}"));
    }
}
