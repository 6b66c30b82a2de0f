//! Code in JavaScript and Python: what its calls read, fetch, decode, send and run, and what data ties them.
//!
//! A tolerant reader of our own (`parser`) makes one tree of both languages. `flow` follows data through it:
//! variables, fields, functions of the file, callbacks, files. Strings are folded as far as their parts are known. What
//! is handed to a shell is read by [`crate::shell`] with its origins.
//!
//! Every statement counts, also one in a branch that may not be taken. A function that nothing in the file calls is
//! followed with arguments that are not known.

mod arguments;
mod data;
mod decoding;
mod documents;
mod effects;
mod evaluate;
mod flow;
mod folding;
mod functions;
mod lexer;
mod members;
mod methods;
mod names;
mod network;
mod operations;
mod parser;
mod skill;
mod sockets;
mod syntax;

pub use flow::{LIMITS, chains};
pub use skill::{LINKED_LIMITS, Linked, MAX_PROGRAMS, SkillFile, linked};
pub(crate) use skill::{first_line, located};
pub use syntax::Dialect;

#[cfg(test)]
mod tests;
