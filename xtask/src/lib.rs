//! The machinery behind `cargo xtask`: getting tools, building the worker, running the local stack.
//!
//! It is a library as well as a program because the end-to-end tests drive the very same stack:
//!
//! - [`workspace`] knows the repository's folders, [`ui`] talks to the person, [`process`] runs children;
//! - [`tools`] gets every external tool, once, into the user's cache;
//! - [`worker_build`] turns the worker crate into what `wrangler` serves;
//! - [`scanner_build`] builds the scanner;
//! - [`stack`] is what runs locally: the worker in workerd, the scanner, and a git host on loopback;
//! - [`samples`] are two skills to scan, [`demo`] shows them being scanned, [`gate`] runs every test,
//!   [`mod@bench`] measures a scan beside the bare tool, [`mod@detection`] what the rules find and whom they accuse, [`openapi`] writes the API's description, [`screenshots`] shows every
//!   page in every state.

#![forbid(unsafe_code)]

pub mod bench;
pub mod demo;
pub mod detection;
pub mod files;
mod function_order;
pub mod gate;
mod glue;
pub mod interrupt;
mod native_build;
pub mod openapi;
pub mod process;
pub mod samples;
pub mod scanner_build;
pub mod screenshots;
pub mod stack;
pub mod tools;
pub mod ui;
pub mod worker_build;
pub mod workspace;
