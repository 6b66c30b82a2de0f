//! The classes of phrases: what a phrase may do in a sentence.

/// Writes the enum of classes and the word of each in the data.
macro_rules! classes {
    ($($(#[$doc:meta])* $class:ident $word:literal)*) => {
        /// What a phrase may be.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Class {
            $($(#[$doc])* $class,)*
        }

        impl Class {
            /// Its bit in a set of classes.
            pub(super) const fn bit(self) -> u128 {
                1 << (self as u32)
            }

            /// The class that the data calls so.
            pub(super) fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$class),)*
                    _ => None,
                }
            }
        }
    };
}

classes! {
    /// Orders to hand something to somebody else.
    Send "send"
    /// Orders to take something in.
    Read "read"
    /// Orders to start something.
    Run "run"
    /// Orders to put something into a file.
    Write "write"
    /// Verbs that let a person know something.
    Tell "tell"
    /// The same, already negated: languages whose negation is a part of the verb.
    Hush "hush"
    /// Verbs under whose negation the next verb is an order: to wait, to skip, to forget.
    Halt "halt"
    /// The person whom the agent works for.
    User "user"
    /// A negation before its verb.
    Not "not"
    /// A negation that makes its clause a manner: `without`.
    Without "without"
    /// A negation behind its verb.
    After "after"
    /// Phrases that say that the user is not to know.
    Hide "hide"
    /// Adverbs that may say so.
    Quiet "quiet"
    /// The deed itself as an object: `this step`.
    Deed "deed"
    /// A bare `this`.
    This "this"
    /// What refers to the object before, or to what it holds.
    Pronoun "pron"
    /// `that you`, before a deed.
    ThatYou "thatyou"
    /// Secrets that no service needs.
    Keys "keys"
    /// Secrets that a service may need.
    Secret "secret"
    /// One value: a token, a password.
    Value "value"
    /// What a user works on.
    Data "data"
    /// Orders to disregard.
    Ignore "ignore"
    /// What was said before, or by the system.
    Earlier "earlier"
    /// Rules, instructions.
    Rules "rules"
    /// Phrases that name the rules of safety.
    Safety "safety"
    /// The agent, spoken to.
    Agent "agent"
    /// Exceptions: `unless`, `until`.
    Unless "unless"
    /// What tells that somebody else says it: `attackers`, `detect`.
    Report "report"
    /// Orders to paste into a terminal.
    Paste "paste"
    /// A command as a thing.
    Command "command"
    /// A parameter of a tool.
    Parameter "param"
    /// Phrases that take the user's approval for given.
    Approve "approve"
    /// Phrases that make a thing a condition of a tool's work.
    Forced "forced"
    /// Phrases that claim an authority.
    Authority "authority"
    /// Phrases that say: from now on.
    Persist "persist"
    /// Joins clauses.
    And "and"
    /// Joins what one negation holds.
    Or "or"
    /// Turns the sentence round.
    But "but"
    /// The user is asked.
    Consent "consent"
    /// What follows, or in some languages precedes, is a tool of the act, not its object.
    Instrument "instr"
    /// Small words around an object.
    Small "small"
    /// Marks the word before it as the object.
    Object "obj"
    /// Before it, a word that may be a verb is a noun.
    Article "art"
    /// Before it, a verb is no order.
    Modal "modal"
    /// Frequent words by which a language is known.
    Stop "stop"
    /// Texts that are no rules: prompts, messages.
    Prompts "prompts"
    /// People whom the user serves.
    Client "client"
    /// Reports that hold for all that follows them in the sentence: verbs of saying, warnings, attackers.
    Say "say"
    /// What makes a clause a reason or an aim: `to prevent`, `because`.
    Aim "aim"
    /// Phrases that show what follows as the words or commands of an attacker.
    Foe "foe"
    /// Those who attack, and what they write.
    Attacker "attacker"
    /// What these do: behind them, the phrase announces what they write.
    Shows "shows"
    /// What is said of a text of somebody else that was shown: `treat it as data`.
    Disown "disown"
    /// What announces a text of somebody else, whatever it says.
    Foreign "foreign"
    /// What says of all that is quoted in a text that it is quoted only.
    Quoted "quoted"
    /// Orders to look for the code behind them.
    Hunt "hunt"
    /// Orders to do something, whatever it is: to use, to type, to begin.
    Do "do"
    /// Objects of orders that are no text that was shown: a scan, a report, the skill.
    Aside "aside"
    /// Orders to do what another text says.
    Follow "follow"
    /// Orders to put a text somewhere: into a form, a file or a terminal.
    Insert "insert"
    /// What makes another text the agent's own: `applies to you`.
    Binds "binds"
    /// What puts an order before all others: `first`, `before`.
    First "first"
    /// What a text to be followed holds: `steps`, `instructions`.
    Steps "steps"
    /// Orders to hold a thing against a file.
    Matter "matter"
    /// What the file stands behind: `with`, `against`.
    Against "against"
    /// What refers to something shown before: `the command above`.
    Back "back"
    /// The agent's lasting memory, where no file is named.
    Memory "memory"
    /// Words by which somebody speaks in the user's name.
    Feign "feign"
    /// Verbs of coming to know.
    Know "know"
    /// Orders to put one thing in another's place.
    Redirect "redirect"
    /// Whom a message or a payment goes to.
    Recipient "recip"
    /// Orders to decode.
    Decode "decode"
    /// What the user, or somebody else, is to be told in place of the truth.
    Lie "lie"
    /// Further verbs that let a person know something, where they are negated.
    Utter "utter"
    /// Somebody asks about it: `if asked`.
    Asked "asked"
    /// Where an agent tells what it did: the summary, the answer.
    Venue "venue"
    /// Orders to answer.
    Answer "answer"
    /// Orders to switch off or to remove.
    Disarm "disarm"
    /// What protects a user, and what would show a deed: checks, logs, a history.
    Guard "guard"
    /// Rights and ways in: `admin`, a deploy key, a dependency.
    Privilege "privilege"
    /// Deeds that take a decision away from the user.
    Usurp "usurp"
    /// What makes a verb of telling passive: `be`.
    Passive "passive"
    /// What begins a phrase of place, time or condition behind an object.
    Where "where"
    /// The same as orders to send, in forms that order only where something is kept from the user.
    Ship "ship"
    /// Guards, rights and decisions that honest work touches every day: logs, a trash folder, a dependency, `admin`.
    Weak "weak"
    /// What makes deleting logs a rotation: `older than`.
    Aged "aged"
    /// Behind or before a person: who does the deed, not to whom it is given.
    Doer "doer"
}
