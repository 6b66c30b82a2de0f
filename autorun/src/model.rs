//! The inventory: what a reader of the report is told. The words of the enums are those of the callback's field
//! `autoRun`, and never change their meaning.

use serde::Serialize;
use std::fmt;

/// Everything in a folder that an agent runs, allows or would parse.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Inventory {
    /// What runs without a further act of the user, by file, line and key.
    pub entries: Vec<AutoRun>,
    /// Permissions that a file gives to itself or to the agent.
    pub grants: Vec<Grant>,
    /// What an agent would parse and this crate could not. A folder with one of these is not known.
    pub unread: Vec<Unread>,
}

/// One thing that an agent runs by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AutoRun {
    /// The file that holds the command's text: where a link leads, not the link.
    pub file: String,
    /// The line of the command's own text, from 1. A line ends with a line feed, as in every report.
    pub line: u32,
    /// Who runs it.
    pub agent: Agent,
    /// The place in the file, as `hooks.SessionStart[0].hooks[0].command`. Indexes are from 0.
    pub key: String,
    /// The agent's own name of the event, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// When it runs.
    pub when: When,
    /// What stands before it in an interactive session.
    pub gate: Gate,
    /// The permission that the agent's own rules ask for; `None` where they ask for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permission>,
    /// The text as the agent executes it: escapes decoded, arguments quoted as a POSIX shell does. An address for
    /// requests, the text for prompts, a path for code in a file of its own.
    pub command: String,
    /// What the text is.
    pub language: Language,
    /// The file of the folder that holds the code, where the command only names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// Tools that a file allows in advance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Grant {
    /// The file with the grant.
    pub file: String,
    /// The line of the grant's value, from 1.
    pub line: u32,
    /// Who reads it.
    pub agent: Agent,
    /// The tools as that agent splits them, also those that mean nothing to it.
    pub tools: Vec<String>,
    /// Whether every shell command is allowed by it.
    pub all_shell: bool,
}

/// What an agent would parse and this crate could not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unread {
    /// The file.
    pub file: String,
    /// Why.
    pub reason: UnreadReason,
}

/// Why a file is unread.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "detail")]
pub enum UnreadReason {
    /// It is no JSON as the agents take it.
    #[error("it is not JSON: {0}")]
    Json(String),
    /// It is no YAML.
    #[error("it is not YAML: {0}")]
    Yaml(String),
    /// It is no TOML.
    #[error("it is not TOML: {0}")]
    Toml(String),
    /// Larger than the caller or this crate reads.
    #[error("it is too large to be read")]
    TooLarge,
    /// A link that leads out of the folder, to nothing, or in a circle; or a path of more than 4,096 bytes or 256 parts.
    #[error("it is a link that leads out of the folder or to nothing")]
    Link,
    /// An archive with a program in it, which the agent unpacks and starts.
    #[error("it is an archive that an agent unpacks and starts")]
    Archive,
    /// A word behind the opening dashes, by which one agent chooses another language for the front matter.
    #[error("a label behind the opening dashes names another language for the front matter: {0}")]
    Label(String),
    /// `skill.md` in other letters: a skill where the file system ignores letter case, and it would run something.
    #[error(
        "its name is SKILL.md in other letter case, and as SKILL.md it would run something or grant tools"
    )]
    LetterCase,
    /// In UTF-16, or with carriage returns as line ends, it would run something.
    #[error(
        "read as UTF-16, or with carriage returns as line ends, it would run something or grant tools"
    )]
    Encoding,
    /// The front matter holds several documents, and one of them would run something.
    #[error("its front matter holds several documents")]
    Documents,
    /// More things run by themselves than are listed, or more names and paths lead to them than are followed.
    #[error("more runs by itself than can be listed")]
    TooMany,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// The stable word, as in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// The program that runs it.
    Agent {
        /// Anthropic's Claude Code.
        ClaudeCode = "claude-code";
        /// OpenAI's Codex.
        Codex = "codex";
        /// Google's Gemini CLI.
        GeminiCli = "gemini-cli";
        /// GitHub Copilot: command line, cloud agent and VS Code.
        Copilot = "copilot";
        /// Cursor.
        Cursor = "cursor";
        /// OpenCode.
        OpenCode = "opencode";
        /// OpenClaw.
        OpenClaw = "openclaw";
        /// A client of the Agent Plugins format that has no name of its own here.
        AgentPlugins = "agent-plugins";
        /// Kiro.
        Kiro = "kiro";
        /// Windsurf.
        Windsurf = "windsurf";
        /// Devin.
        Devin = "devin";
        /// Visual Studio Code itself.
        VsCode = "vscode";
        /// A tool that starts development containers.
        DevContainer = "devcontainer";
        /// npm and its like.
        Npm = "npm";
    }
}

words! {
    /// When it runs.
    When {
        /// The agent reads the folder.
        Load = "load";
        /// A session starts.
        SessionStart = "session-start";
        /// The skill or command is called.
        Invoke = "invoke";
        /// Before or after the agent uses a tool.
        ToolUse = "tool-use";
        /// The skill, the plugin or its packages are installed.
        Install = "install";
        /// A server of tools or of a language starts.
        ServerStart = "server-start";
        /// Another event of a session.
        Other = "other";
    }
}

words! {
    /// What stands before it in an interactive session. A session without a terminal often has no such gate.
    Gate {
        /// Nothing.
        None = "none";
        /// The user or the model has to call the skill.
        SkillInvoked = "skill-invoked";
        /// The user has to trust the folder.
        Trust = "trust";
        /// The user is asked for each server.
        PerServer = "per-server";
        /// The user has to trust this very text.
        HashTrusted = "hash-trusted";
        /// The user has to do something of his own: install, set up, call a command by its name.
        UserAction = "user-action";
    }
}

words! {
    /// The permission that a dynamic command needs.
    Permission {
        /// The same file allows it.
        SelfGranted = "self-granted";
        /// The file does not allow it; the agent allows some commands by itself, and the user may have allowed others.
        Required = "required";
    }
}

words! {
    /// What the text of a command is.
    Language {
        /// POSIX shell.
        Shell = "shell";
        /// PowerShell.
        PowerShell = "powershell";
        /// JavaScript or TypeScript.
        JavaScript = "javascript";
        /// An address, a prompt, a name or a setting.
        None = "none";
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.reason)
    }
}
