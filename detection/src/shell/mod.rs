//! Commands of POSIX shells and bash: the syntax, and what flows through them ([`chains`]).

mod backdoor;
mod batch;
mod builtin;
mod command;
mod destruction;
mod expand;
mod files;
mod flow;
mod interpreters;
mod miner;
mod network;
mod options;
mod parser;
mod persistence;
mod schedule;
mod skill;
mod syntax;
mod windows;

pub use batch::as_shell;
pub(crate) use destruction::is_personal;
pub(crate) use flow::{Command, follow, key};
pub use flow::{Start, chains};
pub(crate) use persistence::{is_start_file, lets_in};
pub use skill::{LINKED_LIMITS, SkillScript, linked};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_takeover;
