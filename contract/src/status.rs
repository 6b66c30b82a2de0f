//! Where a scan stands, and how the installer is told.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The state of one scan: `PENDING → RUNNING → PASS | FAIL | INCOMPLETE | ERROR`, and `TIMED_OUT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ScanStatus {
    /// Written down; no scanner has spoken yet.
    Pending,
    /// A scanner works on it.
    Running,
    /// It ran, it proved that it read everything, and nothing fails.
    Pass,
    /// It ran and found something that fails.
    Fail,
    /// It ran and found nothing that fails, but cannot prove that it read everything.
    Incomplete,
    /// The clone, the tool or the rules failed: nothing was learnt.
    Error,
    /// No word came in time. A late result still replaces it.
    TimedOut,
}

impl ScanStatus {
    /// Every status, each of them once.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Running,
        Self::Pass,
        Self::Fail,
        Self::Incomplete,
        Self::Error,
        Self::TimedOut,
    ];

    /// The name in rows, payloads and `phase`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Incomplete => "INCOMPLETE",
            Self::Error => "ERROR",
            Self::TimedOut => "TIMED_OUT",
        }
    }

    /// A result may still come without anybody asking again.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }

    /// Holds a scanner's verified answer. `TIMED_OUT` does not: a late answer replaces it.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        matches!(self, Self::Pass | Self::Fail | Self::Incomplete | Self::Error)
    }

    /// The four words that the installer knows.
    #[must_use]
    pub const fn for_installer(self) -> InstallerStatus {
        match self {
            Self::Pending | Self::Running => InstallerStatus::Pending,
            Self::Pass => InstallerStatus::Pass,
            Self::Fail => InstallerStatus::Fail,
            Self::Incomplete | Self::Error | Self::TimedOut => InstallerStatus::TimedOut,
        }
    }

    /// What the installer reads as the provider's verdict; `None` while there is none.
    #[must_use]
    pub const fn verdict_for_installer(self) -> Option<InstallerVerdict> {
        match self {
            Self::Pass => Some(InstallerVerdict::Pass),
            Self::Fail => Some(InstallerVerdict::Fail),
            Self::Incomplete => Some(InstallerVerdict::Concerns),
            Self::Pending | Self::Running | Self::Error | Self::TimedOut => None,
        }
    }
}

impl fmt::Display for ScanStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of PENDING, RUNNING, PASS, FAIL, INCOMPLETE, ERROR, TIMED_OUT")]
pub struct UnknownStatus;

impl FromStr for ScanStatus {
    type Err = UnknownStatus;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|v| v.as_str() == s).ok_or(UnknownStatus)
    }
}

/// The closed set that the installer reads as `status` and `overallVerdict`; anything else makes
/// it print a warning and fall back to `PENDING`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InstallerStatus {
    /// Every scan that it stands for passed.
    Pass,
    /// A scan that it stands for failed the skill.
    Fail,
    /// No answer yet; one may still come.
    Pending,
    /// Will not come by itself, or proves nothing.
    TimedOut,
}

impl InstallerStatus {
    /// The word as the installer reads it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Pending => "PENDING",
            Self::TimedOut => "TIMED_OUT",
        }
    }
}

/// The closed set that the installer reads as one provider's `verdict`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InstallerVerdict {
    /// Nothing was found that fails the skill.
    Pass,
    /// Something was found that fails the skill.
    Fail,
    /// Nothing that fails was found, in what could be read.
    Concerns,
}
