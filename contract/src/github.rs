//! What starts a run of the scan workflow on GitHub Actions: written by the worker, read by the
//! scanner from the event file of the run (`GITHUB_EVENT_PATH`).
//!
//! Names are in snake case, as GitHub's own. There is no secret in any of it: whoever may see the
//! run sees the event. Skill name, folder and repository are text of strangers: a workflow hands
//! them on by environment variables only.
//!
//! <https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event>,
//! <https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event>

use crate::{
    CommitSha, Provider, RepoUrl, ScanId, SkillName, SkillPath,
    json::{self, JsonMembers},
    scan_request::is_plain_url,
};

mod event;

pub use event::EventError;

/// `event_type` of the `repository_dispatch`, and `types` in the workflow.
pub const EVENT_TYPE: &str = "external-scan";
/// The workflow's file in `.github/workflows`, by which a `workflow_dispatch` names it.
pub const WORKFLOW_FILE: &str = "github-scan.yml";
/// GitHub takes at most so many top-level keys in `client_payload`; of inputs it would take 25.
pub const MAX_KEYS: usize = 10;
/// GitHub takes a `client_payload` of less than so many bytes.
pub const MAX_PAYLOAD_BYTES: usize = 64 * 1024;

/// The fields of a payload and the names of a workflow's inputs, in the order in which they are
/// sent.
pub const KNOWN_FIELDS: &[&str] = &[
    "skill_name",
    "repo_url",
    "callback_url",
    "commit_sha",
    "providers",
    "scan_ids",
    "attempt",
    "skill_path",
];

/// The scans of one skill that one run of the workflow does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The skill's full name.
    pub skill_name: SkillName,
    /// The repository to clone.
    pub repo_url: RepoUrl,
    /// Where to report. The scanner compares it with its own configured origins.
    pub callback_url: String,
    /// The commit to scan; without it, the repository's HEAD.
    pub commit_sha: Option<CommitSha>,
    /// One job each: never empty, no provider twice. `providers` and `scan_ids` on the wire.
    pub jobs: Vec<Job>,
    /// Which dispatch of these scans this is, counted from 1.
    pub attempt: Option<u32>,
    /// The folder of the skill, in a repository of many.
    pub skill_path: Option<SkillPath>,
}

/// One scan of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The provider whose tool is to run.
    pub provider: Provider,
    /// Which scan this is; without it, the one active scan of skill and provider.
    pub scan_id: Option<ScanId>,
}

impl Payload {
    /// The body of `POST /repos/{owner}/{repo}/dispatches`, answered 204.
    #[must_use]
    pub fn repository_dispatch(&self) -> String {
        let payload = self.object(|json| json);
        format!(r#"{{"event_type":"{EVENT_TYPE}","client_payload":{payload}}}"#)
    }

    /// The body of `POST /repos/{owner}/{repo}/actions/workflows/{file}/dispatches` for the
    /// workflow as it stands at `reference`, answered 200 with [`RunDetails`]. Inputs are texts:
    /// `providers` and `scan_ids` are JSON in a string, `attempt` is decimal digits.
    #[must_use]
    pub fn workflow_dispatch(&self, reference: &str) -> String {
        let (reference, inputs) = (quoted(reference), self.object(|json| quoted(&json)));
        format!(r#"{{"ref":{reference},"inputs":{inputs},"return_run_details":true}}"#)
    }

    /// The payload as a JSON object, what is not known left out; `other` is done to the values that
    /// are no texts. Put together by hand: the serialiser's way costs the worker 3 KB of wasm.
    fn object(&self, other: fn(String) -> String) -> String {
        let (mut providers, mut scan_ids) = (Vec::new(), Vec::new());
        for job in &self.jobs {
            providers.push(quoted(job.provider.as_str()));
            if let Some(id) = &job.scan_id {
                scan_ids.push(format!("{}:{}", quoted(job.provider.as_str()), quoted(id.as_str())));
            }
        }
        let values = [
            Some(quoted(self.skill_name.as_str())),
            Some(quoted(&self.repo_url.to_string())),
            Some(quoted(&self.callback_url)),
            self.commit_sha.as_ref().map(|sha| quoted(sha.as_str())),
            Some(other(format!("[{}]", providers.join(",")))),
            Some(other(format!("{{{}}}", scan_ids.join(",")))),
            self.attempt.map(|attempt| other(attempt.to_string())),
            self.skill_path.as_ref().map(|path| quoted(path.as_str())),
        ];
        let mut object = String::from("{");
        for (name, value) in KNOWN_FIELDS.iter().zip(values) {
            if let Some(value) = value {
                let comma = if object.len() > 1 { "," } else { "" };
                object.push_str(&format!("{comma}\"{name}\":{value}"));
            }
        }
        object + "}"
    }
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Which run a `workflow_dispatch` has started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDetails {
    /// `workflow_run_id`, in decimal digits.
    pub run_id: String,
    /// `html_url`: the run's page, for people; an `http` or `https` URL.
    pub page: String,
}

impl RunDetails {
    /// Reads GitHub's answer; `None` where it tells no run.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let mut members: JsonMembers = json::parse(body)?;
        let run_id = members.take::<u64>("workflow_run_id")?.to_string();
        let page = members.take("html_url").filter(|page: &String| is_plain_url(page))?;
        Some(Self { run_id, page })
    }
}
