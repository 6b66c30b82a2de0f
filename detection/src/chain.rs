//! Chains: what is reported, and the table of their rules.

/// A rule of the table. Each names two facts that together have no honest reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// What a bare address or a throw-away host serves is run.
    FetchRun,
    /// What any host serves is run by something that starts by itself.
    AutomaticFetchRun,
    /// What is fetched is decoded and run.
    FetchDecodeRun,
    /// An encoded literal is decoded and run.
    DecodeRun,
    /// A file of keys or passwords is sent to a fixed host.
    SecretSent,
    /// The whole environment is sent to a fixed host.
    EnvironmentSent,
    /// A shell is tied to a socket of a fixed host.
    ReverseShell,
    /// Something that starts by itself reads a file of keys.
    AutomaticSecretRead,
}

impl Rule {
    /// Every rule, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::FetchRun,
        Self::AutomaticFetchRun,
        Self::FetchDecodeRun,
        Self::DecodeRun,
        Self::SecretSent,
        Self::EnvironmentSent,
        Self::ReverseShell,
        Self::AutomaticSecretRead,
    ];

    /// Whether the rule blocks a skill. One that does not is half of a chain in a place where half is bad enough to show.
    #[must_use]
    pub const fn blocks(self) -> bool {
        match self {
            Self::FetchRun
            | Self::AutomaticFetchRun
            | Self::FetchDecodeRun
            | Self::DecodeRun
            | Self::SecretSent
            | Self::EnvironmentSent
            | Self::ReverseShell => true,
            Self::AutomaticSecretRead => false,
        }
    }

    /// The rule's id. Its second part is the family, which it shares with rules of the pack.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::FetchRun => "skillgate.download-exec.chain",
            Self::AutomaticFetchRun => "skillgate.download-exec.automatic-chain",
            Self::FetchDecodeRun => "skillgate.download-exec.decoded-chain",
            Self::DecodeRun => "skillgate.decode-exec.chain",
            Self::SecretSent => "skillgate.exfiltration.secret-chain",
            Self::EnvironmentSent => "skillgate.exfiltration.environment-chain",
            Self::ReverseShell => "skillgate.reverse-shell.chain",
            Self::AutomaticSecretRead => "skillgate.exfiltration.automatic-read",
        }
    }

    /// What was seen, why it matters, and what to do.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::FetchRun => {
                "A program is fetched from a bare IP address or a throw-away host and run. Whoever holds that address \
                 decides what runs on the installing machine, and can change it at any time. Do not run it. Authors: \
                 publish the program in the repository, or a release with a checksum."
            }
            Self::AutomaticFetchRun => {
                "A command that an agent runs by itself fetches a program and runs it. Nobody is asked, and the host can \
                 change the program at any time. Do not install it. Authors: call a script that is in the repository."
            }
            Self::FetchDecodeRun => {
                "What a URL serves is decoded and run. Encoding a download hides it from a reader and from scanners. Do \
                 not run it. Authors: publish the program in the clear."
            }
            Self::DecodeRun => {
                "An encoded text is decoded and run, so that nobody sees the command before it runs. Do not run it; \
                 decode it and read it first. Authors: write the command in the clear."
            }
            Self::SecretSent => {
                "A file of keys or passwords is sent to a fixed host. Do not run it; replace the keys if you did. \
                 Authors: no skill needs this file off the machine."
            }
            Self::EnvironmentSent => {
                "The whole environment, with the keys in it, is sent to a fixed host. Do not run it; replace the keys if \
                 you did. Authors: send the one value that is needed, and name it."
            }
            Self::ReverseShell => {
                "A shell reads its commands from a remote host. Whoever holds that host controls the installing machine. \
                 Do not run it."
            }
            Self::AutomaticSecretRead => {
                "A command that an agent runs by itself reads a file of keys. What it prints may go to the model, to a log or \
                 to another host. Authors: ask the user for the one value that is needed."
            }
        }
    }
}

/// One fact of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its line in the text, from 1.
    pub line: u32,
    /// What happens there, as a clause without a subject: `fetches http://…`.
    pub what: String,
}

/// Facts that are tied by data, and the rule that they fulfil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Which rule.
    pub rule: Rule,
    /// The facts in the order of the data.
    pub steps: Vec<Step>,
}

impl Chain {
    /// The first line of the text that belongs to the chain.
    #[must_use]
    pub fn first_line(&self) -> u32 {
        self.steps.iter().map(|step| step.line).min().unwrap_or(1)
    }

    /// The last line of the text that belongs to the chain.
    #[must_use]
    pub fn last_line(&self) -> u32 {
        self.steps.iter().map(|step| step.line).max().unwrap_or(1)
    }

    /// The rule's message, and behind it the steps with their lines, each line `place(line)`.
    #[must_use]
    pub fn message(&self, place: impl Fn(u32) -> u32) -> String {
        let steps: Vec<_> = self
            .steps
            .iter()
            .map(|step| format!("line {} {}", place(step.line), step.what))
            .collect();
        format!("{} Steps: {}.", self.rule.message(), steps.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_all_rules_has_each_of_them_once() {
        // A variant that is added last and not listed would have the number behind the list's end.
        let numbers: Vec<_> = Rule::ALL.iter().map(|rule| *rule as usize).collect();
        assert_eq!(numbers, (0..Rule::ALL.len()).collect::<Vec<_>>());
        assert_eq!(
            Rule::AutomaticSecretRead as usize + 1,
            Rule::ALL.len(),
            "the last variant is listed"
        );
        let mut ids: Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Rule::ALL.len());
    }
}
