//! Reads what the commands of a skill do, and joins it into chains of evidence.
//!
//! A rule that matches text sees spelling: the same attack passes behind a variable, a quote or a line break, and an
//! honest sentence that holds the same words does not. This crate parses commands as the shell would ([`shell`]),
//! follows data through them (a variable, a pipe, a file that is written and then run), and reports a [`Chain`] where
//! two facts that have no honest reading together are tied by that data: what was fetched from a throw-away host is
//! what is run, what is read from a key file is what is sent. Prose is read for what it tells an agent to do ([`prose`]).
//!
//! A fact alone is no chain. Nothing is ever run, opened or resolved: the crate is a plain function of text, bounded in
//! time and memory by [`Limits`].

mod chain;
pub mod code;
mod decode;
mod gathered;
mod host;
mod judge;
pub mod prose;
pub mod script;
mod secret;
pub mod shell;
pub mod strings;
mod value;

pub use chain::{Chain, Fact, Rule, Step};
pub use gathered::{GATHERED_LIMITS, GatheredFile, gathered};
pub use host::Host;

/// How much of one file is read; what lies beyond is not analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Commands of functions that are called and of texts that are decoded or evaluated. All texts of the file share them.
    pub commands: u32,
    /// Levels of substitution, quoting, wrapping and decoding.
    pub depth: u32,
    /// Bytes of data that commands may still read, print or copy. All texts of the file share them.
    pub work: usize,
    /// The commands or the work did not suffice: some of the file was not followed.
    pub exhausted: bool,
    /// The depth did not suffice. Of commands, that says as much; a string that is no command at all may look so too.
    pub too_deep: bool,
    /// Bytes of a value that is kept: the content of a variable, of a file or of a pipe.
    pub value_bytes: usize,
}

impl Limits {
    /// Takes the work of `bytes` of data; false, and noted, where there is none left.
    pub(crate) const fn pay(&mut self, bytes: usize) -> bool {
        match self.work.checked_sub(bytes) {
            Some(work) => self.work = work,
            None => {
                self.exhausted = true;
                return false;
            }
        }
        true
    }

    /// Takes one level of `depth`; false, and noted, where there is none left.
    pub(crate) const fn descend(&mut self, depth: &mut u32) -> bool {
        match depth.checked_sub(1) {
            Some(left) => *depth = left,
            None => {
                self.too_deep = true;
                return false;
            }
        }
        true
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            commands: 50_000,
            depth: 64,
            work: 64 << 20,
            exhausted: false,
            too_deep: false,
            value_bytes: 65_536,
        }
    }
}
