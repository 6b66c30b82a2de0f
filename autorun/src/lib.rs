//! What AI agents run by themselves in a skill's folder.
//!
//! Files of a skill, or of its repository, make an agent start a process, load code or allow tools without a further
//! act of the user. [`inventory`] lists them: who runs what, from which file and line, when, and what stands before it.
//! It says nothing about whether that is good or bad. `docs/agents.md` of this repository says in words what each
//! agent does, and how that was seen.
//!
//! # What is in, what is out
//!
//! In goes a [`Folder`]: paths with bytes, and links with their targets. Nothing is read from a disk, nothing is run.
//! Out comes an [`Inventory`] of entries, grants and unread files. The same folder always gives the same inventory.
//!
//! # How it reads
//!
//! - As leniently as the agents. Claude Code closes a front matter at the first three dashes anywhere and repairs YAML
//!   that does not parse; so does this crate. Where two agents read a file differently, both readings count, and each
//!   entry names its agent. An entry of another reading than Claude Code's says what that reading holds.
//! - Decoded, never searched: keys and commands are compared after escapes, anchors, merge keys and folded lines.
//! - What an agent would parse and this crate cannot is [`Unread`]. A caller must not call such a folder clean.
//! - Bounded: 1 MiB a file, 96 levels of YAML, 512 of JSON, 80 of TOML, 50,000 values of a YAML text with its aliases
//!   counted as what they stand for, 1,000 entries, 4 MiB of commands. Beyond a limit the file is unread. Nothing
//!   panics on any bytes.
//! - In bounded work, whatever the files name: 4,096 bytes and 256 parts of a path, 16 links on it, 4,096 names by links
//!   to folders, 256 paths in a list of a manifest, each once, and 64 MiB of all files read again. Beyond a limit the
//!   link, manifest or file is unread.
//!
//! # Parsers
//!
//! All three give positions, are kept by their authors and bring no `unsafe` of ours: `saphyr-parser` (YAML 1.2 as
//! events, so that duplicate keys, aliases and merge keys are decided here), `jsonc-parser` (a syntax tree of JSON,
//! JSON with comments and JSON5), `toml` (a table with spans). No manifest is read by a regular expression; dynamic
//! commands are found as the agents find them, which know no Markdown.

mod collector;
mod command;
mod dynamic;
mod folder;
mod front_matter;
mod hook_schema;
mod hooks;
mod json;
mod model;
mod readers;
mod servers;
mod text;
mod toml;
mod tools;
mod value;
mod yaml;
mod yaml_lenient;

pub use collector::MAX_ENTRIES;
pub use folder::{Entry, Folder, MAX_FILE_BYTES};
pub use model::{
    Agent, AutoRun, Gate, Grant, Inventory, Language, Permission, Unread, UnreadReason, When,
};
pub use readers::inventory;
