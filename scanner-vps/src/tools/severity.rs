//! The one table from what a tool says to how bad it is.
//!
//! Tools grade weaknesses in an author's code; a skill that is blocked needs evidence of malice.
//! So critical is a closed list of our own rules, and no tool's "error" ever becomes one. What
//! lowers a severity ([`Context`]) never deletes a finding.

use skillgate_contract::Severity;

/// A rule's severity, whatever the tool calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// `ERROR`, and semgrep's `CRITICAL` and `HIGH`.
    Error,
    /// `WARNING` and `MEDIUM`.
    #[default]
    Warning,
    /// `INFO`, `LOW` and the rest.
    Info,
}

impl Level {
    /// Reads a tool's word.
    #[must_use]
    pub fn read(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "ERROR" | "CRITICAL" | "HIGH" => Self::Error,
            "WARNING" | "MEDIUM" => Self::Warning,
            _ => Self::Info,
        }
    }
}

/// A rule's confidence or likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grade {
    /// `HIGH`.
    High,
    /// `MEDIUM`, or not said.
    #[default]
    Medium,
    /// `LOW`.
    Low,
}

impl Grade {
    /// Reads a tool's word.
    #[must_use]
    pub fn read(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "HIGH" => Self::High,
            "LOW" => Self::Low,
            _ => Self::Medium,
        }
    }
}

/// Where a match stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Context {
    /// Nowhere special.
    #[default]
    Plain,
    /// In prose that nobody is told to follow, in a sentence that warns of it, among the examples
    /// of attacks, or in the pattern of a detector: no certainty that anybody runs it.
    Doubtful,
    /// In a text that is only compared or searched: nothing in the skill runs it or tells an agent
    /// to follow it.
    Material,
}

/// Who says what about what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A rule of the bundled pack.
    Bundled {
        /// The rule's severity.
        level: Level,
        /// `metadata.category` is `malice`.
        malice: bool,
        /// `metadata.confidence`.
        confidence: Grade,
        /// The rule stands on the reviewed list.
        listed: bool,
        /// Where it matched.
        context: Context,
    },
    /// A semgrep rule of somebody else.
    UserPack {
        /// The rule's severity.
        level: Level,
        /// `metadata.category` is `security`, or is not said.
        security: bool,
        /// `confidence` or `likelihood` is low.
        unsure: bool,
    },
    /// A stock rule about weaknesses in code.
    Weakness {
        /// The rule's severity.
        level: Level,
        /// In tests, examples, vendored or minified files.
        quiet_place: bool,
    },
    /// A detector of secrets that was not asked to verify them.
    Secret {
        /// A private key or a webhook: usable by whoever reads it.
        usable: bool,
        /// Only the history holds it.
        only_in_history: bool,
    },
}

/// How bad a finding is.
#[must_use]
pub fn severity(source: Source) -> Severity {
    match source {
        Source::Bundled { level: Level::Error, context: Context::Material, .. } => Severity::Medium,
        Source::Bundled { level: Level::Error, malice, confidence, listed, context } => {
            let certain = malice && listed && confidence == Grade::High;
            if certain && context == Context::Plain { Severity::Critical } else { Severity::High }
        }
        Source::Bundled { level, .. } => plain(level),
        Source::UserPack { security: false, .. } => Severity::Low,
        Source::UserPack { level: Level::Error, unsure: true, .. } => Severity::Medium,
        Source::Weakness { level: Level::Error, quiet_place: true } => Severity::Medium,
        Source::UserPack { level, .. } | Source::Weakness { level, .. } => plain(level),
        Source::Secret { usable: true, only_in_history: false } => Severity::Medium,
        // Low is the lowest step: what is only in the history cannot go below it.
        Source::Secret { .. } => Severity::Low,
    }
}

const fn plain(level: Level) -> Severity {
    match level {
        Level::Error => Severity::High,
        Level::Warning => Severity::Medium,
        Level::Info => Severity::Low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_listed_certain_malice_rule_in_a_plain_place_is_critical() {
        use Context::{Doubtful, Material, Plain};
        let bundled = |level, malice, confidence, listed, context| {
            severity(Source::Bundled { level, malice, confidence, listed, context })
        };
        for (ours, expected) in [
            (bundled(Level::Error, true, Grade::High, true, Plain), Severity::Critical),
            (bundled(Level::Error, false, Grade::High, true, Plain), Severity::High),
            (bundled(Level::Error, true, Grade::Medium, true, Plain), Severity::High),
            (bundled(Level::Error, true, Grade::High, false, Plain), Severity::High),
            (bundled(Level::Error, true, Grade::High, true, Doubtful), Severity::High),
            (bundled(Level::Error, true, Grade::High, true, Material), Severity::Medium),
            (bundled(Level::Warning, true, Grade::High, true, Plain), Severity::Medium),
            (bundled(Level::Info, true, Grade::High, true, Plain), Severity::Low),
        ] {
            assert_eq!(ours, expected);
        }
    }

    #[test]
    fn nobody_elses_rule_is_ever_critical() {
        use Severity::{High, Low, Medium};
        let user = |level, security, unsure| severity(Source::UserPack { level, security, unsure });
        let njsscan = |level, quiet_place| severity(Source::Weakness { level, quiet_place });
        let secret = |usable, only_in_history| severity(Source::Secret { usable, only_in_history });
        for (ours, expected) in [
            (user(Level::read("CRITICAL"), true, false), High),
            (user(Level::read("ERROR"), true, false), High),
            (user(Level::read("ERROR"), true, true), Medium),
            (user(Level::read("MEDIUM"), true, false), Medium),
            (user(Level::read("LOW"), true, false), Low),
            (user(Level::read("ERROR"), false, false), Low),
            (njsscan(Level::read("ERROR"), false), High),
            (njsscan(Level::read("ERROR"), true), Medium),
            (njsscan(Level::read("WARNING"), false), Medium),
            (njsscan(Level::read("WARNING"), true), Medium),
            (njsscan(Level::read("INFO"), false), Low),
            (secret(false, false), Low),
            (secret(true, false), Medium),
            (secret(true, true), Low),
            (secret(false, true), Low),
        ] {
            assert_eq!(ours, expected);
        }
    }
}
