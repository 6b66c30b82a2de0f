//! Errors of a tool's run, after which nothing is known about the skill but what was found until then.

use super::{ToolReport, output::ParseError};
use crate::git::TRY_AGAIN_LATER;
use skillgate_contract::Provider;

const SIGHUP: i32 = 1;
const SIGINT: i32 = 2;
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

/// The tool's run proves nothing; the scan ends as an error. The texts go to people: they hold no
/// path of this machine.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// The operator has to install it.
    #[error("{provider} is not installed on this scanner ({setting} or PATH)")]
    Missing {
        /// Which tool.
        provider: &'static str,
        /// The setting that can name it.
        setting: &'static str,
    },
    /// It is there and does not start.
    #[error("{provider} could not be started: {reason}")]
    NotStarted {
        /// Which tool.
        provider: Provider,
        /// What the system said.
        reason: String,
    },
    /// It started, and its output could not be read to the end.
    #[error("the output of {provider} could not be read: {reason}")]
    Unreadable {
        /// Which tool.
        provider: Provider,
        /// What the system said.
        reason: String,
    },
    /// Our own judging of what it found panicked.
    #[error("the scanner failed while judging what {provider} found")]
    Panicked {
        /// Which tool.
        provider: Provider,
    },
    /// It, or the engine in it, was ended from outside: out of memory, most often.
    #[error("{provider} was killed by signal {signal}")]
    Killed {
        /// Which tool.
        provider: Provider,
        /// The signal.
        signal: i32,
    },
    /// It was ended from outside together with the scanner: no file does that.
    #[error(
        "{provider} was stopped together with the scanner, by signal {signal}{TRY_AGAIN_LATER}"
    )]
    Stopped {
        /// Which tool.
        provider: Provider,
        /// The signal.
        signal: i32,
    },
    /// It failed.
    #[error("{provider} failed with exit code {code}: {said}")]
    Exit {
        /// Which tool.
        provider: Provider,
        /// Its exit code.
        code: i32,
        /// Its own words.
        said: String,
    },
    /// It took longer than a scan may.
    #[error("{provider} was ended after {seconds} s")]
    TooLong {
        /// Which tool.
        provider: Provider,
        /// What was left of the scan's time.
        seconds: u64,
    },
    /// It wrote more than is read.
    #[error("{provider} reported more than {limit} bytes")]
    TooMuch {
        /// Which tool.
        provider: Provider,
        /// The limit.
        limit: usize,
    },
    /// Its output cannot be read whole.
    #[error("{provider} cannot be believed: {source}")]
    Output {
        /// Which tool.
        provider: Provider,
        /// What is wrong with it.
        source: ParseError,
    },
    /// It came to its end, and says itself that what matters in it failed.
    #[error("{provider} failed: {said}")]
    Reported {
        /// Which tool.
        provider: Provider,
        /// Its own words.
        said: String,
    },
    /// A known positive was in the copy and did not come back.
    #[error("{provider} missed a planted positive ({name}): its run proves nothing")]
    PlantedMissing {
        /// Which tool.
        provider: Provider,
        /// The planted file's name in the copy.
        name: String,
    },
    /// A copy without planted positives can prove nothing.
    #[error("nothing was planted for {provider}: its run would prove nothing")]
    NothingPlanted {
        /// Which tool.
        provider: Provider,
    },
    /// The operator allows the native engine alone.
    #[error("{provider} has no native engine here, and SEMGREP_ENGINE=native allows no other")]
    NoNativeEngine {
        /// Which tool.
        provider: Provider,
    },
    /// Our own folder failed us.
    #[error("the scanner's work folder cannot be written: {}", .0.kind())]
    Scratch(#[source] std::io::Error),
    /// It ended badly, and what was found until then counts.
    #[error("{error}")]
    Partial {
        /// How it ended.
        error: Box<Self>,
        /// What was found, and what was not read.
        report: Box<ToolReport>,
    },
}

impl ToolError {
    /// Whether it lies in the installation alone: no repository can cause it.
    #[must_use]
    pub const fn is_of_installation(&self) -> bool {
        matches!(
            self,
            Self::Missing { .. }
                | Self::NotStarted { .. }
                | Self::NothingPlanted { .. }
                | Self::NoNativeEngine { .. }
                | Self::Scratch(_)
        )
    }

    /// Whether the files that it reads caused the end: a limit of time or output, a crash, a fault of ours over them. Of a
    /// signal that others send, as a watch over the memory does, nobody knows that: the tool has to prove itself without them.
    #[must_use]
    pub const fn is_limit(&self) -> bool {
        match self {
            Self::TooLong { .. } | Self::TooMuch { .. } | Self::Panicked { .. } => true,
            Self::Killed { signal, .. } => !matches!(*signal, SIGHUP | SIGINT | SIGKILL | SIGTERM),
            _ => false,
        }
    }

    /// Whether it was stopped together with the scanner.
    #[must_use]
    pub const fn is_stop(&self) -> bool {
        matches!(self, Self::Stopped { .. })
    }

    /// This end, where the scanner was told to stop as well: a service's stop and a terminal's end reach both.
    pub(crate) fn with_the_scanner(self) -> Self {
        match self {
            Self::Killed { provider, signal: signal @ (SIGHUP | SIGINT | SIGTERM) } => {
                Self::Stopped { provider, signal }
            }
            error => error,
        }
    }

    /// Whether a stop of the scanner ends a tool in this way too.
    pub(crate) const fn may_be_a_stop(&self) -> bool {
        matches!(self, Self::Killed { signal: SIGHUP | SIGINT | SIGTERM, .. })
    }

    /// How it ended, and what was found until then.
    #[must_use]
    pub fn into_parts(self) -> (Self, ToolReport) {
        match self {
            Self::Partial { error, report } => (*error, *report),
            error => (error, ToolReport::default()),
        }
    }
}
