//! The part of SARIF 2.1.0 (OASIS) that a scan fills. Section numbers are of its text.

use crate::Severity;
use serde::Serialize;

/// §3.13: the whole file.
#[derive(Debug, Clone, Serialize)]
pub struct Log {
    /// Where the format's own schema is; GitHub asks for it.
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    /// The version of the format; always `2.1.0`.
    pub version: &'static str,
    /// One run for each scan.
    pub runs: Vec<Run>,
}

/// §3.14: one scan.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The tool that ran.
    pub tool: Tool,
    /// Which of all runs this is one of.
    pub automation_details: Automation,
    /// Which commit of which repository was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub version_control_provenance: Vec<Provenance>,
    /// Whether the scan was successful, and what its reader has to know.
    pub invocations: [Invocation; 1],
    /// One result for each listed finding, worst first.
    pub results: Vec<Result>,
}

/// §3.18: the tool of a run; it has no extensions.
#[derive(Debug, Clone, Serialize)]
pub struct Tool {
    /// The tool itself, as opposed to extensions of it.
    pub driver: Driver,
}

/// §3.19: name and version of a tool, and its rules.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Driver {
    /// The provider's name.
    pub name: &'static str,
    /// The tool's version; begins with a digit, `0 (…)` where it is not known.
    pub version: String,
    /// The absolute URL of the tool's own repository or site.
    pub information_uri: &'static str,
    /// Each rule that found something.
    pub rules: Vec<Rule>,
}

/// §3.49: a rule that found something.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The rule's id, as the findings name it; unique in a run.
    pub id: String,
    /// Its name, for people.
    pub short_description: Message,
    /// What the rule finds: the message of its first finding, at most 1000 characters.
    pub full_description: Message,
    /// What it finds, and where there is more of it.
    pub help: Help,
    /// The page that tells what it looks for.
    pub help_uri: String,
    /// The level of the rule's worst finding.
    pub default_configuration: Configuration,
    /// What GitHub reads beside the format.
    pub properties: RuleProperties,
}

/// §3.12, as §3.49.13 wants it: help for the reader of a result.
#[derive(Debug, Clone, Serialize)]
pub struct Help {
    /// The text, without any markup.
    pub text: String,
    /// The same as Markdown, with every character of foreign text escaped.
    pub markdown: String,
}

/// §3.50: how a rule's results are to be taken.
#[derive(Debug, Clone, Serialize)]
pub struct Configuration {
    /// How severe it is, in the three words of the format.
    pub level: Level,
}

/// §3.8: what GitHub reads beside the format.
#[derive(Debug, Clone, Serialize)]
pub struct RuleProperties {
    /// How severe the rule's findings are: a number from 0.1 to 10.0, as text.
    #[serde(rename = "security-severity")]
    pub security_severity: &'static str,
    /// `security`, or the number above is not read.
    pub tags: [&'static str; 1],
}

/// §3.17: the identity of a run, by which a later one replaces it.
#[derive(Debug, Clone, Serialize)]
pub struct Automation {
    /// `skillgate/PROVIDER/SKILL/`, without a skill's name `skillgate/PROVIDER/`.
    pub id: String,
}

/// §3.23: the repository and the commit that were read.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// The absolute URL of the repository.
    pub repository_uri: String,
    /// The full commit id; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision_id: Option<String>,
    /// What paths are relative to.
    pub mapped_to: Artifact,
}

/// §3.20: how a run of the tool went.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invocation {
    /// Without it, no result proves nothing.
    pub execution_successful: bool,
    /// What a reader has to know of the run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_execution_notifications: Vec<Notification>,
}

/// §3.58: something about the run that is no finding.
#[derive(Debug, Clone, Serialize)]
pub struct Notification {
    /// How severe it is, in the three words of the format.
    pub level: Level,
    /// The text, for people.
    pub message: Message,
    /// The file that it is about; empty where it is about the whole scan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<Location>,
}

/// §3.27: one finding.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Result {
    /// The id of the rule that found it.
    pub rule_id: String,
    /// The index of the rule in the driver's list, counted from 0.
    pub rule_index: usize,
    /// How severe it is, in the three words of the format.
    pub level: Level,
    /// What was found and why it matters.
    pub message: Message,
    /// The one place of the finding.
    pub locations: [Location; 1],
    /// The one chain of the finding; empty where one place is all of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub code_flows: Vec<CodeFlow>,
    /// What stays the same when lines move.
    pub partial_fingerprints: Fingerprints,
    /// Our own word for how bad it is.
    pub properties: ResultProperties,
}

/// §3.36: how what was found comes about.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeFlow {
    /// Always one: a chain is one way of the data.
    pub thread_flows: [ThreadFlow; 1],
}

/// §3.37: places in their order.
#[derive(Debug, Clone, Serialize)]
pub struct ThreadFlow {
    /// At least one.
    pub locations: Vec<FlowLocation>,
}

/// §3.38: one place of a way.
#[derive(Debug, Clone, Serialize)]
pub struct FlowLocation {
    /// Where, and what happens there.
    pub location: Location,
}

/// §3.27.17: by what a reader knows the same finding in another run.
#[derive(Debug, Clone, Serialize)]
pub struct Fingerprints {
    /// Of rule, file and code, and which of equal ones it is.
    #[serde(rename = "skillgateFinding/v1")]
    pub finding: String,
}

/// §3.8: what our own readers find beside the format.
#[derive(Debug, Clone, Serialize)]
pub struct ResultProperties {
    /// One of four words; the format itself knows three.
    pub severity: Severity,
}

/// §3.28: a place in the repository.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The file and the lines.
    pub physical_location: PhysicalLocation,
    /// What happens there; absent where the place is the finding's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

impl Location {
    pub(super) const fn of_file(uri: String, region: Option<Region>) -> Self {
        let artifact_location = Artifact { uri: Some(uri), uri_base_id: super::ROOT };
        let physical_location = PhysicalLocation { artifact_location, region };
        Self { physical_location, message: None }
    }
}

/// §3.29: a file and lines of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhysicalLocation {
    /// The file, relative to the repository's root.
    pub artifact_location: Artifact,
    /// The lines; absent where the whole file is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

/// §3.4: where a file is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Relative to the repository's root; none means the root itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The name of the repository's root, which `uri` is relative to.
    pub uri_base_id: &'static str,
}

/// §3.30: lines of a file.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    /// The first line, counted from 1.
    pub start_line: u32,
    /// The last line, counted from 1; absent where it is the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// The code; secrets in it are masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<Snippet>,
}

/// §3.3: the content of a region.
#[derive(Debug, Clone, Serialize)]
pub struct Snippet {
    /// As it stands in the file.
    pub text: String,
}

/// §3.11: a text for people.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// The text, without any markup.
    pub text: String,
}

/// §3.27.10: the format's own words for a severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Severity low, and what is no finding.
    Note,
    /// Severity medium, and files that were not read.
    Warning,
    /// Severity high or critical, and scans without a verdict.
    Error,
}
