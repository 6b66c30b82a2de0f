//! Commands of POSIX shells and bash: the syntax ([`syntax`], [`parser`]) and what flows through them ([`flow`]).

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

pub use flow::{Start, chains};

#[cfg(test)]
mod tests;
