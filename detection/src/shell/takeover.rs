//! Commands that give a machine away: coins that are dug for another, a second root, the own login at a foreign host.

use super::{command::Call, flow::Flow, options::part};
use crate::{
    chain::{Fact, Rule, Step},
    host::Host,
    judge::{shown, shown_address},
    value::{UNKNOWN, Value},
};

/// Schemes of the protocol that pools of miners speak.
const SCHEMES: [&str; 6] =
    ["stratum+", "stratum://", "stratum1+", "stratum2+", "stratums://", "ethproxy"];
/// Options that only miners have.
const OPTIONS: [&str; 8] = [
    "--donate-level",
    "--cpu-max-threads-hint",
    "--rig-id",
    "--randomx-",
    "--cuda-bfactor",
    "--coin",
    "--nicehash",
    "--mining-threads",
];
/// Options behind which the account stands that is paid.
const ACCOUNTS: [&str; 5] = ["-u", "--user", "--userpass", "-w", "--wallet"];
/// What a reader is to fill in.
const PLACES: [&str; 7] = ["your", "<", "{", "xxxx", "example_wallet", "changeme", "…"];

impl Flow {
    /// Reports a command that gives the machine away.
    pub(super) fn taken_over(&mut self, name: &str, call: Call<'_>) {
        let Call { words, line, .. } = call;
        match name {
            "useradd" | "adduser" | "usermod" => self.second_root(name, words, line),
            "ssh" | "autossh" => self.tunnelled(name, words, line),
            _ => self.mined(name, words, line),
        }
    }

    /// A miner whose pool and account are written down, and that nobody sees.
    fn mined(&mut self, name: &str, words: &[Value], line: u32) {
        let begins =
            |word: &Value, all: &[&str]| all.iter().any(|begin| word.text.starts_with(begin));
        let speaks = |word: &&Value| SCHEMES.iter().any(|scheme| word.text.contains(scheme));
        let pool = words.iter().find(speaks).or_else(|| {
            let is_miner = words.iter().any(|word| begins(word, &OPTIONS));
            let at = words.iter().position(|word| matches!(word.text.as_str(), "-o" | "--url"));
            at.filter(|_| is_miner).and_then(|at| words.get(at + 1))
        });
        let Some(pool) = pool else { return };
        let account = words.iter().enumerate().find_map(|(at, word)| {
            let (option, value) = word.text.split_once('=').unwrap_or((&word.text, ""));
            let value = if value.is_empty() { words.get(at + 1)?.text.as_str() } else { value };
            ACCOUNTS.contains(&option).then_some(value)
        });
        let account = account.map(|account| account.split(UNKNOWN).next().unwrap_or_default());
        let is_written = |account: &str| {
            let lower = account.to_ascii_lowercase();
            account.len() >= 8 && !PLACES.iter().any(|place| lower.contains(place))
        };
        let unseen = self.detached
            || self.silent
            || words.iter().any(|word| matches!(word.text.as_str(), "-B" | "--background"));
        if !unseen || !account.is_some_and(is_written) || !Host::of(&pool.text).is_fixed() {
            return;
        }
        let runs = Step { fact: Fact::Run, line, what: format!("runs {} unseen", shown(name)) };
        let what = format!("digs coins at {}", shown_address(&pool.text));
        self.report(Rule::Miner, &[runs, Step { fact: Fact::Connect, line, what }]);
    }

    /// Another name for the user that may do everything.
    fn second_root(&mut self, name: &str, words: &[Value], line: u32) {
        let parted = part(words, &["u", "uid", "g", "d", "s", "G", "c", "p", "b", "k", "e", "f"]);
        let is_zero = parted.values(&["u", "uid"]).any(|id| id.text == "0");
        let is_same = parted.has(&["o", "non-unique"])
            || words.iter().any(|word| word.text.starts_with("-o") && !word.text.starts_with("--"));
        let joined = words.iter().zip(words.iter().skip(1)).any(|(option, id)| {
            option.text.starts_with("-o") && option.text.ends_with('u') && id.text == "0"
        });
        if (is_zero && is_same) || joined {
            let what = format!("makes another root with {name}");
            self.report(Rule::SecondRoot, &[Step { fact: Fact::Connect, line, what }]);
        }
    }

    /// The own login, opened at a foreign host where nobody sees it.
    fn tunnelled(&mut self, name: &str, words: &[Value], line: u32) {
        let back = |(at, word): (usize, &Value)| {
            let text = word.text.strip_prefix("-R")?;
            let text = if text.is_empty() { words.get(at + 1)?.text.as_str() } else { text };
            text.ends_with(":22").then_some(())
        };
        let unchecked = words.iter().any(|word| {
            let text = word.text.to_ascii_lowercase();
            text.contains("stricthostkeychecking=no")
                || text.contains("userknownhostsfile=/dev/null")
        });
        let relay = words.iter().map(|word| word.text.as_str()).find(|text| {
            let host = text.rsplit('@').next().unwrap_or(text);
            !text.starts_with('-') && text.contains('@') && Host::of(host).is_fixed()
        });
        let Some(relay) = relay.filter(|_| unchecked && (self.silent || self.detached)) else {
            return;
        };
        if words.iter().enumerate().any(|pair| back(pair).is_some()) && !relay.contains("your") {
            let what = format!("opens the login of this machine with {name}, unseen");
            let opens = Step { fact: Fact::Run, line, what };
            let what = format!("ties it to {}", shown_address(relay));
            self.report(Rule::ReverseShell, &[opens, Step { fact: Fact::Connect, line, what }]);
        }
    }
}
