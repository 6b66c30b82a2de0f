//! The list of a callback's fields.
//!
//! The macro `callback_fields!` is called once, below. From its list come [`KNOWN_FIELDS`], the types
//! [`Callback`] and [`ScanResult`], how a body is read and written, and the schema of the body. A
//! further field is one further entry.

use super::{
    Coverage, Event, Tool,
    wire::{self, Body, Kind, Seen},
};
use crate::{
    AutoRun, CommitSha, Counts, Finding, Provider, RepoUrl, ScanId, ScanStatus, SkillName, Verdict,
    object::FieldReader,
};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// Makes everything that follows from the list of fields. An entry is
///
/// ```text
/// /// One line of documentation, for the struct's member and for the schema.
/// field = "nameInTheBody": SchemaType,
///     callback: Type = expression,          // if it is a member of `Callback`: how it is read
///     result member: Type = expression,     // if it is a member of `ScanResult`: how it is read
///     write = expression;                   // an `Option`: the field is left out without a value
/// ```
///
/// A body is written in the order of the entries, and the members of a struct are read in this order,
/// in which faults are listed. [`Callback::content_digest`] is of the written body: databases hold it,
/// so the order of all entries but the `volatile` ones stays as it is.
macro_rules! callback_fields {
    (
        read with ($r:ident, $name:ident, $seen:ident);
        write with ($body:ident);
        $(
            #[doc = $doc:literal]
            $(#[schemars($($schemars:tt)+)])?
            $field:ident = $wire:literal: $schema:ty,
            $(callback: $kept:ty = $from_callback:expr,)?
            $(result $member:ident: $found:ty = $from_result:expr,)?
            write = $write:expr;
        )+
    ) => {
        /// The fields of a callback; each may stand in the body once. All others are ignored.
        pub const KNOWN_FIELDS: &[&str] = &[$($wire),+];

        /// One report about one scan.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Callback {
            /// Which tool the scan is of.
            pub provider: Provider,
            /// What is reported of the scan.
            pub event: Event,
            $($(
                #[doc = $doc]
                pub $field: $kept,
            )?)+
        }

        impl Callback {
            /// A report that some scan of a provider was started, without any other field: what to
            /// fill in by struct update syntax.
            #[must_use]
            pub fn of(provider: Provider) -> Self {
                Self { provider, event: Event::Started, $($($field: <$kept>::default(),)?)+ }
            }

            /// Reads the fields. `None` where one is wrong without which there is no callback.
            #[allow(unused_variables, reason = "not every entry is read by its name")]
            pub(super) fn from_fields($r: &mut FieldReader<'_>, $seen: &mut Seen) -> Option<Self> {
                Some(Self {
                    $($($field: {
                        let $name: &str = $wire;
                        $from_callback
                    },)?)+
                    // After the rest, so that every other field has been read and judged by then.
                    event: wire::read_event($r, $seen)?,
                    provider: $seen.provider?,
                })
            }
        }

        /// What the tool found and how much it read.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct ScanResult {
            /// The commit that was scanned, by `git rev-parse` in the repository that the tool read.
            pub commit_sha: CommitSha,
            /// The counts of everything found, also of what is not listed.
            pub counts: Counts,
            $($(
                #[doc = $doc]
                pub $member: $found,
            )?)+
        }

        impl ScanResult {
            /// A result of a commit that found nothing and proves nothing: what to fill in by struct
            /// update syntax.
            #[must_use]
            pub fn of(commit_sha: CommitSha) -> Self {
                Self {
                    commit_sha,
                    counts: Counts::default(),
                    $($($member: <$found>::default(),)?)+
                }
            }

            /// Reads the fields. `None` where one is wrong without which there is no result.
            #[allow(unused_variables, reason = "not every entry is read by its name")]
            pub(super) fn from_fields($r: &mut FieldReader<'_>, $seen: &mut Seen) -> Option<Self> {
                let (counts, listed) = wire::read_findings($r, $seen.provider);
                $seen.listed = listed;
                Some(Self {
                    $($($member: {
                        let $name: &str = $wire;
                        $from_result
                    },)?)+
                    counts,
                    commit_sha: $seen.commit_sha.take()?,
                })
            }
        }

        impl Serialize for Body<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $body = self;
                let mut members = serializer.serialize_map(None)?;
                $(
                    if let Some(value) = $write {
                        members.serialize_entry($wire, &value)?;
                    }
                )+
                members.end()
            }
        }

        /// The body of a callback. A result must have `skillName`, `commitSha` and the four counts;
        /// `started` and `failed` need `scanId` or `skillName`, and `failed` an `error`.
        #[cfg(feature = "schema")]
        #[derive(Debug, schemars::JsonSchema)]
        #[schemars(transform = crate::schema::by_event)]
        pub struct CallbackBody {
            $(
                #[doc = $doc]
                #[schemars(rename = $wire)]
                $(#[schemars($($schemars)+)])?
                pub $field: $schema,
            )+
        }
    };
}

callback_fields! {
    read with (r, name, seen);
    write with (body);

    /// When the body was signed, in milliseconds since the epoch: at most five minutes from now.
    timestamp = "timestamp": i64,
        write = body.sent_at();

    /// What happened; absent means `result`.
    event = "event": Option<crate::schema::EventName>,
        write = Some(body.callback.event_name());

    /// Which tool the scan is of.
    provider = "provider": Provider,
        write = Some(body.callback.provider);

    /// Which scan, where the sender was told.
    scan_id = "scanId": Option<ScanId>,
        callback: Option<ScanId> = seen.scan_id.take(),
        write = body.callback.scan_id.as_ref();

    /// The skill's full name; always there in a result.
    skill_name = "skillName": Option<SkillName>,
        callback: Option<SkillName> = seen.skill_name.take(),
        write = body.callback.skill_name.as_ref();

    /// The repository that was cloned.
    repo_url = "repoUrl": Option<RepoUrl>,
        callback: Option<RepoUrl> = r.optional(name),
        write = body.callback.repo_url.as_ref();

    /// The repository's owner, where the sender says it apart; held to the scan's repository.
    repo_owner = "repoOwner": Option<String>,
        callback: Option<String> = r.json(name, "a string"),
        write = body.callback.repo_url.as_ref().map(RepoUrl::owner);

    /// The repository's name, where the sender says it apart; held to the scan's repository.
    repo_name = "repoName": Option<String>,
        callback: Option<String> = r.json(name, "a string"),
        write = body.callback.repo_url.as_ref().map(RepoUrl::repo);

    /// The commit that the tool read.
    commit_sha = "commitSha": Option<CommitSha>,
        callback: Option<CommitSha> = seen.commit_sha.clone(),
        write = body.callback.commit();

    /// Which dispatch or claim this answers, counted from 1; absent means the current one.
    attempt = "attempt": Option<u32>,
        callback: Option<u32> = wire::read_attempt(r, name),
        write = body.callback.attempt;

    /// The idempotency key: the same for every resend of one event.
    delivery_id = "deliveryId": Option<String>,
        callback: Option<String> = wire::short_text(r, name),
        write = body.volatile(body.callback.delivery_id.as_ref());

    /// The host name of the machine that scanned.
    worker_host = "workerHost": Option<String>,
        callback: Option<String> = wire::short_text(r, name),
        write = body.volatile(body.callback.worker_host.as_ref());

    /// How the tools were isolated from the machine that ran them; `none` where they were not.
    isolation = "isolation": Option<String>,
        callback: Option<String> = wire::short_text(r, name),
        write = body.callback.isolation.as_ref();

    /// The id of the GitHub Actions run, where there is one.
    github_run_id = "githubRunId": Option<String>,
        callback: Option<String> = wire::short_text(r, name),
        write = body.callback.github_run_id.as_ref();

    /// The URL of the GitHub Actions run's page.
    github_run_url = "githubRunUrl": Option<String>,
        callback: Option<String> = wire::short_text(r, name),
        write = body.callback.github_run_url.as_ref();

    /// The sender's own conclusion; the worker draws its own from the counts and the coverage.
    status = "status": Option<crate::schema::Conclusion>,
        result claimed: Option<ScanStatus> = wire::read_status(r, name),
        write = body.result().map(|found| found.claimed.unwrap_or_else(|| found.conclude(false)));

    /// The sender's own verdict, compared for the log only: the worker draws its own.
    verdict = "verdict": Option<Verdict>,
        result claimed_verdict: Option<Verdict> = r.json(name, "PASS or FAIL"),
        write = body.result().map(|found| found.counts.verdict());

    /// The sender's own score, compared for the log only: the worker computes its own.
    #[schemars(range(min = 0, max = 100))]
    score = "score": Option<u32>,
        result claimed_score: Option<u32> = wire::read_up_to(r, name, 100),
        write = body.result().map(|found| found.counts.score());

    /// How many critical findings there are; each of them blocks.
    critical_count = "criticalCount": Option<u32>,
        write = body.result().map(|found| found.counts.critical);

    /// How many findings of severity high there are.
    high_count = "highCount": Option<u32>,
        write = body.result().map(|found| found.counts.high);

    /// How many findings of severity medium there are.
    medium_count = "mediumCount": Option<u32>,
        write = body.result().map(|found| found.counts.medium);

    /// How many findings of severity low there are.
    low_count = "lowCount": Option<u32>,
        write = body.result().map(|found| found.counts.low);

    /// At most 100 findings, worst first.
    #[schemars(length(max = crate::MAX_FINDINGS))]
    findings = "findings": Option<Vec<Finding>>,
        result findings: Vec<Finding> = std::mem::take(&mut seen.listed.findings),
        write = body.result().map(|found| &found.findings);

    /// Whether more was found than is listed.
    findings_truncated = "findingsTruncated": Option<bool>,
        result findings_truncated: bool =
            r.json(name, "true or false").unwrap_or(false) || seen.listed.truncated,
        write = body.result().map(|found| found.findings_truncated);

    /// What was read; without it a clean result is no PASS.
    coverage = "coverage": Option<Coverage>,
        result coverage: Option<Coverage> = wire::read_coverage(r, name),
        write = body.result().and_then(|found| found.coverage.as_ref());

    /// What ran, or, in `failed`, what was to run.
    tool = "tool": Option<Tool>,
        callback: Option<Tool> =
            if seen.kind == Some(Kind::Failed) { wire::read_tool(r, name) } else { None },
        result tool: Option<Tool> = wire::read_tool(r, name),
        write = body.tool();

    /// How long the scan took, in milliseconds.
    duration_ms = "durationMs": Option<u64>,
        result duration_ms: Option<u64> = r.json(name, "a non-negative integer"),
        write = body.volatile(body.result().and_then(|found| found.duration_ms));

    /// Why the scan failed, or why its result is not complete, for people.
    error = "error": Option<String>,
        result error: Option<String> = wire::read_error(r, name),
        write = body.error();

    /// What agents run by themselves in the skill: at most 200 entries, those first that ask least of the user.
    #[schemars(length(max = crate::MAX_AUTO_RUN))]
    auto_run = "autoRun": Option<Vec<AutoRun>>,
        result auto_run: Option<Vec<AutoRun>> = wire::read_auto_run(r, name, seen),
        write = body.result().and_then(|found| found.auto_run.as_ref());

    /// Whether more runs by itself than is listed.
    auto_run_truncated = "autoRunTruncated": Option<bool>,
        result auto_run_truncated: bool =
            r.json(name, "true or false").unwrap_or(false) || seen.auto_run_truncated,
        write = body.result().filter(|found| found.auto_run_truncated).map(|_| true);
}
