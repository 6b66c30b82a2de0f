//! Programs that mine coins for the author, where nobody sees them.

use super::{Start, command::Call, flow::Flow};
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
    /// A miner whose pool and account are written down, and that nobody sees.
    pub(super) fn mined(&mut self, name: &str, call: Call<'_>) {
        let Call { words, line, .. } = call;
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
        let automatic = self.start == Start::Automatic;
        let unseen = automatic
            || self.detached
            || self.silent
            || words.iter().any(|word| matches!(word.text.as_str(), "-B" | "--background"));
        if !unseen || !account.is_some_and(is_written) || !Host::of(&pool.text).is_fixed() {
            return;
        }
        let how = if automatic { "by itself" } else { "unseen" };
        let runs = Step { fact: Fact::Run, line, what: format!("starts {} {how}", shown(name)) };
        let what = format!("mines for a fixed account at {}", shown_address(&pool.text));
        self.report(Rule::Miner, &[runs, Step { fact: Fact::Connect, line, what }]);
    }
}
