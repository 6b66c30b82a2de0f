//! Reading the event of a run.

use super::{Job, KNOWN_FIELDS, Payload};
use crate::{
    Provider, ScanId,
    json::{self, FromJson, JsonMembers},
    object::{FieldError, FieldReader, JsonObject, NotAnObject},
    scan_request::is_plain_url,
};
use std::str::FromStr;

/// The event is none of this workflow's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It cannot be read.
    #[error("the event: {0}")]
    Json(#[from] NotAnObject),
    /// Neither a `repository_dispatch` nor a `workflow_dispatch`.
    #[error("the event has neither client_payload nor inputs")]
    NoPayload,
    /// Fields are wrong; each is named, below `/client_payload` or `/inputs`.
    #[error("{}", list(.0))]
    Fields(Vec<FieldError>),
}

fn list(errors: &[FieldError]) -> String {
    let lines: Vec<_> = errors.iter().map(|e| format!("{} {}", e.pointer, e.detail)).collect();
    lines.join("; ")
}

impl Payload {
    /// Reads the event of a run as GitHub puts it into the file at `GITHUB_EVENT_PATH`: the
    /// `client_payload` of a `repository_dispatch`, or the `inputs` of a `workflow_dispatch`, where
    /// an input that was not given is an empty text. Only the first three fields must be there:
    /// without `providers`, or with an empty list, every provider is meant.
    ///
    /// # Errors
    /// [`EventError`]. Never repeats what was sent.
    pub fn from_event(event: &[u8]) -> Result<Self, EventError> {
        let object = JsonObject::parse(event, &["client_payload", "inputs"])?;
        let (parent, raw) = ["client_payload", "inputs"]
            .into_iter()
            .find_map(|name| Some((name, object.raw(name)?)))
            .ok_or(EventError::NoPayload)?;
        let read = JsonObject::parse(raw.as_bytes(), KNOWN_FIELDS)?;
        Self::read(read).map_err(|mut errors| {
            for error in &mut errors {
                error.pointer = format!("/{parent}{}", error.pointer);
            }
            EventError::Fields(errors)
        })
    }

    fn read(object: JsonObject<'_>) -> Result<Self, Vec<FieldError>> {
        let mut r = FieldReader::new(object);
        let skill_name = r.required("skill_name");
        let repo_url = r.required("repo_url");
        let callback_url: Option<String> = r.required("callback_url");
        if callback_url.as_ref().is_some_and(|url| !is_plain_url(url)) {
            r.fault("/callback_url", "must be an http or https URL of at most 2000 characters");
        }
        let commit_sha = given(&mut r, "commit_sha");
        let providers: Option<Inner<Vec<Provider>>> =
            r.json("providers", &format!("a list of {}", Provider::names(" and ")));
        let mut scan_ids = r
            .json::<Inner<ScanIds>>("scan_ids", "an object of scan ids by provider")
            .and_then(|ids| ids.0)
            .unwrap_or_default();
        let attempt = r.json::<Inner<u32>>("attempt", "a positive integer").and_then(|n| n.0);
        if attempt == Some(0) {
            r.fault("/attempt", "must be a positive integer");
        }
        let skill_path = given(&mut r, "skill_path");

        let providers = providers.and_then(|list| list.0).filter(|list| !list.is_empty());
        let providers = providers.unwrap_or_else(|| Provider::ALL.to_vec());
        let mut jobs: Vec<Job> = Vec::with_capacity(providers.len());
        for provider in providers {
            if jobs.iter().any(|job| job.provider == provider) {
                r.fault("/providers", "must name no provider twice");
                continue;
            }
            let at = scan_ids.0.iter().position(|(of, _)| *of == provider);
            let scan_id = at.map(|at| scan_ids.0.swap_remove(at).1);
            jobs.push(Job { provider, scan_id });
        }
        if !scan_ids.0.is_empty() {
            r.fault("/scan_ids", "must be of the providers that are asked for, one each");
        }
        let payload = (|| {
            Some(Self {
                skill_name: skill_name?,
                repo_url: repo_url?,
                callback_url: callback_url?,
                commit_sha,
                jobs,
                attempt,
                skill_path,
            })
        })();
        r.finish(payload)
    }
}

/// An optional text; an empty one is an input that was not given.
fn given<T: FromStr<Err: std::fmt::Display>>(r: &mut FieldReader<'_>, name: &str) -> Option<T> {
    let text: String = r.json(name, "a string")?;
    if text.is_empty() {
        return None;
    }
    text.parse().map_err(|why: T::Err| r.fault(format!("/{name}"), why)).ok()
}

/// A value as it is, or as JSON in a string; nothing in an empty one.
struct Inner<T>(Option<T>);

impl<T: FromJson> FromJson for Inner<T> {
    fn from_json(value: serde_json::Value) -> Option<Self> {
        match value {
            serde_json::Value::String(text) if text.is_empty() => Some(Self(None)),
            serde_json::Value::String(text) => json::parse(&text).map(|value| Self(Some(value))),
            value => T::from_json(value).map(|value| Self(Some(value))),
        }
    }
}

#[derive(Default)]
struct ScanIds(Vec<(Provider, ScanId)>);

impl FromJson for ScanIds {
    fn from_json(value: serde_json::Value) -> Option<Self> {
        let members: JsonMembers = JsonMembers::from_json(value)?;
        let pairs = members.into_iter().map(|(provider, id)| {
            Some((provider.parse().ok()?, String::from_json(id)?.parse().ok()?))
        });
        pairs.collect::<Option<_>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::{MAX_KEYS, MAX_PAYLOAD_BYTES, RunDetails};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const MINIMAL: &str = r#""skill_name":"o/r/t","repo_url":"https://github.com/o/r","callback_url":"https://skills.example/api/v1/webhooks/scan-results""#;

    fn payload() -> Payload {
        Payload {
            skill_name: "o/r/t".parse().unwrap(),
            repo_url: "https://github.com/o/r".parse().unwrap(),
            callback_url: "https://skills.example/api/v1/webhooks/scan-results".to_owned(),
            commit_sha: Some("a".repeat(40).parse().unwrap()),
            jobs: vec![
                Job { provider: Provider::Semgrep, scan_id: Some("s1".parse().unwrap()) },
                Job { provider: Provider::Trufflehog, scan_id: Some("s3".parse().unwrap()) },
            ],
            attempt: Some(2),
            skill_path: Some("skills/t".parse().unwrap()),
        }
    }

    #[test]
    fn what_a_repository_dispatch_sends_is_this_and_is_what_the_run_reads() {
        let body = payload().repository_dispatch();
        assert_eq!(
            body,
            format!(
                r#"{{"event_type":"external-scan","client_payload":{{{MINIMAL},"commit_sha":"{}","providers":["semgrep","trufflehog"],"scan_ids":{{"semgrep":"s1","trufflehog":"s3"}},"attempt":2,"skill_path":"skills/t"}}}}"#,
                "a".repeat(40)
            )
        );
        // GitHub's event has the same member, beside the repository and much else.
        assert_eq!(Payload::from_event(body.as_bytes()), Ok(payload()));
    }

    #[test]
    fn what_a_workflow_dispatch_sends_is_this_and_is_what_the_run_reads() {
        let body = payload().workflow_dispatch("main");
        assert_eq!(
            body,
            format!(
                r#"{{"ref":"main","inputs":{{{MINIMAL},"commit_sha":"{}","providers":"[\"semgrep\",\"trufflehog\"]","scan_ids":"{{\"semgrep\":\"s1\",\"trufflehog\":\"s3\"}}","attempt":"2","skill_path":"skills/t"}},"return_run_details":true}}"#,
                "a".repeat(40)
            )
        );
        assert_eq!(Payload::from_event(body.as_bytes()), Ok(payload()));
    }

    #[test]
    fn the_largest_payload_is_taken_by_github() {
        let part = "n".repeat(100);
        let largest = Payload {
            skill_name: format!("{part}/{part}/{part}").parse().unwrap(),
            callback_url: format!("https://skills.example/{}", "x".repeat(1_970)),
            // Each of them is two bytes in JSON, and four in JSON in a string.
            skill_path: Some("\"".repeat(512).parse().unwrap()),
            jobs: Provider::ALL
                .map(|provider| Job { provider, scan_id: Some("i".repeat(64).parse().unwrap()) })
                .to_vec(),
            ..payload()
        };
        for body in [largest.repository_dispatch(), largest.workflow_dispatch("main")] {
            assert!(body.len() < MAX_PAYLOAD_BYTES / 10, "{}", body.len());
            assert_eq!(Payload::from_event(body.as_bytes()), Ok(largest.clone()));
        }
        assert!(KNOWN_FIELDS.len() <= MAX_KEYS);
    }

    #[test]
    fn a_workflow_dispatch_is_answered_with_its_run() {
        let answer = r#"{"workflow_run_id":30433642,"run_url":"https://api.example/runs/30433642","html_url":"https://git.example/o/r/actions/runs/30433642"}"#;
        let run = RunDetails {
            run_id: "30433642".to_owned(),
            page: "https://git.example/o/r/actions/runs/30433642".to_owned(),
        };
        assert_eq!(RunDetails::read(answer), Some(run));
        for other in ["", "{}", r#"{"workflow_run_id":"1","html_url":"x"}"#] {
            assert_eq!(RunDetails::read(other), None, "{other}");
        }
    }

    #[test]
    fn the_least_that_a_run_needs_asks_for_every_provider() {
        let all = Provider::ALL.map(|provider| Job { provider, scan_id: None });
        let least = |json: String| {
            let payload = Payload::from_event(json.as_bytes()).unwrap();
            assert_eq!(payload.jobs, all, "{json}");
            assert_eq!((payload.commit_sha, payload.attempt), (None, None));
            assert_eq!(payload.skill_path, None);
        };
        least(format!(r#"{{"client_payload":{{{MINIMAL}}}}}"#));
        least(format!(r#"{{"client_payload":{{{MINIMAL},"providers":[],"scan_ids":null}}}}"#));
        least(format!(
            r#"{{"inputs":{{{MINIMAL},"commit_sha":"","providers":"","scan_ids":"","attempt":"","skill_path":""}},"client_payload":null}}"#
        ));
    }

    #[test]
    fn every_wrong_field_is_named_and_not_repeated() {
        let event = r#"{"client_payload":{"skill_name":"$(marker)","repo_url":"ext::marker","callback_url":"file:///marker",
            "commit_sha":"marker","providers":["marker"],"scan_ids":{"marker":"x"},"attempt":0,"skill_path":"../marker"}}"#;
        let error = Payload::from_event(event.as_bytes()).unwrap_err();
        let EventError::Fields(errors) = &error else { panic!("{error}") };
        let named: BTreeSet<_> = errors.iter().map(|e| e.pointer.clone()).collect();
        let all = KNOWN_FIELDS.iter().map(|field| format!("/client_payload/{field}"));
        assert_eq!(named, all.collect());
        assert!(!error.to_string().contains("marker"), "{error}");
    }

    #[test]
    fn providers_and_scan_ids_belong_together() {
        let fields = |more: &str| {
            let event = format!(r#"{{"client_payload":{{{MINIMAL},{more}}}}}"#);
            match Payload::from_event(event.as_bytes()) {
                Err(EventError::Fields(errors)) => {
                    errors.into_iter().map(|e| e.pointer).collect::<Vec<_>>().join(" ")
                }
                other => format!("{other:?}"),
            }
        };
        assert_eq!(fields(r#""providers":["semgrep","semgrep"]"#), "/client_payload/providers");
        assert_eq!(
            fields(r#""providers":["semgrep"],"scan_ids":{"njsscan":"x"}"#),
            "/client_payload/scan_ids"
        );
        assert_eq!(fields(r#""scan_ids":{"semgrep":""}"#), "/client_payload/scan_ids");
        assert_eq!(fields(r#""providers":"semgrep""#), "/client_payload/providers");
    }

    #[test]
    fn what_is_no_event_of_this_workflow_is_said() {
        assert_eq!(Payload::from_event(b"{}"), Err(EventError::NoPayload));
        assert_eq!(Payload::from_event(b""), Err(EventError::Json(NotAnObject::Syntax)));
        assert_eq!(
            Payload::from_event(br#"{"client_payload":[]}"#),
            Err(EventError::Json(NotAnObject::Kind))
        );
    }

    proptest! {
        #[test]
        fn no_event_panics(
            body in proptest::collection::vec(any::<u8>(), 0..256),
            field in proptest::sample::select(KNOWN_FIELDS), value in any::<String>(),
        ) {
            let _ = Payload::from_event(&body);
            let value = serde_json::to_string(&value).unwrap();
            for event in [
                format!(r#"{{"inputs":{{{MINIMAL},"{field}":{value}}}}}"#),
                format!(r#"{{"inputs":{{"{field}":{value}}}}}"#),
            ] {
                let _ = Payload::from_event(event.as_bytes());
            }
        }
    }
}
