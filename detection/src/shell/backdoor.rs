//! Ways back into the machine that only the author of a script can use, and accounts with all rights whose token leaves.

use super::{command::Call, flow::Flow, options::part, persistence};
use crate::{
    Fact, Rule, Step,
    host::Host,
    judge,
    value::{Source, Value},
};

/// A way back into the machine. One alone may be the work of an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// A login key that the script or the skill holds.
    Key,
    /// A second account with the number of root.
    Root,
    /// A tunnel from a fixed host to the login of this machine, which nobody sees.
    Tunnel,
}

/// The doors that a script has opened.
#[derive(Debug, Default)]
pub(super) struct Doors {
    open: Vec<(Door, Step)>,
    /// An account of a cluster was given all rights, and nothing was printed.
    cluster: Option<Step>,
}

/// Files of manifests of which one is read.
const MANIFEST: [&str; 4] = ["f", "filename", "k", "kustomize"];

impl Flow {
    fn opens(&mut self, door: Door, line: u32, what: &str) {
        let step = Step { fact: Fact::Connect, line, what: what.to_owned() };
        let other = self.doors.open.iter().find(|(other, _)| *other != door);
        if let Some((_, first)) = other {
            let first = first.clone();
            self.report(Rule::BackDoor, &[first, step.clone()]);
        }
        if !self.doors.open.iter().any(|(other, _)| *other == door) {
            self.doors.open.push((door, step));
        }
    }

    /// Data that goes into a file which says who may log in.
    pub(super) fn admitted(&mut self, path: &str, value: &Value, line: u32) {
        if persistence::lets_in(path) && persistence::holds_key(&value.text) {
            self.opens(Door::Key, line, "lets a key log in that the skill holds itself");
        }
        if path.ends_with("/etc/passwd") && value.text.lines().any(is_root_entry) {
            self.opens(Door::Root, line, "makes a second account with the number of root");
        }
    }

    /// A command that may open a door.
    pub(super) fn lets_back(&mut self, name: &str, call: Call<'_>) {
        let Call { words, line, .. } = call;
        match name {
            "useradd" | "adduser" | "usermod" => {
                let parted = part(words, &["u", "uid", "g", "gid", "d", "s", "c", "G", "p"]);
                let root = parted.values(&["u", "uid"]).any(|number| number.text == "0");
                if root && parted.has(&["o", "non-unique"]) {
                    self.opens(Door::Root, line, "makes a second account with the number of root");
                }
            }
            "ssh" | "autossh" if self.silent || self.detached => self.tunnelled(words, line),
            _ => {}
        }
    }

    /// `ssh -R 0:localhost:22 user@host`.
    fn tunnelled(&mut self, words: &[Value], line: u32) {
        let parted =
            part(words, &["i", "o", "R", "L", "D", "p", "l", "F", "M", "J", "b", "c", "E"]);
        let login = |target: &Value| target.text.rsplit(':').next() == Some("22");
        if !parted.values(&["R"]).any(login) {
            return;
        }
        let Some(host) = parted.operands.first().filter(|host| host.is_literal()) else { return };
        let relay = Host::of(&host.text);
        if !relay.is_fixed() {
            return;
        }
        let what = format!("opens this machine's login to {}", judge::shown_address(&host.text));
        self.opens(Door::Tunnel, line, &what);
        let unchecked = words.iter().any(|word| {
            let text = word.text.to_ascii_lowercase();
            text.contains("stricthostkeychecking=no")
                || text.contains("userknownhostsfile=/dev/null")
        });
        // Machines behind a router are reached so, by a relay that has a name.
        if unchecked && relay.is_nameless() {
            let opens = Step { fact: Fact::Run, line, what };
            let what = "without a look at who answers there, unseen".to_owned();
            self.report(Rule::ReverseShell, &[opens, Step { fact: Fact::Connect, line, what }]);
        }
    }

    /// What a command prints that speaks to a cluster: a token of an account which the same script gave all rights.
    pub(super) fn cluster(&mut self, call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        let has = |text: &str| words.iter().any(|word| word.text == text);
        if has("apply") || has("create") && !has("token") {
            let parted = part(words, &["n", "namespace", "f", "filename", "k", "kustomize"]);
            let mut all = input.clone();
            for file in parted.values(&MANIFEST) {
                let content = self.read(file, line);
                all.append(&content, self.limits.value_bytes);
            }
            let written = all.text.contains("cluster-admin") && all.text.contains("ServiceAccount");
            let said = has("clusterrolebinding")
                && words.iter().any(|word| word.text.ends_with("cluster-admin"))
                && words.iter().any(|word| word.text.starts_with("--serviceaccount"));
            if self.silent && (written || said) {
                let what = "gives an account of the cluster all rights, without a word".to_owned();
                self.doors.cluster = Some(Step { fact: Fact::ReadSecret, line, what });
            }
        }
        let asks = has("token") || has("secret") || has("secrets");
        match &self.doors.cluster {
            Some(step) if asks => Value::from(Source::Secret, step.clone()),
            _ => Value::unknown(),
        }
    }
}

/// Whether a line of `/etc/passwd` gives another name the number of root.
fn is_root_entry(line: &str) -> bool {
    let mut fields = line.trim().split(':');
    let name = fields.next().unwrap_or_default();
    !name.is_empty() && name != "root" && fields.nth(1) == Some("0") && fields.count() >= 2
}
