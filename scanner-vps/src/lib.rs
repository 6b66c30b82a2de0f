//! The native scanner: clone, copy, run one tool, normalise, report.
//!
//! A scan goes through the modules from top to bottom: [`git`] clones one commit and reads its
//! blobs, [`staging`] lays them out as a copy that no file name or ignore file can steer,
//! [`tools`] run over that copy, and [`scan`] draws the conclusion. [`exec`] is the only place that starts a process.

mod backoff;
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
pub mod random;
pub mod scan;
pub mod scratch;
pub mod secret;
pub mod server;
pub mod staging;
pub mod tools;
