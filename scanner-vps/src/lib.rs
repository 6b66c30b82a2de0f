//! The native scanner: clone, copy, run one tool, normalise, report.
//!
//! A scan goes through the modules from top to bottom: [`git`] clones one commit and reads its
//! blobs, [`neutral`] lays them out as a copy that no file name or ignore file can steer,
//! [`tools`] run over that copy, and [`scan`] draws the conclusion. [`exec`] is the only place that starts a process.

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
pub mod neutral;
pub mod origin;
mod process;
pub mod random;
mod renamed_setting;
pub mod scan;
pub mod server;
pub mod tools;
pub mod workplace;
