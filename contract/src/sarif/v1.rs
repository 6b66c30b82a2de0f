//! The part of SARIF 2.1.0 (OASIS) that a scan fills. Section numbers are of its text.

use crate::Severity;
use serde::Serialize;

/// §3.13 the whole file.
#[derive(Debug, Clone, Serialize)]
pub struct Log {
    /// Where the format's own schema is; GitHub asks for it.
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    /// Always `2.1.0`.
    pub version: &'static str,
    /// One for each scan.
    pub runs: Vec<Run>,
}

/// §3.14 one scan.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// What ran.
    pub tool: Tool,
    /// Which of all runs this is one of.
    pub automation_details: Automation,
    /// Which commit of which repository was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub version_control_provenance: Vec<Provenance>,
    /// How it went.
    pub invocations: [Invocation; 1],
    /// What was found.
    pub results: Vec<Result>,
}

/// §3.18
#[derive(Debug, Clone, Serialize)]
pub struct Tool {
    /// The tool itself.
    pub driver: Driver,
}

/// §3.19
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Driver {
    /// The provider.
    pub name: &'static str,
    /// The tool's version.
    pub version: String,
    /// Where it is at home.
    pub information_uri: &'static str,
    /// Each rule that found something.
    pub rules: Vec<Rule>,
}

/// §3.49
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The rule's id.
    pub id: String,
    /// Its name, for people.
    pub short_description: Message,
    /// What it finds.
    pub full_description: Message,
    /// What it finds, and where there is more of it.
    pub help: Help,
    /// The page that tells what it looks for.
    pub help_uri: String,
    /// How bad.
    pub default_configuration: Configuration,
    /// What GitHub reads beside the format.
    pub properties: RuleProperties,
}

/// §3.12, as §3.49.13 wants it
#[derive(Debug, Clone, Serialize)]
pub struct Help {
    /// Plain text.
    pub text: String,
    /// The same for who can show it.
    pub markdown: String,
}

/// §3.50
#[derive(Debug, Clone, Serialize)]
pub struct Configuration {
    /// How bad.
    pub level: Level,
}

/// §3.8, for GitHub.
#[derive(Debug, Clone, Serialize)]
pub struct RuleProperties {
    /// 0.1 to 10.0, as text.
    #[serde(rename = "security-severity")]
    pub security_severity: &'static str,
    /// `security`, or the number above is not read.
    pub tags: [&'static str; 1],
}

/// §3.17
#[derive(Debug, Clone, Serialize)]
pub struct Automation {
    /// `skillgate/PROVIDER/SKILL/`, without a skill's name `skillgate/PROVIDER/`.
    pub id: String,
}

/// §3.23
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// The repository.
    pub repository_uri: String,
    /// The commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision_id: Option<String>,
    /// What paths are relative to.
    pub mapped_to: Artifact,
}

/// §3.20
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invocation {
    /// Without it, no result proves nothing.
    pub execution_successful: bool,
    /// What a reader has to know of the run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_execution_notifications: Vec<Notification>,
}

/// §3.58
#[derive(Debug, Clone, Serialize)]
pub struct Notification {
    /// How bad.
    pub level: Level,
    /// What.
    pub message: Message,
    /// Of which file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<Location>,
}

/// §3.27 one finding.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Result {
    /// The rule's id.
    pub rule_id: String,
    /// The rule among those of the driver.
    pub rule_index: usize,
    /// How bad.
    pub level: Level,
    /// What was found and why it matters.
    pub message: Message,
    /// Where.
    pub locations: [Location; 1],
    /// What stays the same when lines move.
    pub partial_fingerprints: Fingerprints,
    /// Our own word for how bad it is.
    pub properties: ResultProperties,
}

/// §3.27.17
#[derive(Debug, Clone, Serialize)]
pub struct Fingerprints {
    /// Of rule, file and code, and which of equal ones it is.
    #[serde(rename = "skillgateFinding/v1")]
    pub finding: String,
}

/// §3.8
#[derive(Debug, Clone, Serialize)]
pub struct ResultProperties {
    /// One of four words; the format itself knows three.
    pub severity: Severity,
}

/// §3.28
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// Where.
    pub physical_location: PhysicalLocation,
}

impl Location {
    pub(super) const fn of_file(uri: String, region: Option<Region>) -> Self {
        let artifact_location = Artifact { uri: Some(uri), uri_base_id: super::ROOT };
        Self { physical_location: PhysicalLocation { artifact_location, region } }
    }
}

/// §3.29
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhysicalLocation {
    /// The file.
    pub artifact_location: Artifact,
    /// The lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

/// §3.4
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Relative to the repository's root; none means the root itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The root.
    pub uri_base_id: &'static str,
}

/// §3.30
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    /// Counted from 1.
    pub start_line: u32,
    /// The last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// The code; secrets in it are masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<Snippet>,
}

/// §3.3
#[derive(Debug, Clone, Serialize)]
pub struct Snippet {
    /// As it stands in the file.
    pub text: String,
}

/// §3.11
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// Plain text.
    pub text: String,
}

/// §3.27.10
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Low.
    Note,
    /// Medium.
    Warning,
    /// High and critical.
    Error,
}
