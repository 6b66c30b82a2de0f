//! Reads which modules of its own crate each source file imports.
//!
//! Two tests hold import rules: `tests/it/tidy/rules.rs` those of the worker, `scanner-vps/tests/tidy.rs`
//! those of the scanner. Each has its own table of rules; what reads the sources is here, once. No I/O but
//! [`sources`].

#![expect(clippy::string_slice, reason = "positions come from the same text, at ASCII characters")]

mod code;
mod graph;
mod imports;
mod rule;
mod source;

pub use code::{code, without_tests};
pub use graph::{Graph, circles, graph, grouped};
pub use imports::{Import, imports, module};
pub use rule::{Fault, Rule};
pub use source::{Source, is_below, sources};
