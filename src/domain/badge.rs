//! What a badge says: green is for what was proven at the published commit, and for nothing else.

use super::overall;
use crate::model::{EntryState, SkillState};
use skillgate_contract::{InstallerStatus, Provider, ScanStatus};

/// What a badge is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The verdict over all providers.
    Overall,
    /// The verdict of one provider.
    Provider(Provider),
}

impl Subject {
    /// Reads the last segment of a badge's address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "overall" { Some(Self::Overall) } else { text.parse().ok().map(Self::Provider) }
    }

    /// The text of the left half of the badge.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Overall => "security",
            Self::Provider(provider) => provider.as_str(),
        }
    }
}

/// The right half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Proven at the published commit.
    Pass,
    /// Something fails, at whatever commit.
    Fail,
    /// A scan is awaited, so the verdict may still come.
    Pending,
    /// A pass of another commit than the published one: it counts towards nothing.
    Outdated,
    /// An entry stops its installation, whatever the newest scans say.
    Blocked,
    /// No verdict, in this word.
    Without(&'static str),
    /// A bare name that several skills end in.
    Ambiguous,
    /// No such skill or provider, or nobody could be asked.
    Unknown,
}

impl Standing {
    /// The words on the badge.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Pending => "PENDING",
            Self::Outdated => "outdated",
            Self::Blocked => "blocked",
            Self::Without(word) => word,
            Self::Ambiguous => "ambiguous",
            Self::Unknown => "unknown",
        }
    }
}

/// What a skill's badge says. That of one tool speaks of its scan alone.
#[must_use]
pub fn standing(state: &SkillState, subject: Subject) -> Standing {
    match subject {
        Subject::Overall => match (overall_standing(state), state.skill.standing) {
            (Standing::Fail, _) => Standing::Fail,
            (_, Some(EntryState::Active)) => Standing::Blocked,
            (Standing::Pass, Some(EntryState::Proposed)) => Standing::Without("tainted"),
            (other, _) => other,
        },
        Subject::Provider(provider) => {
            let Some(scan) = state.newest(provider) else { return Standing::Pending };
            match scan.status {
                ScanStatus::Pass if overall::is_of_published(state, scan) => Standing::Pass,
                ScanStatus::Pass => Standing::Outdated,
                ScanStatus::Fail => Standing::Fail,
                ScanStatus::Pending | ScanStatus::Running => Standing::Pending,
                ScanStatus::Incomplete => Standing::Without("INCOMPLETE"),
                ScanStatus::Error => Standing::Without("ERROR"),
                ScanStatus::TimedOut => Standing::Without("TIMED OUT"),
            }
        }
    }
}

fn overall_standing(state: &SkillState) -> Standing {
    let all_passed = state.scans.iter().all(|scan| scan.status == ScanStatus::Pass);
    match overall::overall(state) {
        InstallerStatus::Pass => Standing::Pass,
        InstallerStatus::Fail => Standing::Fail,
        InstallerStatus::Pending => Standing::Pending,
        InstallerStatus::TimedOut if all_passed => Standing::Outdated,
        InstallerStatus::TimedOut => Standing::Without("TIMED OUT"),
    }
}
