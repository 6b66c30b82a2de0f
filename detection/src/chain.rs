//! Chains: what is reported, and the table of their rules.

use std::collections::HashSet;

/// Writes the enum of rules and what each says from one row a rule.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident { id: $id:literal, blocks: $blocks:literal, message: $message:literal, })*) => {
        /// A rule of the table. Each names facts that together have no honest reading.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Rule {
            $($(#[$doc])* $rule,)*
        }

        impl Rule {
            /// Every rule, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$rule),*];

            /// Whether the rule blocks a skill. One that does not is half of a chain in a place where half is bad enough to show.
            #[must_use]
            pub const fn blocks(self) -> bool {
                match self {
                    $(Self::$rule => $blocks,)*
                }
            }

            /// The rule's id. Its second part is the family, which it shares with rules of the pack.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$rule => $id,)*
                }
            }

            /// What was seen, why it matters, and what to do.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$rule => $message,)*
                }
            }
        }
    };
}

rules! {
    /// What a bare address or a throw-away host serves is run.
    FetchRun {
        id: "skillgate.download-exec.chain",
        blocks: true,
        message:
        "A program is fetched from a bare IP address or a throw-away host and run. Whoever holds that address \
         decides what runs on the installing machine, and can change it at any time. Do not run it. Authors: \
         publish the program in the repository, or a release with a checksum.",
    }
    /// What any host serves is run by something that starts by itself.
    AutomaticFetchRun {
        id: "skillgate.download-exec.automatic-chain",
        blocks: true,
        message:
        "A command that an agent runs by itself fetches a program and runs it. Nobody is asked, and the host can \
         change the program at any time. Do not install it. Authors: call a script that is in the repository.",
    }
    /// What is fetched is decoded and run.
    FetchDecodeRun {
        id: "skillgate.download-exec.decoded-chain",
        blocks: true,
        message:
        "What a URL serves is decoded and run. Encoding a download hides it from a reader and from scanners. Do \
         not run it. Authors: publish the program in the clear.",
    }
    /// An encoded literal is decoded and run.
    DecodeRun {
        id: "skillgate.decode-exec.chain",
        blocks: true,
        message:
        "An encoded text is decoded and run, so that nobody sees the command before it runs. Do not run it; \
         decode it and read it first. Authors: write the command in the clear.",
    }
    /// A file of keys or passwords is sent to a fixed host.
    SecretSent {
        id: "skillgate.exfiltration.secret-chain",
        blocks: true,
        message:
        "A file of keys or passwords is sent to a fixed host. Do not run it; replace the keys if you did. \
         Authors: no skill needs this file off the machine.",
    }
    /// The keys of several services are gathered, and the same programs send to a fixed host.
    Gathered {
        id: "skillgate.exfiltration.gathered-chain",
        blocks: true,
        message:
        "Programs gather the files of keys of several services and send data to a fixed host. No service needs the keys \
         of three others. Do not run it; replace the keys if you did. Authors: read the one file that is needed, and \
         send nothing of it.",
    }
    /// The keys of several services are read to count or to check them, and a report is sent to a fixed host.
    GatheredInDoubt {
        id: "skillgate.exfiltration.gathered-in-doubt",
        blocks: false,
        message:
        "A program reads the files of keys of several services to count or to check them, and sends data to a fixed host. \
         Look at what it sends before you run it. Authors: keep the report on the machine.",
    }
    /// The whole environment is sent to a fixed host.
    EnvironmentSent {
        id: "skillgate.exfiltration.environment-chain",
        blocks: true,
        message:
        "The whole environment, with the keys in it, is sent to a fixed host. Do not run it; replace the keys if \
         you did. Authors: send the one value that is needed, and name it.",
    }
    /// A shell is tied to a socket of a fixed host.
    ReverseShell {
        id: "skillgate.reverse-shell.chain",
        blocks: true,
        message:
        "A shell reads its commands from a remote host. Whoever holds that host controls the installing machine. \
         Do not run it.",
    }
    /// What a named host serves is run where nobody sees it.
    ConcealedFetchRun {
        id: "skillgate.download-exec.concealed-chain",
        blocks: true,
        message:
        "A program is fetched and run in the background, and everything that it prints is thrown away. The host can \
         change it at any time, and nobody sees that it ran. Do not run it. Authors: run it in the foreground, and \
         publish it in the repository or with a checksum.",
    }
    /// A remote host decides whether a home folder, a disk or a repository is destroyed.
    RemoteDestruction {
        id: "skillgate.destruction.remote-switch",
        blocks: true,
        message:
        "The answer of a remote host decides whether a whole home folder, disk or repository is destroyed. Do not run \
         it. Authors: delete what the program itself has made, and ask first.",
    }
    /// A folder in which people keep their own files is deleted.
    HomeDestroyed {
        id: "skillgate.destruction.home-folder",
        blocks: true,
        message:
        "The program deletes a whole folder in which people keep their own files. Do not run it. Authors: delete what \
         the program itself has made, and ask first.",
    }
    /// A program that asks first deletes a folder in which people keep their own files.
    HomeDestroyedAsked {
        id: "skillgate.destruction.home-folder-asked",
        blocks: false,
        message:
        "The program deletes a whole folder in which people keep their own files, and may ask before it does. Read what \
         it asks, and when, before you run it. Authors: delete what the program itself has made.",
    }
    /// A miner runs unseen for an account that is written down.
    Miner {
        id: "skillgate.destruction.miner-chain",
        blocks: true,
        message:
        "The machine digs coins for an account that is written down, where nobody sees it. Do not run it. Authors: let \
         users name their account, and run it in the foreground.",
    }
    /// A page that runs what visitors send is written among those of a site, or hidden.
    WebShell {
        id: "skillgate.persistence.web-shell",
        blocks: true,
        message:
        "A page is written that runs what any visitor of the site sends. Do not run it; look for the page if you did. \
         Authors: no site needs such a page.",
    }
    /// Keys that a nameless host serves may log in.
    FetchedKeys {
        id: "skillgate.persistence.fetched-keys",
        blocks: true,
        message:
        "Keys that a bare address or a throw-away host serves are allowed to log in to this machine. Whoever holds that \
         host gets in from then on. Do not run it; look at authorized_keys if you did. Authors: let users name their key.",
    }
    /// A key of a stranger may log in, and the script conceals that.
    HiddenKey {
        id: "skillgate.persistence.hidden-key",
        blocks: false,
        message:
        "A key that the script holds itself is allowed to log in to this machine, and the script conceals that. Whoever \
         holds the other half of the key gets in from then on. Do not run it; look at authorized_keys if you did. \
         Authors: let users name their key, and say so.",
    }
    /// A script opens a way back into the machine that only its author can use, and no administrator needs.
    BackDoor {
        id: "skillgate.persistence.back-door",
        blocks: true,
        message:
        "The script opens a way back into this machine for whoever wrote it: a login key that it holds itself, beside a \
         second account with all rights or a concealed tunnel. Do not run it; look at authorized_keys, /etc/passwd and \
         running tunnels if you did. Authors: let users name the key, the account and the host.",
    }
    /// Something that starts by itself reads a file of keys.
    AutomaticSecretRead {
        id: "skillgate.exfiltration.automatic-read",
        blocks: false,
        message:
        "A command that an agent runs by itself reads a file of keys. What it prints may go to the model, to a log or \
         to another host. Authors: ask the user for the one value that is needed.",
    }
    /// Settings of a project grant every command.
    EveryToolGranted {
        id: "skillgate.agent-settings.every-tool",
        blocks: false,
        message:
        "Settings that come with the skill let the agent run every command without asking. Whatever the agent reads \
         later can then make it do anything. Look at the file before you trust the folder. Authors: allow the commands \
         that the skill needs, by name.",
    }
    /// Settings exchange the address that an agent talks to, or switch off the check of who answers.
    Redirected {
        id: "skillgate.agent-settings.redirected",
        blocks: false,
        message:
        "Settings that come with the skill send the agent's traffic, with its keys and your prompts, to another host, or \
         switch off the check of who answers. Look at the file before you trust the folder. Authors: leave the address \
         to the user's own settings.",
    }
    /// Settings make other programs load a file of the skill.
    LoadedBySetting {
        id: "skillgate.agent-settings.loaded-by-setting",
        blocks: false,
        message:
        "A setting makes other programs load or start a file that comes with the skill, each time and without a word. \
         Read that file before you use the folder. Authors: call the program where it is needed.",
    }
    /// Packages come from a foreign registry, and nobody checks who answers.
    UncheckedRegistry {
        id: "skillgate.supply-chain.unchecked-registry",
        blocks: false,
        message:
        "Packages are installed from a foreign registry without a check of who answers, so that anybody on the way can \
         exchange them, and installing runs their code. Authors: use https and leave the check on.",
    }
    /// A variable that holds a key is sent to a bare address or a throw-away host.
    VariableSent {
        id: "skillgate.exfiltration.variable-chain",
        blocks: true,
        message:
        "A variable of the environment that holds a key is sent to a bare address or a throw-away host, which is not the service that \
         gave the key. Do not run it; replace the key if you did. Authors: send a key to its own service only.",
    }
    /// What a named host serves is evaluated as code of the program.
    FetchEvaluated {
        id: "skillgate.download-exec.remote-code",
        blocks: false,
        message:
        "Code is fetched from a host and evaluated. The host can change it at any time, after any review. Authors: \
         publish the code in the repository.",
    }
    /// What a named host serves is evaluated where nobody looks at it.
    UnattendedCode {
        id: "skillgate.download-exec.unattended-code",
        blocks: true,
        message:
        "Code is fetched from a host and run where nobody sees it: its errors are swallowed, or it is fetched again and \
         again. The host can change it at any time, after any review. Do not run it. Authors: publish the code in the \
         repository.",
    }
    /// A text tells the agent to send a secret to a fixed host.
    ToldToSend {
        id: "skillgate.exfiltration.told-chain",
        blocks: true,
        message:
        "The text tells the agent to read a secret and to send it to a fixed host. No skill needs this secret off the \
         machine. Do not install it; replace the keys if an agent followed it. Authors: name the one value that is \
         needed, and ask the user for it.",
    }
    /// A text orders a deed that is to be kept from the user.
    ConcealedDeed {
        id: "skillgate.prompt-injection.concealed-deed",
        blocks: true,
        message:
        "The text tells the agent to handle secrets, data, settings or remote code and to keep that from the user. \
         Do not install it. Authors: say openly what the skill does.",
    }
    /// A place that people do not see holds an order.
    HiddenOrder {
        id: "skillgate.prompt-injection.hidden-order",
        blocks: true,
        message:
        "A place that people do not see tells the agent to act on secrets or remote code. Do not install it. Authors: \
         say it in the open text.",
    }
    /// Earlier or safety instructions are set aside, and an act is ordered.
    OverrideAndAct {
        id: "skillgate.prompt-injection.override-and-act",
        blocks: true,
        message:
        "The text tells the agent to disregard its instructions and to act on secrets, data or remote code, or to hide \
         it. Do not install it. Authors: a skill adds instructions; it sets none aside.",
    }
    /// A tool asks for a secret in a parameter.
    ToolDescription {
        id: "skillgate.prompt-injection.tool-description",
        blocks: true,
        message:
        "The text makes the agent read a secret and pass it to a tool that does not need it. Whoever runs the tool gets \
         the secret. Do not install it. Authors: ask the user for the value that the tool needs.",
    }
    /// A standing instruction that harms is written into the agent's memory.
    StandingOrder {
        id: "skillgate.agent-memory.standing-order",
        blocks: true,
        message:
        "The text tells the agent to write an instruction into its memory that sends data away, or that overrides its \
         rules and hides it. It steers every later session. Do not install it, and remove the instruction. Authors: \
         keep instructions in SKILL.md.",
    }
    /// A command of a throw-away host is to be pasted into a terminal.
    ToldToPaste {
        id: "skillgate.fake-prerequisite.told-to-paste",
        blocks: true,
        message:
        "The text tells its reader to run a command that a bare address or a throw-away host shows. Whoever holds the \
         page decides what runs. Do not run it. Authors: write the command into the text.",
    }
    /// What an address says is to be done, unseen or in the user's name.
    RemoteOrders {
        id: "skillgate.prompt-injection.remote-orders",
        blocks: true,
        message:
        "The text tells the agent to fetch instructions from an address and to do what they say, from a bare address or \
         a throw-away host, without the user's knowledge, or above the user's own wishes. Whoever holds that address \
         controls the agent, and can change the instructions after any review. Do not install it. Authors: write the \
         instructions into the skill.",
    }
    /// The same deeds where an honest reading is possible.
    ToldInDoubt {
        id: "skillgate.prompt-injection.told-in-doubt",
        blocks: false,
        message:
        "The text tells the agent to send a file of secrets to a fixed host, or to pass keys to a tool. There may be an \
         honest reason. Read it before you install. Authors: say why, and ask the user first.",
    }
}

/// Writes the enum of facts and the word of each from one row a fact.
macro_rules! facts {
    ($($(#[$doc:meta])* $fact:ident $word:literal)*) => {
        /// What a step of a chain is. A fact alone is no finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Fact {
            $($(#[$doc])* $fact,)*
        }

        impl Fact {
            /// Every fact, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$fact),*];

            /// The fact's name on the wire: lower case, joined by hyphens.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$fact => $word,)*
                }
            }
        }
    };
}

facts! {
    /// Something is fetched from a host.
    Fetch "fetch"
    /// Data is decoded.
    Decode "decode"
    /// A file of keys or passwords is read.
    ReadSecret "read-secret"
    /// The environment is read.
    ReadEnvironment "read-environment"
    /// Data is sent to a host.
    Send "send"
    /// A program or a text is run.
    Run "run"
    /// Files, disks or repositories are destroyed.
    Destroy "destroy"
    /// A socket to a host is opened.
    Connect "connect"
    /// A text orders to keep something from the user.
    Hide "hide"
    /// A text orders to disregard earlier instructions.
    Ignore "ignore"
    /// A text orders to write into the agent's memory or settings.
    WriteMemory "write-memory"
    /// An order stands where people do not see it.
    HiddenPlace "hidden-place"
    /// Words are disguised by letters that look alike or are not shown.
    Disguise "disguise"
    /// An agent runs a command by itself.
    AutoRun "auto-run"
}

/// One fact of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What happens there, as a word.
    pub fact: Fact,
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

    /// The rule's message, and behind it what each step does. The steps' places are not in it.
    #[must_use]
    pub fn message(&self) -> String {
        let steps: Vec<_> = self.steps.iter().map(|step| step.what.as_str()).collect();
        format!("{} Seen: {}.", self.rule.message(), steps.join("; "))
    }
}

/// The chains of a text: of each rule one for its first and last line.
#[derive(Debug, Default)]
pub(crate) struct Chains {
    /// In the order in which they were found.
    pub(crate) all: Vec<Chain>,
    seen: HashSet<(Rule, u32, u32)>,
}

impl Chains {
    /// Adds those that say something new.
    pub(crate) fn add(&mut self, chains: impl IntoIterator<Item = Chain>) {
        for chain in chains {
            if self.seen.insert((chain.rule, chain.first_line(), chain.last_line())) {
                self.all.push(chain);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_and_each_fact_has_a_name_of_its_own() {
        let mut ids: Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        ids.extend(Fact::ALL.iter().map(|fact| fact.word()));
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
