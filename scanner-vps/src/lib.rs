//! The native scanner: clone, copy, run one tool, normalise, report.
//!
//! A scan goes through the modules in this order: [`git`] fetches one commit and reads its blobs,
//! [`staging`] writes them as a tree whose names and ignore files cannot change what a tool reads,
//! one of the [`tools`] reads that tree, and [`scan`] draws the conclusion. Imports go the other
//! way: scan, tools, staging, git. [`exec`] alone starts processes.

pub mod callback_target;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod delivery;
pub mod exec;
mod final_callback;
pub mod git;
pub mod log;
pub mod mask;
pub mod origin;
mod paths;
mod process;
mod program_path;
pub mod random;
mod renamed_setting;
pub mod scan;
pub mod scratch;
pub mod server;
pub mod staging;
pub mod tools;
