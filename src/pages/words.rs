//! What statuses and verdicts mean, in sentences.

use crate::{
    domain::overall,
    model::{ScanRow, SkillState},
};
use skillgate_contract::{InstallerStatus, Provider, ScanStatus, callback::Coverage};
use std::borrow::Cow;

/// A status as people read it.
pub(super) const fn status(status: ScanStatus) -> &'static str {
    match status {
        ScanStatus::TimedOut => "TIMED OUT",
        other => other.as_str(),
    }
}

/// A verdict as people read it. Installers know one word for all that is no answer; people are told
/// which of it is so.
pub(super) fn verdict(state: &SkillState, verdict: InstallerStatus) -> &'static str {
    match verdict {
        InstallerStatus::TimedOut => without(state).map_or("NOT PROVEN", status),
        other => other.as_str(),
    }
}

/// Which status keeps a skill from a verdict; none where each tool passed, but at another commit.
fn without(state: &SkillState) -> Option<ScanStatus> {
    let is = |status: &ScanStatus| state.scans.iter().any(|scan| scan.status == *status);
    [ScanStatus::TimedOut, ScanStatus::Error, ScanStatus::Incomplete].into_iter().find(is)
}

/// How many tools there are, as a word up to nine: `three`.
pub(super) fn tool_count() -> Cow<'static, str> {
    spelled(Provider::COUNT)
}

fn spelled(number: usize) -> Cow<'static, str> {
    const NAMES: [&str; 10] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    NAMES.get(number).map_or_else(|| number.to_string().into(), |name| (*name).into())
}

/// The verdict in a sentence.
pub(super) fn headline(state: &SkillState, verdict: InstallerStatus) -> Cow<'static, str> {
    let headline = match verdict {
        InstallerStatus::Pass => {
            return format!("All {} tools passed the published commit", tool_count()).into();
        }
        InstallerStatus::Fail if overall::is_current(state) => {
            "Something was found that fails the published commit"
        }
        InstallerStatus::Fail => "Something was found that fails this skill",
        InstallerStatus::Pending => "Not every tool has answered yet",
        InstallerStatus::TimedOut => match without(state) {
            Some(ScanStatus::TimedOut) => "At least one tool did not answer in time",
            Some(ScanStatus::Error) => "At least one tool failed",
            Some(_) => "At least one tool did not prove that it read everything",
            None => "Not every tool has a result for the published commit",
        },
    };
    headline.into()
}

/// What a verdict means for somebody who is about to install.
pub(super) const fn advice(verdict: InstallerStatus) -> &'static str {
    match verdict {
        InstallerStatus::Pass => {
            "Nothing that fails was found in what they read. That is no certificate: read what you install."
        }
        InstallerStatus::Fail => "Do not install it before you have read the findings.",
        InstallerStatus::Pending => "Until then there is no verdict: neither a pass nor a fail.",
        InstallerStatus::TimedOut => {
            "Nothing that fails is known, and nothing is proven either: it does not count as a pass."
        }
    }
}

/// What a scan's status means, and what happens next.
pub(super) const fn status_means(status: ScanStatus) -> &'static str {
    match status {
        ScanStatus::Pending => "Waits for a scanner. If none answers in time it is sent again.",
        ScanStatus::Running => "A scanner works on it and sends the result when it is done.",
        ScanStatus::Pass => "Nothing that fails was found in what was read.",
        ScanStatus::Fail => {
            "A critical finding, or so many others that the score is below 50. Its author repairs what was found and publishes the new commit. It stands until a newer scan says otherwise."
        }
        ScanStatus::Incomplete => {
            "Nothing that fails was found, but it is not proven that everything was read, so it is no pass. The scan says what is known of it, and what to do."
        }
        ScanStatus::Error => {
            "The clone, the tool or its rules failed, so nothing was learnt about the skill. The registry's admin can scan again."
        }
        ScanStatus::TimedOut => {
            "No answer came in time. It is sent again until it has timed out three times, and then the registry's admin can start it; an answer that comes late still counts and replaces this."
        }
    }
}

/// The outcome of one scan, with its coverage where it reports one.
pub(super) fn outcome(scan: &ScanRow, coverage: Option<&Coverage>) -> &'static str {
    match scan.status {
        ScanStatus::Fail if scan.counts().critical > 0 => {
            "A critical finding fails a scan, whatever its score."
        }
        ScanStatus::Fail => {
            "No finding is critical, but together they take the score below 50. Repair the worst first, and publish the new commit."
        }
        ScanStatus::Pass if coverage.is_some() => {
            "Everything that can hold code was read, and nothing that fails was found."
        }
        ScanStatus::Pass if scan.thinned_at.is_some() => "Nothing that fails was found.",
        ScanStatus::Pass => {
            "Nothing that fails was found. Its scanner did not tell what it read, and this registry takes it at its word."
        }
        ScanStatus::Incomplete if coverage.is_some_and(|known| !known.unscanned.is_empty()) => {
            "Nothing that fails was found, but not everything could be read, so it is no pass. What was not read is listed with the scan; once that is repaired in the repository, publish the new commit."
        }
        ScanStatus::Incomplete => {
            "Nothing that fails was found, but it is not proven that everything was read, so it is no pass. The registry's admin can scan again."
        }
        ScanStatus::TimedOut if scan.given_up_at.is_some() => {
            "No answer came in time. It is not sent again by itself: the registry's admin can start it."
        }
        status => status_means(status),
    }
}

/// What one scan that is not of the published commit means.
pub(super) const STALE: &str = "The result is of another commit than the published one. It is kept as evidence, and counts towards no pass. The published commit is scanned when it is published; if no scan of it is under way, the registry's admin can ask for one.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_words_and_others_are_digits() {
        assert_eq!([1, 3, 4, 9, 10].map(spelled), ["one", "three", "four", "nine", "10"]);
    }
}
