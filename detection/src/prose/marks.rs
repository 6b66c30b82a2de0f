//! The facts of one sentence: what it orders, on which object, and what it keeps from the user.

use super::{
    class::Class,
    concealment::{Concealment, conceals, mutes, names_user},
    grammar::Clauses,
    harm::{Harm, harms, lies},
    lexicon::Mark,
    token::{Kind, Token},
};
use crate::{host, judge, secret, value::UNKNOWN};

/// How much an object is worth to a thief, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Worth {
    /// No service needs it: keys of a user, wallets, sessions.
    Keys,
    /// A file of tokens or settings.
    File,
    /// Named in words: credentials, a history.
    Named,
    /// One value.
    Value,
    /// What a user works on.
    Data,
}

/// Something that can be read or sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thing {
    pub(super) at: usize,
    pub(super) worth: Worth,
    pub(super) line: u32,
    pub(super) name: String,
}

/// Where something is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) at: usize,
    /// Nobody's name stands for it.
    pub(super) nameless: bool,
    /// It is an address of mail.
    pub(super) mail: bool,
    pub(super) name: String,
}

/// What is to be disregarded, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ignored {
    /// Instructions or rules of safety.
    Rules,
    /// A prompt or messages, which an honest skill replaces or filters too.
    Texts,
}

/// The facts of a sentence.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) clauses: Clauses,
    /// In the order of tokens.
    pub(super) things: Vec<Thing>,
    pub(super) targets: Vec<Target>,
    pub(super) sends: Vec<Mark>,
    pub(super) reads: Vec<Mark>,
    pub(super) runs: Vec<Mark>,
    pub(super) writes: Vec<Mark>,
    /// The first file of an agent's memory that is named, and whether it is one of settings.
    pub(super) memory: Option<(usize, String, bool)>,
    pub(super) conceals: Option<Concealment>,
    pub(super) ignores: Option<Ignored>,
    pub(super) consent: bool,
    pub(super) disguised: bool,
    /// It orders to tell something else than the truth.
    pub(super) lies: bool,
    /// It forbids to show the user something, whatever it is.
    pub(super) mutes: bool,
    /// It orders what takes away the user's protection or decision.
    pub(super) harms: Option<Harm>,
    pub(super) line: u32,
}

impl Facts {
    pub(super) fn of(clauses: Clauses) -> Self {
        let line = clauses.tokens.first().map_or(1, |token| token.line);
        let disguised = clauses.tokens.iter().any(|token| token.disguised);
        Self {
            things: things(&clauses),
            targets: targets(&clauses),
            sends: clauses.orders(Class::Send),
            reads: clauses.orders(Class::Read),
            runs: clauses.orders(Class::Run),
            writes: clauses.orders(Class::Write),
            memory: memory(&clauses.tokens),
            conceals: conceals(&clauses),
            ignores: ignores(&clauses),
            consent: consents(&clauses),
            lies: lies(&clauses),
            mutes: mutes(&clauses),
            harms: harms(&clauses),
            disguised,
            line,
            clauses,
        }
    }

    /// Whether rules are to be disregarded, not texts alone.
    pub(super) fn ignores_rules(&self) -> bool {
        self.ignores == Some(Ignored::Rules)
    }

    /// Whether what an address serves is to be read and then done.
    pub(super) fn obeys_remote(&self) -> bool {
        let follows = self.clauses.orders(Class::Follow);
        !self.targets.is_empty() && !self.reads.is_empty() && !follows.is_empty()
    }

    /// Whether a recipient is exchanged for an address.
    pub(super) fn redirects(&self) -> bool {
        !self.targets.is_empty()
            && !self.clauses.orders(Class::Redirect).is_empty()
            && self.clauses.any(Class::Recipient)
    }

    /// Whether somebody whom the user serves, not the user, is the last who is named.
    pub(super) fn spares_client(&self) -> bool {
        let last = self.clauses.all(Class::User).last();
        last.is_some_and(|mark| self.clauses.starts(Class::Client, mark.at))
    }

    /// Whether a person whom the agent works for is named, not only somebody whom this person deals with.
    pub(super) fn names_user(&self) -> bool {
        names_user(&self.clauses, 0, self.clauses.tokens.len())
    }

    /// The things that begin in a range of tokens.
    pub(super) fn things_between(&self, from: usize, to: usize) -> &[Thing] {
        let begin = self.things.partition_point(|thing| thing.at < from);
        let end = self.things.partition_point(|thing| thing.at < to);
        self.things.get(begin..end).unwrap_or_default()
    }
}

/// Files of settings that hold keys.
const SETTINGS_WITH_KEYS: [&str; 4] =
    [".cursor/mcp.json", "claude_desktop_config.json", ".claude.json", ".claude/mcp.json"];

fn worth_of_path(path: &str) -> Option<Worth> {
    let path = path.replace('\\', "/");
    let name = path.rsplit('/').next().unwrap_or(&path);
    let is_env = name == ".env"
        || name
            .strip_prefix(".env.")
            .is_some_and(|end| !["example", "sample", "template", "dist"].contains(&end));
    match secret::kind(&path) {
        // A cluster's file is uploaded to consoles on purpose.
        Some(secret::Kind::Keys) if path.contains(".kube") => Some(Worth::File),
        Some(secret::Kind::Keys) => Some(Worth::Keys),
        Some(secret::Kind::Tokens) => Some(Worth::File),
        // What a page knows of its reader.
        None if path.contains("document.cookie") => Some(Worth::Named),
        None if is_env || SETTINGS_WITH_KEYS.iter().any(|end| path.ends_with(end)) => {
            Some(Worth::File)
        }
        None => None,
    }
}

fn things(clauses: &Clauses) -> Vec<Thing> {
    let mut things = Vec::new();
    for (at, token) in clauses.tokens.iter().enumerate() {
        if token.kind == Kind::File
            && let Some(worth) = worth_of_path(&token.text)
        {
            things.push(Thing { at, worth, line: token.line, name: judge::shown(&token.text) });
        }
    }
    let classes = [
        (Class::Keys, Worth::Keys),
        (Class::Secret, Worth::Named),
        (Class::Value, Worth::Value),
        (Class::Data, Worth::Data),
    ];
    for (class, worth) in classes {
        for mark in clauses.all(class) {
            let Some(token) = clauses.tokens.get(mark.at) else { continue };
            let words = clauses.tokens.get(mark.at..mark.end()).unwrap_or_default();
            let name: Vec<_> = words.iter().map(|token| token.text.as_str()).collect();
            things.push(Thing {
                at: mark.at,
                worth,
                line: token.line,
                name: judge::shown(&name.join(" ")),
            });
        }
    }
    things.sort_by_key(|thing| thing.at);
    things
}

/// Ends of names by which a word with dots is a host.
const ENDS: [&str; 16] = [
    "com", "net", "org", "io", "dev", "app", "example", "invalid", "cn", "ru", "xyz", "top",
    "site", "co", "online", "cloud",
];

fn targets(clauses: &Clauses) -> Vec<Target> {
    let tokens = clauses.tokens.iter().enumerate();
    tokens
        .filter_map(|(at, token)| {
            let host = match &token.kind {
                Kind::Address(host) => host.clone(),
                Kind::File if is_host(&token.text) => host::of(&token.text, UNKNOWN),
                _ => return None,
            };
            host.is_fixed().then(|| Target {
                at,
                nameless: host.is_nameless(),
                mail: token.text.contains('@') && !token.text.contains("://"),
                name: judge::shown_address(&token.text),
            })
        })
        .collect()
}

/// Whether a word with dots names a host: an address of numbers, or a name that ends as hosts do.
fn is_host(text: &str) -> bool {
    let host = text.split(['/', ':']).next().unwrap_or(text);
    let numbers =
        host.split('.').count() == 4 && host.split('.').all(|part| part.parse::<u8>().is_ok());
    let end = host.rsplit('.').next().unwrap_or_default();
    numbers || host.contains('.') && !host.starts_with('.') && ENDS.contains(&end)
}

/// Files that hold an agent's memory and instructions, in lower case.
pub(super) const MEMORY: [&str; 16] = [
    "claude.md",
    "agents.md",
    "gemini.md",
    "soul.md",
    "memory.md",
    "heartbeat.md",
    "identity.md",
    "user.md",
    "tools.md",
    ".cursorrules",
    ".windsurfrules",
    ".clinerules",
    "copilot-instructions.md",
    "claude.local.md",
    "bootstrap.md",
    ".goosehints",
];
/// Files that start programs or give rights.
const SETTINGS: [&str; 10] = [
    "settings.json",
    "settings.local.json",
    ".mcp.json",
    "mcp.json",
    "hooks.json",
    ".bashrc",
    ".zshrc",
    ".profile",
    "crontab",
    "claude_desktop_config.json",
];

fn memory(tokens: &[Token]) -> Option<(usize, String, bool)> {
    tokens.iter().enumerate().find_map(|(at, token)| {
        if token.kind != Kind::File {
            return None;
        }
        let lower = token.text.to_lowercase().replace('\\', "/");
        let name = lower.rsplit('/').next().unwrap_or(&lower);
        let is_memory = MEMORY.contains(&name)
            || lower.contains(".cursor/rules")
            || lower.contains(".claude/rules");
        let is_settings = SETTINGS.contains(&name) || lower.contains(".claude/hooks");
        (is_memory || is_settings).then(|| (at, token.text.clone(), is_settings))
    })
}

/// What the sentence orders to disregard: what was said before or the rules of safety, all of it and not one topic.
fn ignores(clauses: &Clauses) -> Option<Ignored> {
    const NEAR: usize = 9;
    let ignored = clauses.orders(Class::Ignore).into_iter().filter_map(|verb| {
        let (from, to) = if clauses.language.verb_is_last() {
            (verb.at.saturating_sub(NEAR + 5), verb.at)
        } else {
            // What the next verb takes is not ignored.
            let next = [Class::Send, Class::Read, Class::Run, Class::Write].map(|class| {
                clauses.all(class).map(|mark| mark.at).find(|at| {
                    *at >= verb.end() && clauses.starts(Class::And, at.saturating_sub(1))
                })
            });
            let to = verb.end() + NEAR;
            (verb.end(), next.into_iter().flatten().fold(to, usize::min))
        };
        let last = |classes: &[Class]| {
            let marks = classes.iter().flat_map(|class| clauses.all(*class));
            marks.filter(|mark| mark.at >= from && mark.at < to).max_by_key(|mark| mark.end())
        };
        let rules = last(&[Class::Rules, Class::Safety]).map(|mark| (mark, Ignored::Rules));
        let texts = || last(&[Class::Prompts]).map(|mark| (mark, Ignored::Texts));
        let (object, ignored) = rules.or_else(texts)?;
        let earlier =
            clauses.within(Class::Earlier, from, to) || clauses.within(Class::Safety, from, to);
        // "… on line length", "… in the parent folder": one topic.
        let next = clauses.tokens.get(object.end()).map(|token| token.text.to_lowercase());
        let topic = matches!(
            next.as_deref(),
            Some("in" | "from" | "for" | "about" | "of" | "if" | "when" | "unless")
        );
        (earlier && !topic).then_some(ignored)
    });
    ignored.min()
}

/// Whether the user is asked.
fn consents(clauses: &Clauses) -> bool {
    clauses.all(Class::Consent).any(|mark| {
        clauses.is_said(mark.at)
            && !clauses.is_negated(mark)
            && !clauses.starts(Class::Not, mark.at.saturating_sub(1))
    })
}
