//! Scans as SARIF 2.1.0, for GitHub code scanning, editors and whatever else reads it.
//!
//! In scope: the part of the format that a scan fills, as structs of its own ([`v1`]), so that a
//! change of our own shapes never changes what others parse. Whatever an attacker wrote (messages,
//! paths, code) stands in strings; a path is a relative URI that cannot leave the repository. It holds
//! to GitHub's own rules for what it takes (`GH…` of Microsoft's SARIF validator), which ask for more
//! than the format does.

pub mod v1;

use crate::{
    ChainStep, CommitSha, Finding, Provider, RepoUrl, ScanStatus, Severity, SkillName,
    callback::{Coverage, Tool},
    member,
    percent::percent_encode,
    text,
};
use v1::{Invocation, Level, Location, Log, Message, Notification, Result, Rule, Run};

/// The media type to ask for.
pub const MEDIA_TYPE: &str = "application/sarif+json";

/// The name of the repository's root in relative paths.
pub(crate) const ROOT: &str = "SRCROOT";

/// Longest text of a rule's description: GitHub refuses longer ones.
const MAX_DESCRIPTION_CHARS: usize = 1_000;
/// Readers hold a line's number in 32 bits with a sign.
const MAX_LINE: u32 = u32::MAX / 2;

/// One provider's scan, as far as a log tells it.
#[derive(Debug, Clone, Copy)]
pub struct Scan<'a> {
    /// The provider that the scan is of.
    pub provider: Provider,
    /// The skill's full name; names the run, so that a later one replaces it.
    pub skill_name: Option<&'a SkillName>,
    /// The repository that was scanned.
    pub repo_url: Option<&'a RepoUrl>,
    /// The commit that was scanned.
    pub commit_sha: Option<&'a CommitSha>,
    /// Where it stands; `None` where this provider was never asked for.
    pub status: Option<ScanStatus>,
    /// The tool that ran, with its version; `None` where the scan did not say.
    pub tool: Option<&'a Tool>,
    /// What was found, worst first.
    pub findings: &'a [Finding],
    /// More were found than are listed.
    pub findings_truncated: bool,
    /// Which files the tool read; `None` where the scan did not say.
    pub coverage: Option<&'a Coverage>,
    /// Why it failed, or why it is not complete.
    pub error: Option<&'a str>,
}

/// A log with one run for each scan. No finding in a run that was not successful proves nothing:
/// only PASS and FAIL are. `page` gives the absolute URL that tells what a provider's rule looks for.
#[must_use]
pub fn log(scans: &[Scan<'_>], page: &dyn Fn(Provider, &str) -> String) -> Log {
    Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: scans.iter().map(|scan| run(scan, page)).collect(),
    }
}

/// The absolute URL of a provider's own repository or site.
#[must_use]
pub const fn home(provider: Provider) -> &'static str {
    provider.spec().home
}

/// A version begins with a number there: 0 where it is not known, or is a word.
fn version(tool: Option<&Tool>) -> String {
    match tool.map_or("", |tool| &tool.version) {
        "" => "0 (unknown)".to_owned(),
        known if known.starts_with(|c: char| c.is_ascii_digit()) => known.to_owned(),
        word => format!("0 ({word})"),
    }
}

fn run(scan: &Scan<'_>, page: &dyn Fn(Provider, &str) -> String) -> Run {
    let (rules, results) = results(scan, page);
    Run {
        tool: v1::Tool {
            driver: v1::Driver {
                name: scan.provider.as_str(),
                version: version(scan.tool),
                information_uri: home(scan.provider),
                rules,
            },
        },
        automation_details: v1::Automation {
            id: match scan.skill_name {
                Some(skill) => format!("skillgate/{}/{skill}/", scan.provider),
                None => format!("skillgate/{}/", scan.provider),
            },
        },
        version_control_provenance: scan
            .repo_url
            .map(|url| v1::Provenance {
                repository_uri: url.to_string(),
                revision_id: scan.commit_sha.map(ToString::to_string),
                mapped_to: v1::Artifact { uri: None, uri_base_id: ROOT },
            })
            .into_iter()
            .collect(),
        invocations: [Invocation {
            execution_successful: matches!(scan.status, Some(ScanStatus::Pass | ScanStatus::Fail)),
            tool_execution_notifications: notifications(scan),
        }],
        results,
    }
}

/// What a reader has to know beside the results.
fn notifications(scan: &Scan<'_>) -> Vec<Notification> {
    let mut notes = Vec::new();
    let mut note = |level, text: &str, file: Option<&str>| {
        let uri = file.map(file_uri).filter(|uri| !uri.is_empty());
        let locations = uri.map(|uri| Location::of_file(uri, None)).into_iter().collect();
        let text = member::said(text, file.unwrap_or_default(), None);
        notes.push(Notification { level, message: message(&text), locations });
    };
    let unfinished = match scan.status {
        None => Some("This tool was never asked for."),
        Some(ScanStatus::Pending | ScanStatus::Running) => Some("The scan has not ended yet."),
        Some(ScanStatus::TimedOut) => Some("No answer came in time."),
        Some(ScanStatus::Error) => Some("The scan did not run."),
        Some(ScanStatus::Incomplete) => Some("Not everything could be read."),
        Some(ScanStatus::Pass | ScanStatus::Fail) => None,
    };
    if let Some(text) = unfinished {
        note(Level::Error, text, None);
    }
    if let Some(text) = scan.error {
        note(Level::Error, text, None);
    }
    if scan.findings_truncated {
        note(Level::Note, "More was found than is listed here.", None);
    }
    if let Some(coverage) = scan.coverage {
        for file in &coverage.unscanned {
            let level = if file.informational { Level::Note } else { Level::Warning };
            note(level, &format!("Not read: {}", file.reason), Some(&file.file));
        }
        for file in &coverage.text_rules_only {
            let text = format!("Read by text rules only: {}", file.reason);
            note(Level::Note, &text, Some(&file.file));
        }
    }
    notes
}

/// The results, and each rule once; a rule is as bad as the worst that it found.
fn results(scan: &Scan<'_>, page: &dyn Fn(Provider, &str) -> String) -> (Vec<Rule>, Vec<Result>) {
    let mut rules: Vec<Rule> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    let results = scan.findings.iter().map(|finding| {
        let known = rules.iter().position(|rule| rule.id == finding.rule);
        let rule_index = known.unwrap_or_else(|| {
            rules.push(rule(finding, page(scan.provider, &finding.rule)));
            rules.len() - 1
        });
        let digest = finding.sarif_fingerprint();
        seen.push(digest.clone());
        let nth = seen.iter().filter(|other| **other == digest).count();
        Result {
            rule_id: finding.rule.clone(),
            rule_index,
            level: level(finding.severity),
            message: message(&member::said(said(finding), &finding.file, finding.line)),
            locations: [location(finding)],
            code_flows: code_flows(&finding.chain),
            partial_fingerprints: v1::Fingerprints { finding: format!("{digest}:{nth}") },
            properties: v1::ResultProperties { severity: finding.severity },
        }
    });
    let results = results.collect();
    (rules, results)
}

/// The first text of a finding that says anything.
fn said(finding: &Finding) -> &str {
    let texts = [&finding.message, &finding.rule].map(|text| text.trim());
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or("no text")
}

fn rule(finding: &Finding, page: String) -> Rule {
    let short = Some(finding.rule.trim()).filter(|rule| !rule.is_empty());
    let said: String = said(finding).chars().take(MAX_DESCRIPTION_CHARS).collect();
    Rule {
        id: finding.rule.clone(),
        short_description: message(&text::line(short.unwrap_or(&said), MAX_DESCRIPTION_CHARS)),
        full_description: message(&said),
        help: v1::Help {
            markdown: format!("{}\n\n[What this rule looks for]({page})", plain(&said)),
            text: message(&said).text + "\n\n" + &page,
        },
        help_uri: page,
        default_configuration: v1::Configuration { level: level(finding.severity) },
        properties: v1::RuleProperties {
            security_severity: security_severity(finding.severity),
            tags: ["security"],
        },
    }
}

/// GitHub takes no result without a place: without a file it is the repository's root, without a
/// line the first one.
fn location(finding: &Finding) -> Location {
    place(&finding.file, finding.line, finding.end_line, &finding.code)
}

/// A file of the repository: of a member of an archive, the archive, which has no such lines.
fn place(file: &str, line: Option<u32>, end_line: Option<u32>, code: &str) -> Location {
    let is_whole = member::split(file).is_none();
    let (line, end_line) = (line.filter(|_| is_whole), end_line.filter(|_| is_whole));
    let start = line.map_or(1, |line| line.clamp(1, MAX_LINE));
    let region = v1::Region {
        start_line: start,
        end_line: end_line.map(|end| end.min(MAX_LINE)).filter(|end| *end >= start),
        snippet: Some(v1::Snippet { text: code.to_owned() })
            .filter(|snippet| !snippet.text.is_empty()),
    };
    Location::of_file(file_uri(file), Some(region))
}

/// A chain as the one way that the data takes, each step with what happens there.
fn code_flows(chain: &[ChainStep]) -> Vec<v1::CodeFlow> {
    let step = |step: &ChainStep| {
        let place = place(&step.file, Some(step.line), step.end_line, &step.code);
        let says = Some(step.words()).filter(|words| !words.trim().is_empty());
        let says = says.as_deref().unwrap_or("step");
        let message = Some(message(&member::said(says, &step.file, Some(step.line))));
        v1::FlowLocation { location: Location { message, ..place } }
    };
    let locations: Vec<_> = chain.iter().map(step).collect();
    let flow = |locations| v1::CodeFlow { thread_flows: [v1::ThreadFlow { locations }] };
    Some(locations).filter(|steps| !steps.is_empty()).map(flow).into_iter().collect()
}

/// Foreign text: `[words](target)` in a message is a link to its readers, and must not become one.
fn message(text: &str) -> Message {
    Message { text: text::replace(text, "](", "] (") }
}

/// Foreign text as Markdown that shows it as it stands: no link, no picture, no HTML, no mention.
fn plain(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            markdown.push('\\');
        }
        markdown.push(if c.is_whitespace() { ' ' } else { c });
    }
    markdown
}

const fn level(severity: Severity) -> Level {
    match severity {
        Severity::Critical | Severity::High => Level::Error,
        Severity::Medium => Level::Warning,
        Severity::Low => Level::Note,
    }
}

/// The number from which GitHub reads the same four words: above 9 critical, from 7 high, from 4
/// medium.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

/// The file that a path is of, or the archive whose member it is.
fn file_uri(path: &str) -> String {
    relative_uri(member::split(path).map_or(path, |(archive, _)| archive))
}

/// A path in the repository as a relative URI: everything but RFC 3986's unreserved characters is
/// escaped, and no segment leads out of the root.
#[must_use]
pub fn relative_uri(path: &str) -> String {
    let inside = |segment: &&str| !matches!(*segment, "" | "." | "..");
    let segments: Vec<_> = path.split('/').filter(inside).map(percent_encode).collect();
    segments.join("/")
}

#[cfg(test)]
mod tests;
