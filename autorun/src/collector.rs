//! Gathers what readers find, once each, up to a limit.

use crate::model::{
    Agent, AutoRun, Gate, Grant, Inventory, Language, Permission, Unread, UnreadReason, When,
};
use std::collections::BTreeSet;

/// The most entries of one folder.
pub const MAX_ENTRIES: usize = 1_000;
/// The most bytes of all commands of one folder.
const MAX_BYTES: usize = 4 << 20;

/// Where a reader is: who reads which file, and what stands before anything in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) agent: Agent,
    pub(crate) file: &'a str,
    pub(crate) gate: Gate,
}

/// One thing that a reader found in its file.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) key: String,
    pub(crate) line: u32,
    pub(crate) when: When,
    pub(crate) event: Option<String>,
    pub(crate) command: String,
    pub(crate) language: Language,
    pub(crate) permission: Option<Permission>,
    pub(crate) target: Option<String>,
}

impl Found {
    pub(crate) fn new(
        key: impl Into<String>,
        line: u32,
        when: When,
        command: impl Into<String>,
    ) -> Self {
        Self {
            key: key.into(),
            line,
            when,
            event: None,
            command: command.into(),
            language: Language::Shell,
            permission: None,
            target: None,
        }
    }

    pub(crate) fn is(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    pub(crate) fn on(mut self, event: &str) -> Self {
        self.event = Some(event.to_owned());
        self
    }

    pub(crate) fn code_in(mut self, target: Option<String>) -> Self {
        self.target = target;
        self
    }
}

#[derive(Debug)]
pub(crate) struct Collector {
    entries: BTreeSet<AutoRun>,
    grants: BTreeSet<Grant>,
    unread: BTreeSet<Unread>,
    bytes: usize,
}

impl Collector {
    pub(crate) const fn new() -> Self {
        Self {
            entries: BTreeSet::new(),
            grants: BTreeSet::new(),
            unread: BTreeSet::new(),
            bytes: 0,
        }
    }

    /// Takes what runs by itself.
    pub(crate) fn run(&mut self, source: Source<'_>, found: Found) {
        self.bytes += found.command.len() + found.key.len();
        if self.entries.len() >= MAX_ENTRIES || self.bytes > MAX_BYTES {
            self.unread(source.file, UnreadReason::TooMany);
            return;
        }
        self.entries.insert(AutoRun {
            file: source.file.to_owned(),
            line: found.line,
            agent: source.agent,
            key: found.key,
            event: found.event,
            when: found.when,
            gate: source.gate,
            permission: found.permission,
            command: found.command,
            language: found.language,
            target: found.target,
        });
    }

    pub(crate) fn grant(&mut self, agent: Agent, file: &str, line: u32, tools: Vec<String>) {
        let bytes: usize = tools.iter().map(String::len).sum();
        self.bytes += bytes;
        if self.grants.len() >= MAX_ENTRIES || self.bytes > MAX_BYTES {
            self.unread(file, UnreadReason::TooMany);
            return;
        }
        let all_shell = tools.iter().any(|tool| crate::tools::is_all_shell(tool));
        self.grants.insert(Grant { file: file.to_owned(), line, agent, tools, all_shell });
    }

    /// One fact of each kind for each file is enough.
    pub(crate) fn unread(&mut self, file: &str, reason: UnreadReason) {
        if self.unread.len() < MAX_ENTRIES {
            self.unread.insert(Unread { file: file.to_owned(), reason });
        }
    }

    /// Whether nothing runs and nothing is granted.
    pub(crate) fn is_idle(&self) -> bool {
        self.entries.is_empty() && self.grants.is_empty()
    }

    pub(crate) fn into_inventory(self) -> Inventory {
        Inventory {
            entries: self.entries.into_iter().collect(),
            grants: self.grants.into_iter().collect(),
            unread: self.unread.into_iter().collect(),
        }
    }
}
