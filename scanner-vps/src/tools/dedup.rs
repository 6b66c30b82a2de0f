//! One piece of evidence, counted once; and nothing that was found without a mark.
//!
//! The text rules and the syntax rules of one family meet at one place; a code block of a Markdown
//! file is read twice, as code and as prose. The worst of such findings stays ([`dedup`]). After
//! that, one rule counts at most [`MAX_PER_RULE_AND_FILE`] times in one file: a rule that matches
//! 200 lines of a file is one habit, not 200 reasons to fail. Over the whole repository the same
//! holds for what is no more than medium ([`cap_habits`]): habits add up with the size of a
//! repository, not with its malice. High and critical findings all count.
//!
//! What is beyond a cap is no finding of its own, since each costs points; but its author has to see
//! it now and not after mending the first four. So [`name_repeats`] adds its place to the message of
//! the last finding that its rule has left, in the same file if there is one. Where a message has no
//! room for all of them it says how many are missing, and so does `findingsTruncated`. Counts and
//! score are taken behind these steps.

use skillgate_contract::{Finding, MAX_STRING_CHARS, Severity};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One rule's findings in one file that are kept and counted.
pub const MAX_PER_RULE_AND_FILE: usize = 5;

/// One rule's medium findings in a repository that are kept and counted: five rules have to agree
/// before mediums alone fail a skill.
pub const MAX_MEDIUM_PER_RULE: usize = 4;
/// One rule's low findings in a repository that are kept and counted.
pub const MAX_LOW_PER_RULE: usize = 10;
/// Comments that ask to look away: one habit of a repository, whatever its size.
const SUPPRESSION: &str = "skillgate.evasion.suppression";
/// Begins what [`name_repeats`] puts behind a message.
pub const ALSO: &str = " The same in ";
/// A finding's message, and the places behind it that [`name_repeats`] has named; empty where there are none.
#[must_use]
pub fn split_places(message: &str) -> (&str, &str) {
    let (message, places) = message.split_at(message.find(ALSO).unwrap_or(message.len()));
    (message, places.trim_start())
}

/// Room for the end of such a sentence.
const ENDING_CHARS: usize = 60;

/// A match that counts with another one of its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// The rule.
    pub rule: String,
    /// The file in the repository.
    pub file: String,
    /// Its line there.
    pub line: Option<u32>,
}

impl Repeat {
    fn of(finding: &Finding) -> Self {
        Self { rule: finding.rule.clone(), file: finding.file.clone(), line: finding.line }
    }
}

/// What stays a finding, and the places of what does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<T> {
    /// The findings, in their order.
    pub kept: Vec<T>,
    /// What is beyond a cap.
    pub repeats: Vec<Repeat>,
}

/// Makes one finding of all that say that a comment asks the scanner to look away.
#[must_use]
pub fn suppressions_as_one(findings: Vec<Finding>) -> Kept<Finding> {
    let (mut asked, mut kept): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| finding.rule == SUPPRESSION);
    asked.sort_by(|a, b| a.file.cmp(&b.file).then_with(|| a.line.cmp(&b.line)));
    let repeats: Vec<_> = asked.iter().skip(1).map(Repeat::of).collect();
    if let Some(mut first) = asked.into_iter().next() {
        if !repeats.is_empty() {
            let files = repeats.len() + 1;
            first.message = format!(
                "Comments in {files} files ask the scanner to look away; they were not obeyed."
            );
        }
        kept.push(first);
    }
    Kept { kept, repeats }
}

/// Drops what a rule says too often about one repository: see [`MAX_MEDIUM_PER_RULE`]. Secrets
/// are exempt, since each is to be revoked.
#[must_use]
pub fn cap_habits(findings: Vec<Finding>) -> Kept<Finding> {
    let mut per_rule: HashMap<(String, Severity), usize> = HashMap::new();
    let (mut kept, mut repeats) = (Vec::new(), Vec::new());
    for finding in findings {
        let most = match finding.severity {
            Severity::Medium => MAX_MEDIUM_PER_RULE,
            Severity::Low => MAX_LOW_PER_RULE,
            Severity::High | Severity::Critical => usize::MAX,
        };
        let count = per_rule.entry((finding.rule.clone(), finding.severity)).or_default();
        *count += 1;
        let is_secret =
            finding.provider.is_some_and(|provider| super::of(provider).finds_secrets());
        if *count <= most || is_secret {
            kept.push(finding);
        } else {
            repeats.push(Repeat::of(&finding));
        }
    }
    Kept { kept, repeats }
}

/// Drops what another finding says of the same place, worst first, and caps what one rule says about
/// one file. `finding` gives the finding of an item.
#[must_use]
pub fn dedup<T>(mut items: Vec<T>, finding: impl Fn(&T) -> &Finding) -> Kept<T> {
    items.sort_by(|a, b| {
        let (a, b) = (finding(a), finding(b));
        b.severity
            .cmp(&a.severity)
            .then_with(|| a.file.cmp(&b.file))
            .then_with(|| a.line.cmp(&b.line))
    });
    // By file and family, first lines to last: no two of them overlap.
    let mut seen: HashMap<(String, String), BTreeMap<u32, u32>> = HashMap::new();
    let mut per_rule: HashMap<(String, String), usize> = HashMap::new();
    let mut repeats = Vec::new();
    items.retain(|item| {
        let finding = finding(item);
        if let Some((first, last)) = span(finding) {
            let key = (finding.file.clone(), family(finding).to_owned());
            let spans = seen.entry(key).or_default();
            if spans.range(..=last).next_back().is_some_and(|(_, end)| *end >= first) {
                return false;
            }
            spans.insert(first, last);
        }
        let count = per_rule.entry((finding.rule.clone(), finding.file.clone())).or_default();
        *count += 1;
        if *count > MAX_PER_RULE_AND_FILE {
            repeats.push(Repeat::of(finding));
        }
        *count <= MAX_PER_RULE_AND_FILE
    });
    Kept { kept: items, repeats }
}

/// Names each repeat in the message of the last finding of its rule: in its own file, else in the
/// repository. The second value says whether some could not be named.
#[must_use]
pub fn name_repeats(mut findings: Vec<Finding>, repeats: Vec<Repeat>) -> (Vec<Finding>, bool) {
    let mut in_file: HashMap<(String, String), usize> = HashMap::new();
    let mut in_all: HashMap<String, usize> = HashMap::new();
    let mut told: BTreeSet<(String, String, Option<u32>)> = BTreeSet::new();
    for (at, finding) in findings.iter().enumerate() {
        let (rule, file) = (finding.rule.clone(), finding.file.clone());
        in_file.insert((rule.clone(), file.clone()), at);
        in_all.insert(rule.clone(), at);
        told.insert((rule, file, finding.line));
    }
    let mut places: BTreeMap<usize, BTreeSet<(String, Option<u32>)>> = BTreeMap::new();
    let mut left_out = false;
    for Repeat { rule, file, line } in repeats {
        // A place in a code block is met twice.
        if !told.insert((rule.clone(), file.clone(), line)) {
            continue;
        }
        let last = in_file.get(&(rule.clone(), file.clone())).or_else(|| in_all.get(&rule));
        match last {
            Some(at) => _ = places.entry(*at).or_default().insert((file, line)),
            None => left_out = true,
        }
    }
    for (at, places) in places {
        if let Some(finding) = findings.get_mut(at) {
            left_out |= !add_places(&mut finding.message, &places);
        }
    }
    (findings, left_out)
}

/// Whether there was room for all.
fn add_places(message: &mut String, places: &BTreeSet<(String, Option<u32>)>) -> bool {
    let noun = if places.len() == 1 { "place" } else { "places" };
    message.push_str(&format!("{ALSO}{} more {noun}", places.len()));
    let used = message.chars().count() + ENDING_CHARS;
    let mut left = MAX_STRING_CHARS.saturating_sub(used);
    let named: Vec<String> = places
        .iter()
        .map(|(file, line)| line.map_or_else(|| file.clone(), |line| format!("{file}:{line}")))
        .map_while(|place| {
            left = left.checked_sub(place.chars().count() + 2)?;
            Some(place)
        })
        .collect();
    let more = places.len() - named.len();
    if !named.is_empty() {
        message.push_str(": ");
        message.push_str(&named.join(", "));
    }
    if more > 0 && !named.is_empty() {
        message.push_str(&format!(", and {more} that are not named here"));
    }
    message.push('.');
    more == 0
}

/// `skillgate.<family>.<variant>`; any other rule is a family of its own.
fn family(finding: &Finding) -> &str {
    finding
        .rule
        .strip_prefix("skillgate.")
        .and_then(|rest| rest.split('.').next())
        .unwrap_or(&finding.rule)
}

fn span(finding: &Finding) -> Option<(u32, u32)> {
    let first = finding.line?;
    Some((first, finding.end_line.unwrap_or(first).max(first)))
}

#[cfg(test)]
mod tests;
