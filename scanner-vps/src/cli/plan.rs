//! The plan of one `scan` or `github scan`: from the arguments, or from the event of the run.

use super::{args::ScanArgs, github_report, job::Job};
use crate::{
    callback_target::CALLBACK_PATH,
    config::repo_hosts,
    delivery::CallbackSender,
    git::Source,
    origin::Origin,
    process::deny_memory_access,
    tools::{ToolSettings, Toolbox},
};
use skillgate_contract::{CommitSha, Provider, RepoUrl, SkillPath, callback::Callback};
use std::{path::PathBuf, time::Duration};

/// How long `--callback` retries the final callback.
const GIVE_UP_AFTER: Duration = Duration::from_secs(240);

/// The scans to run, and what they need.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) toolbox: Toolbox,
    pub(super) source: Source,
    pub(super) commit: Option<CommitSha>,
    pub(super) path: Option<SkillPath>,
    pub(super) providers: Vec<Provider>,
    pub(super) job: Option<Job>,
    pub(super) sender: Option<CallbackSender>,
}

impl Plan {
    /// Makes the plan. The error is a text for people.
    pub(super) fn of(args: &ScanArgs) -> Result<Self, String> {
        let toolbox = Toolbox::discover(&ToolSettings::from_env()).map_err(|e| e.to_string())?;
        let (source, job) = match &args.repository {
            Some(repository) => (source(repository)?, None),
            None => {
                let job = Job::from_env().map_err(|e| e.to_string())?;
                (Source::Remote(job.payload.repo_url.clone()), Some(job))
            }
        };
        let providers = match (&job, &args.options.provider[..]) {
            (Some(job), []) => job.payload.jobs.iter().map(|job| job.provider).collect(),
            (None, []) => Provider::ALL.to_vec(),
            (_, asked) => asked.to_vec(),
        };
        if let Some(odd) =
            providers.iter().find(|p| job.as_ref().is_some_and(|job| !job.asks_for(**p)))
        {
            return Err(format!("{odd}: this run was not started for it"));
        }
        // A job has one tool: what it leaves is the end of that one scan.
        if job.is_some() && args.hands_over() && providers.len() != 1 {
            return Err(
                "in a job, --result-file, --sarif-file and --callback are of one --provider"
                    .to_owned(),
            );
        }
        let sender = match &job {
            Some(job) if args.callback => {
                deny_memory_access();
                Some(github_report::sender(job, GIVE_UP_AFTER).map_err(|e| e.to_string())?)
            }
            _ => None,
        };
        let (commit, path) = match &job {
            Some(job) => (job.payload.commit_sha.clone(), job.payload.skill_path.clone()),
            None => (args.commit.clone(), args.path.clone()),
        };
        Ok(Self { toolbox, source, commit, path, providers, job, sender })
    }

    /// Why a job's repository may not be cloned. The allow list of hosts does not apply to `scan`.
    pub(super) fn not_allowed(&self) -> Option<String> {
        let repository = &self.job.as_ref()?.payload.repo_url;
        match repo_hosts(|name| std::env::var_os(name)) {
            Ok(hosts) if hosts.allows(repository) => None,
            Ok(_) => {
                let why = "this scanner's settings do not allow repositories from";
                Some(format!("{why} {}", repository.host()))
            }
            Err(wrong) => wrong.first().map(ToString::to_string),
        }
    }

    /// The origin of the platform that started this job, or that `PLATFORM_URL` names.
    pub(super) fn platform(&self) -> Option<String> {
        let platform = match &self.job {
            Some(job) => job.payload.callback_url.strip_suffix(CALLBACK_PATH)?.to_owned(),
            None => std::env::var("PLATFORM_URL").ok()?,
        };
        platform.parse().ok().map(|origin: Origin| origin.to_string())
    }

    /// A callback about one of these scans, with the event `started`.
    pub(super) fn subject(&self, provider: Provider) -> Callback {
        if let Some(job) = &self.job {
            return job.subject(provider);
        }
        let repo_url = match &self.source {
            Source::Remote(url) => Some(url.clone()),
            Source::Local(_) => None,
        };
        let commit_sha = self.commit.clone();
        Callback { repo_url, commit_sha, ..Callback::of(provider) }
    }
}

/// The source that a text names: a URL if it contains `://`, else a folder.
fn source(text: &str) -> Result<Source, String> {
    if text.contains("://") {
        let url: RepoUrl = text.parse().map_err(|error| format!("{text}: the URL {error}"))?;
        return Ok(Source::Remote(url));
    }
    let path = PathBuf::from(text);
    if path.is_dir() {
        Ok(Source::Local(path))
    } else {
        Err(format!("{text} is neither a URL (https://…) nor a folder on this machine"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_url_or_a_folder() {
        assert!(matches!(source("https://github.com/a/b"), Ok(Source::Remote(_))));
        assert!(matches!(source("/tmp"), Ok(Source::Local(_))));
        for bad in ["ext::sh -c x", "--upload-pack=x", "file:///tmp", "/no/such/folder"] {
            assert!(source(bad).is_err(), "{bad}");
        }
    }
}
