//! Commands that are handed to something which starts them later: schedulers, settings of git, archives of programs.

use super::{command::Call, flow::Flow};
use crate::{
    chain::{Fact, Step},
    value::{Source, Value},
};

/// Settings of git whose value is a command.
const COMMANDS: [&str; 8] = [
    "core.sshcommand",
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.hookspath",
    "credential.helper",
    "gpg.program",
    "sequence.editor",
];

impl Flow {
    /// Follows a command of this script, or a file that it or the skill holds, which git gives the user's passwords to
    /// keep. One that only answers `get` is asked for a password and reads none.
    fn keeps_passwords(&mut self, helper: &Value, line: u32) {
        let code = match helper.text.strip_prefix('!') {
            Some(command) => helper.with_text(command),
            None => {
                let path = helper.text.split_whitespace().next().unwrap_or_default();
                self.read(&Value::literal(path), line)
            }
        };
        let word = |word: &str| {
            code.text.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word)
        };
        if word("get") && !word("store") {
            return;
        }
        let what = "is given passwords by git".to_owned();
        let given = Value::from(Source::Secret, Step { fact: Fact::ReadSecret, line, what });
        let before = std::mem::replace(&mut self.standard, given);
        self.nested(&code, line);
        self.standard = before;
    }

    /// `git config NAME COMMAND`, `git clone`, `git push`.
    pub(super) fn git(&mut self, call: Call<'_>) -> Value {
        let Call { words, line, .. } = call;
        let (mut words, mut folder) = (words, self.folder.clone());
        while let [option, value, rest @ ..] = words
            && matches!(option.text.as_str(), "-C" | "-c")
        {
            if option.text == "-C" {
                folder.clone_from(&value.text);
            }
            words = rest;
        }
        let operands: Vec<&Value> =
            words.iter().filter(|word| !word.text.starts_with('-')).collect();
        match operands.as_slice() {
            [command, rest @ ..] if command.text == "config" => {
                if let [name, value, ..] =
                    rest.strip_prefix([&Value::literal("set")].as_slice()).unwrap_or(rest)
                {
                    let name = name.text.to_ascii_lowercase();
                    let shell = value.text.starts_with('!');
                    let filters = name.starts_with("filter.")
                        || name.ends_with(".textconv")
                        || name.ends_with(".command");
                    if COMMANDS.contains(&name.as_str()) || filters || shell {
                        let command = value.with_text(value.text.trim_start_matches('!'));
                        self.starts_later(&command, line);
                    }
                    if name.starts_with("credential.") && name.ends_with("helper") {
                        self.keeps_passwords(value, line);
                    }
                }
            }
            [command, rest @ ..] if command.text == "clone" => {
                let url =
                    rest.iter().find(|word| word.text.contains("://") || word.text.contains(':'));
                if let Some(url) = url {
                    let content = self.fetched(url, line);
                    let last = rest.last().filter(|last| last.text != url.text);
                    let stem = url.text.trim_end_matches('/').trim_end_matches(".git");
                    let folder = last.map_or(super::flow::key(stem), |last| last.text.clone());
                    self.remote = Some((*url).clone());
                    self.unpack(&folder, content);
                }
            }
            [command, deed, .., url] if command.text == "remote" => {
                if matches!(deed.text.as_str(), "add" | "set-url") {
                    self.remote = Some((*url).clone());
                }
            }
            [command, ..] if matches!(command.text.as_str(), "add" | "stage" | "update-index") => {
                self.added = true;
            }
            [command, ..] if command.text == "commit" => {
                let all = |word: &Value| {
                    matches!(word.text.as_str(), "--all" | "--include" | "--only" | "-i" | "-o")
                        || word.text.starts_with('-')
                            && !word.text.starts_with("--")
                            && word.text.contains('a')
                };
                self.added |= words.iter().any(all);
            }
            [command, rest @ ..] if command.text == "push" && self.added => {
                let named = rest.first().filter(|word| word.text.contains(':'));
                let remote = named.map(|word| (*word).clone()).or_else(|| self.remote.clone());
                if let Some((remote, content)) = remote.zip(self.below(&folder)) {
                    self.sent(&content, &remote, line);
                }
            }
            _ => {}
        }
        Value::unknown()
    }

    /// An archive that is unpacked: what lies below its folder comes from where it comes from.
    pub(super) fn unpacked(&mut self, words: &[Value], input: &Value, line: u32) {
        let folder = ["-C", "-d", "--directory", "-DestinationPath", "-o"];
        let target = words
            .iter()
            .position(|word| folder.contains(&word.text.as_str()))
            .and_then(|at| words.get(at + 1));
        let archive =
            words.iter().find(|word| !word.text.starts_with('-') && self.knows(&word.text));
        let content = match archive {
            Some(archive) => self.read(archive, line),
            None => input.clone(),
        };
        if content.origins.is_empty() {
            return;
        }
        let stem = archive.map(|archive| super::flow::key(&archive.text)).unwrap_or_default();
        let stem = stem.split(".t").next().unwrap_or_default().trim_end_matches(".zip").to_owned();
        let folder = target.map_or(stem, |target| target.text.clone());
        self.unpack(&folder, content.changed());
    }

    /// `scp HOST:PATH FILE`, `rsync HOST:PATH FILE`.
    pub(super) fn copied(&mut self, call: Call<'_>) -> Value {
        let operands: Vec<&Value> =
            call.words.iter().filter(|word| !word.text.starts_with('-')).collect();
        if let [.., from, to] = operands.as_slice()
            && let Some((host, path)) = from.text.split_once(':')
            && !host.contains('/')
            && !to.text.contains(':')
        {
            let content = self.fetched(&from.with_text(host), call.line);
            let folder = to.text.ends_with('/') || to.text == ".";
            let target = if folder { Value::literal(path) } else { (*to).clone() };
            self.written(&target, &content, call.line);
        }
        Value::unknown()
    }
}
