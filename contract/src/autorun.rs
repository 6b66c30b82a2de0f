//! What agents run by themselves in a skill, as it travels and is stored.
//!
//! An inventory, not a verdict: an honest skill has entries too. The scanner that reads the files decides what is
//! one; here are only its shape and its limits.
//!
//! Elsewhere in the contract an unknown word of an enum is refused. Here it is not: a newer scanner may know more events
//! and gates than this worker, a refusal (422) is final for it, and the verdict must not be lost over a list that decides
//! nothing. An unknown `when` is read as `other`, an unknown `gate` as `none`, which claims no protection.

use crate::{
    MAX_STRING_CHARS,
    json::{self, FromJson},
    part::{self, Nested, Part},
    text,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// At most this many entries of a scan are listed.
pub const MAX_AUTO_RUN: usize = 200;
/// Unicode scalar values in a word: an agent, an event, a language.
const MAX_WORD_CHARS: usize = 100;
/// Bytes of the entries' JSON: with 512 KiB of findings and 256 KiB of coverage a row of D1 stays below 1,000,000 bytes.
const MAX_AUTO_RUN_BYTES: usize = 128 * 1024;

/// One thing that an agent runs without a further act of its user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AutoRun {
    /// The program that runs it: `claude-code`, `codex`, `npm` and others.
    pub agent: String,
    /// The path in the repository of the file that holds the command.
    pub file: String,
    /// The command's line, counted from 1.
    pub line: u32,
    /// The place in the file, as `hooks.SessionStart[0].hooks[0].command`.
    pub key: String,
    /// The agent's own name of the event, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// When it runs.
    pub when: When,
    /// What stands before it in an interactive session.
    pub gate: Gate,
    /// The text that is executed; secrets in it are masked. An address, a prompt or a path where `language` is `none`.
    pub command: String,
    /// What the text is: `shell`, `powershell`, `javascript`, or `none` where it is no code.
    pub language: String,
}

/// Writes an enum of words on the wire, each with what it says to people, and which one an unknown word is read as.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, unknown: $unknown:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $sentence:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every word, in its order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The same as a clause for people.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }
        }

        impl FromJson for $name {
            fn from_json(value: Value) -> Option<Self> {
                let word = value.as_str()?;
                let known = Self::ALL.iter().find(|known| known.as_str() == word);
                Some(known.copied().unwrap_or(Self::$unknown))
            }
        }
    };
}

words! {
    /// When it runs.
    When, unknown: Other {
        /// The agent reads the folder.
        Load = "load", "when the folder is opened or read";
        /// A session starts.
        SessionStart = "session-start", "when a session starts";
        /// The skill or command is called.
        Invoke = "invoke", "when the skill or command is called";
        /// Before or after the agent uses a tool.
        ToolUse = "tool-use", "when the agent uses a tool";
        /// The skill, the plugin or its packages are installed.
        Install = "install", "when it is installed";
        /// A server of tools or of a language starts.
        ServerStart = "server-start", "when the agent starts its servers";
        /// Another event of a session.
        Other = "other", "at another event of a session";
    }
}

words! {
    /// What stands before it in an interactive session, from nothing to the most.
    Gate, unknown: None {
        /// Nothing.
        None = "none", "nothing is asked";
        /// The user or the model has to call the skill.
        SkillInvoked = "skill-invoked", "the skill has to be called, by the user or by the model";
        /// The user has to trust the folder.
        Trust = "trust", "the folder has to be trusted";
        /// The user is asked for each server.
        PerServer = "per-server", "each server has to be approved";
        /// The user has to trust this very text.
        HashTrusted = "hash-trusted", "this very text has to be trusted";
        /// The user has to do something of his own: install, set up, call a command by its name.
        UserAction = "user-action", "the user has to install it or call it by name";
    }
}

impl FromJson for AutoRun {
    fn from_json(value: Value) -> Option<Self> {
        part::plain(value)
    }
}

impl Nested for AutoRun {
    fn read(part: &mut Part<'_>) -> Option<Self> {
        const TEXT: &str = "a string";
        let agent = part.required("agent", TEXT);
        let file = part.required("file", TEXT);
        let line = part.required("line", "a line's number");
        let key = part.required("key", TEXT);
        let event = part.optional("event", TEXT);
        let when = part.required("when", TEXT);
        let gate = part.required("gate", TEXT);
        let command = part.required("command", TEXT);
        let language = part.required("language", TEXT);
        Some(Self {
            agent: agent?,
            file: file?,
            line: line?,
            key: key?,
            event,
            when: when?,
            gate: gate?,
            command: command?,
            language: language?,
        })
    }
}

/// The entries that travel, and whether some stayed behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CappedAutoRun {
    /// At most [`MAX_AUTO_RUN`], those first that ask least of the user.
    pub entries: Vec<AutoRun>,
    /// More run by themselves than are listed.
    pub truncated: bool,
}

/// Sorts by gate, those first that ask least of the user, so that these are cut last. Cuts file, key and command to
/// [`MAX_STRING_CHARS`] and the other strings to 100 characters, without control characters, and keeps at most
/// [`MAX_AUTO_RUN`] entries and 128 KiB of JSON.
#[must_use]
pub fn cap_auto_run(mut entries: Vec<AutoRun>) -> CappedAutoRun {
    let found = entries.len();
    // As for findings: a pass for each gate is less wasm than a sort.
    let mut ordered = Vec::with_capacity(found);
    for gate in Gate::ALL {
        ordered.extend(entries.extract_if(.., |entry| entry.gate == *gate));
    }
    let shown = ordered.iter().take(MAX_AUTO_RUN).map(shown);
    let entries = json::within(shown, MAX_AUTO_RUN_BYTES);
    CappedAutoRun { truncated: entries.len() < found, entries }
}

fn shown(entry: &AutoRun) -> AutoRun {
    AutoRun {
        agent: text::line(&entry.agent, MAX_WORD_CHARS),
        file: text::line(&entry.file, MAX_STRING_CHARS),
        key: text::line(&entry.key, MAX_STRING_CHARS),
        event: entry.event.as_ref().map(|event| text::line(event, MAX_WORD_CHARS)),
        command: text::block(&entry.command, MAX_STRING_CHARS),
        language: text::line(&entry.language, MAX_WORD_CHARS),
        ..*entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(gate: Gate, command: &str) -> AutoRun {
        AutoRun {
            agent: "claude-code".into(),
            file: "a\u{202e}.md".into(),
            line: 6,
            key: "hooks".into(),
            event: Some("Session\u{1b}Start".into()),
            when: When::SessionStart,
            gate,
            command: command.into(),
            language: "shell".into(),
        }
    }

    #[test]
    fn what_asks_least_of_the_user_is_kept_and_what_is_cut_is_said() {
        let mut many = vec![entry(Gate::UserAction, "a"); 500];
        many.push(entry(Gate::SkillInvoked, "b"));
        many.push(entry(Gate::None, "c"));
        let capped = cap_auto_run(many);
        assert_eq!(capped.entries.len(), MAX_AUTO_RUN);
        let first: Vec<_> = capped.entries.iter().take(3).map(|e| e.command.as_str()).collect();
        assert_eq!(first, ["c", "b", "a"]);
        assert!(capped.truncated);
        assert!(!cap_auto_run(vec![entry(Gate::None, "a"); MAX_AUTO_RUN]).truncated);
    }

    #[test]
    fn strings_and_bytes_are_cut() {
        let capped = cap_auto_run(vec![entry(Gate::None, &"♥\u{7}\n".repeat(100_000))]);
        let one = &capped.entries[0];
        assert_eq!(one.command.chars().count(), MAX_STRING_CHARS);
        assert!(one.command.starts_with("♥\u{fffd}\n"), "lines stay");
        let shown = (one.file.as_str(), one.event.as_deref());
        assert_eq!(shown, ("a\u{fffd}.md", Some("Session\u{fffd}Start")));
        let fat = cap_auto_run(vec![entry(Gate::None, &"♥".repeat(2_000)); MAX_AUTO_RUN]);
        assert!(fat.truncated && fat.entries.len() > 20);
        assert!(serde_json::to_vec(&fat.entries).unwrap().len() <= MAX_AUTO_RUN_BYTES);
    }

    #[test]
    fn each_word_is_read_as_it_is_written_and_an_unknown_one_promises_nothing() {
        for when in When::ALL {
            assert_eq!(When::from_json(when.as_str().into()), Some(*when));
            assert_eq!(serde_json::to_value(when).unwrap(), when.as_str());
        }
        for gate in Gate::ALL {
            assert_eq!(Gate::from_json(gate.as_str().into()), Some(*gate));
            assert_eq!(serde_json::to_value(gate).unwrap(), gate.as_str());
        }
        assert_eq!(Gate::from_json("asked-twice".into()), Some(Gate::None));
        assert_eq!(When::from_json("on-the-hour".into()), Some(When::Other));
        for wrong in [Value::Null, 1.into(), serde_json::json!(["load"])] {
            assert_eq!((When::from_json(wrong.clone()), Gate::from_json(wrong)), (None, None));
        }
    }
}
