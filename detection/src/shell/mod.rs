//! Commands of POSIX shells and bash: the syntax, and what flows through them ([`chains`]).

mod builtin;
mod command;
mod expand;
mod files;
mod flow;
mod interpreters;
mod network;
mod options;
mod parser;
mod syntax;

pub(crate) use flow::{Command, START_FILES, follow, key};
pub use flow::{Start, chains};

#[cfg(test)]
mod tests;
