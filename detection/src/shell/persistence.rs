//! Files and settings that something starts later by itself, and the commands that stand in them.

use crate::value::{UNKNOWN, Value};

/// Parts of paths of files whose lines a shell reads at its start, or that a system runs as scripts.
const SCRIPTS: [&str; 34] = [
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".bash_aliases",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".zlogout",
    ".xinitrc",
    ".xprofile",
    ".xsessionrc",
    ".ssh/rc",
    "/config.fish",
    "/fish/conf.d/",
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/zsh/",
    "/etc/rc.local",
    "/etc/init.d/",
    "/update-motd.d/",
    "/if-up.d/",
    "/cron.daily/",
    "/cron.hourly/",
    "/cron.weekly/",
    "/cron.monthly/",
    "/profile.d/",
    ".git/hooks/",
    "/git-core/templates/hooks/",
    "/start menu/programs/startup/",
    "/programs/startup/",
    "_profile.ps1",
];

/// What the lines of a start file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Commands of a shell.
    Script,
    /// Lines of cron; with the name of a user in those of the system.
    Cron { user: bool },
    /// `ExecStart=…`, `Exec=…`.
    Unit,
    /// A property list of launchd.
    PropertyList,
    /// Settings that quote a command, or that put `!` before it.
    Quoted,
    /// A skill or a command of an agent, which runs what stands in ``!`…` `` as soon as it reads the file.
    Skill,
}

/// Whether something starts what stands in this file by itself.
pub(crate) fn is_start_file(path: &str) -> bool {
    form(path).is_some()
}

/// Whether the keys in this file may log in.
pub(crate) fn lets_in(path: &str) -> bool {
    path.ends_with("authorized_keys")
}

/// Whether a text names a key that may log in. A place that the reader is to fill is none.
pub(super) fn holds_key(text: &str) -> bool {
    const KINDS: [&str; 4] = ["ssh-rsa", "ssh-ed25519", "ecdsa-sha2-", "sk-"];
    text.lines().any(|line| {
        let mut words = line.split_whitespace();
        let kind = words.find(|word| KINDS.iter().any(|kind| word.starts_with(kind)));
        let key = kind.and_then(|_| words.next()).unwrap_or_default();
        key.len() >= 8 && !key.contains(['<', '>', '{', '$', '…', UNKNOWN]) && !key.contains("..")
    })
}

/// Whether the whole of this file is commands of a shell or of cron.
pub(super) fn is_script(path: &str) -> bool {
    matches!(form(path), Some(Form::Script | Form::Cron { .. }))
}

fn form(path: &str) -> Option<Form> {
    let path = path.replace('\\', "/").to_ascii_lowercase();
    let has = |part: &str| path.contains(part);
    Some(if path.ends_with("/skill.md") || has("/commands/") && path.ends_with(".md") {
        Form::Skill
    } else if has("/cron.d/") || has("/etc/crontab") {
        Form::Cron { user: true }
    } else if has("/crontab") || has("/spool/cron") || has("/var/at/tabs") {
        Form::Cron { user: false }
    } else if has("/launchagents/") || has("/launchdaemons/") {
        Form::PropertyList
    } else if has("/systemd/") || has("/autostart/") || path.ends_with(".desktop") {
        Form::Unit
    } else if [
        ".tmux.conf",
        ".vimrc",
        "/init.vim",
        "/apt.conf.d/",
        "/udev/rules.d/",
        ".gitconfig",
        ".ssh/config",
        ".wgetrc",
        ".emacs",
    ]
    .iter()
    .any(|part| has(part))
    {
        Form::Quoted
    } else if SCRIPTS.iter().any(|part| has(part)) {
        Form::Script
    } else {
        return None;
    })
}

/// The commands of a start file, as a shell text.
pub(super) fn commands(path: &str, content: &Value) -> Value {
    let lines = |pick: &dyn Fn(&str) -> Option<String>| {
        content.text.lines().filter_map(pick).collect::<Vec<_>>().join("\n")
    };
    let text = match form(path) {
        None | Some(Form::Script) => return content.clone(),
        Some(Form::Cron { user }) => lines(&|line| cron(line, user)),
        Some(Form::Unit) => lines(&|line| {
            let (name, command) = line.split_once('=')?;
            let name = name.trim();
            let runs = name.starts_with("Exec") || name == "OnFailure";
            runs.then(|| command.trim().trim_start_matches(['-', '@', '+', '!', ':']).to_owned())
        }),
        Some(Form::PropertyList) => arguments(&content.text),
        Some(Form::Quoted) => lines(&quoted),
        // Its prose is no command.
        Some(Form::Skill) => return Value::literal(dynamic(&content.text)),
    };
    // A file of which nothing is known but where it comes from is all that it holds.
    if text.is_empty() { content.clone() } else { content.with_text(text) }
}

/// The command of a line of cron.
pub(super) fn cron(line: &str, user: bool) -> Option<String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let fields = if line.starts_with('@') { 1 } else { 5 } + usize::from(user);
    let mut rest = line;
    for _ in 0..fields {
        rest = rest.split_once(char::is_whitespace)?.1.trim_start();
    }
    Some(rest.to_owned())
}

/// The arguments of a property list as words of one command.
fn arguments(text: &str) -> String {
    let texts = text.split("<string>").skip(1).filter_map(|rest| rest.split("</string>").next());
    let begin = text.find("ProgramArguments").or_else(|| text.find("<key>Program<"));
    let Some(begin) = begin else { return String::new() };
    let before = text.get(..begin).unwrap_or_default().matches("<string>").count();
    let words = texts.skip(before).map(|word| {
        let word = [
            ("&gt;", ">"),
            ("&lt;", "<"),
            ("&quot;", "\""),
            ("&apos;", "'"),
            ("&#124;", "|"),
            ("&amp;", "&"),
        ]
        .iter()
        .fold(word.to_owned(), |word, (entity, c)| word.replace(entity, c));
        format!("'{}'", word.replace('\'', "'\\''"))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The commands in ``!`…` `` of a page, each on a line of its own.
fn dynamic(page: &str) -> String {
    let commands = page.split("!`").skip(1).filter_map(|rest| rest.split_once('`'));
    commands.map(|(command, _)| command).collect::<Vec<_>>().join("\n")
}

/// The command that a line of settings quotes, or that stands behind `!`.
fn quoted(line: &str) -> Option<String> {
    if let Some((_, command)) = line.split_once('!') {
        return Some(command.trim_matches(['"', '\'']).to_owned());
    }
    let quote = line.find(['"', '\''])?;
    let (_, rest) = line.split_at(quote);
    let mark = rest.chars().next()?;
    let inner = rest.get(1..)?;
    let end = inner.rfind(mark)?;
    inner.get(..end).map(str::to_owned)
}
