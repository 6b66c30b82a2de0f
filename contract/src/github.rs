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
    json::{self, Members},
    scan_request::is_plain_url,
};
use serde::{Serialize, Serializer};

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
    /// What to clone.
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
    /// Which tool.
    pub provider: Provider,
    /// Which scan this is; without it, the one active scan of skill and provider.
    pub scan_id: Option<ScanId>,
}

impl Payload {
    /// The body of `POST /repos/{owner}/{repo}/dispatches`, answered 204.
    ///
    /// # Errors
    /// The serialiser's, which no payload gives rise to.
    pub fn repository_dispatch(&self) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Body<'a> {
            event_type: &'a str,
            client_payload: Fields<'a>,
        }
        let client_payload = Fields { payload: self, as_text: false };
        serde_json::to_string(&Body { event_type: EVENT_TYPE, client_payload })
    }

    /// The body of `POST /repos/{owner}/{repo}/actions/workflows/{file}/dispatches` for the
    /// workflow as it stands at `reference`, answered 200 with [`RunDetails`]. Inputs are texts:
    /// `providers` and `scan_ids` are JSON in a string, `attempt` is decimal digits.
    ///
    /// # Errors
    /// The serialiser's, which no payload gives rise to.
    pub fn workflow_dispatch(&self, reference: &str) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Body<'a> {
            r#ref: &'a str,
            inputs: Fields<'a>,
            return_run_details: bool,
        }
        let inputs = Fields { payload: self, as_text: true };
        serde_json::to_string(&Body { r#ref: reference, inputs, return_run_details: true })
    }
}

/// A payload as the members of an object; what is not known is left out.
struct Fields<'a> {
    payload: &'a Payload,
    as_text: bool,
}

enum Field<'a> {
    Text(&'a str),
    Number(u32),
    Providers(&'a [Job]),
    ScanIds(&'a [Job]),
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let p = self.payload;
        let repo = p.repo_url.to_string();
        let values = [
            Some(Field::Text(p.skill_name.as_str())),
            Some(Field::Text(&repo)),
            Some(Field::Text(&p.callback_url)),
            p.commit_sha.as_ref().map(|sha| Field::Text(sha.as_str())),
            Some(Field::Providers(&p.jobs)),
            Some(Field::ScanIds(&p.jobs)),
            p.attempt.map(Field::Number),
            p.skill_path.as_ref().map(|path| Field::Text(path.as_str())),
        ];
        let named = KNOWN_FIELDS.iter().zip(values);
        serializer.collect_map(
            named.filter_map(|(name, value)| Some((name, Value(value?, self.as_text)))),
        )
    }
}

/// A field's value, as it is or in a string.
struct Value<'a>(Field<'a>, bool);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ids = |jobs: &'_ [Job]| -> Vec<(Provider, ScanId)> {
            jobs.iter().filter_map(|job| Some((job.provider, job.scan_id.clone()?))).collect()
        };
        match &self.0 {
            Field::Text(text) => serializer.serialize_str(text),
            value if self.1 => {
                let plain = Value(value.borrowed(), false);
                serializer.serialize_str(&serde_json::to_string(&plain).unwrap_or_default())
            }
            Field::Number(number) => serializer.serialize_u32(*number),
            Field::Providers(jobs) => serializer.collect_seq(jobs.iter().map(|job| job.provider)),
            Field::ScanIds(jobs) => serializer.collect_map(ids(jobs)),
        }
    }
}

impl Field<'_> {
    const fn borrowed(&self) -> Field<'_> {
        match self {
            Self::Text(text) => Field::Text(text),
            Self::Number(number) => Field::Number(*number),
            Self::Providers(jobs) => Field::Providers(jobs),
            Self::ScanIds(jobs) => Field::ScanIds(jobs),
        }
    }
}

/// Which run a `workflow_dispatch` has started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDetails {
    /// `workflow_run_id`.
    pub run_id: u64,
    /// `html_url`: the run's page, for people; an `http` or `https` URL.
    pub page: String,
}

impl RunDetails {
    /// Reads GitHub's answer; `None` where it tells no run.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let mut members: Members = json::parse(body)?;
        let run_id = members.take("workflow_run_id")?;
        let page = members.take("html_url").filter(|page: &String| is_plain_url(page))?;
        Some(Self { run_id, page })
    }
}
