//! The log: one JSON object a line, as docs/logging.md describes it, and the list of all events.
//!
//! Text passes through [`text::line`] and a JSON serialiser, so nothing that a request or a reply contains
//! can end a line or forge an event. No secret is ever a field.

use crate::model::RequestId;
use skillgate_contract::{Millis, Provider, RepoUrl, ScanId, SkillName, text};
use std::fmt;

/// Characters of one text value; a longer one is cut.
const MAX_VALUE_CHARS: usize = 500;

/// Who has to act on an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Nobody: the ordinary course of events.
    Info,
    /// Nobody on a single line: something failed and is retried, or was refused.
    Warn,
    /// A person: an alarm.
    Error,
}

/// The one list of events: the variant, its level, and its name in the log.
macro_rules! events {
    ($($(#[$meaning:meta])+ $event:ident = $level:ident $name:literal,)+) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum LogEvent { $($(#[$meaning])+ $event,)+ }

        impl LogEvent {
            const fn entry(self) -> (Level, &'static str) {
                match self { $(Self::$event => (Level::$level, $name),)+ }
            }
        }
    };
}

events! {
    /// Automatic entries wait for an admin.
    BlocklistProposed = Error "blocklist.proposed",
    /// The hourly rate limit kept an automatic entry from blocking.
    BlocklistRateLimited = Error "blocklist.rate_limited",
    /// A correctly signed callback contradicts its scan or an earlier result.
    CallbackConflict = Error "callback.conflict",
    /// The verdict or score that a scanner sent differs from that of its counts, which decide.
    CallbackDisagreement = Warn "callback.disagreement",
    /// A callback came too late, or names an attempt that was never given out.
    CallbackNotApplied = Warn "callback.not_applied",
    /// The signature, the token or the time of a callback is not valid.
    CallbackRefused = Warn "callback.refused",
    /// The HEAD of a repository could not be resolved before its first scan.
    CommitUnresolved = Warn "commit.unresolved",
    /// D1 did not do what it was asked.
    DatabaseFailed = Warn "database.failed",
    /// The database has used over 60 % of its limit.
    DatabaseFilling = Error "database.filling",
    /// The database has used over 80 % of its limit.
    DatabaseNearlyFull = Error "database.nearly_full",
    /// Nobody accepted a scan; it is offered again.
    DispatchFailed = Warn "dispatch.failed",
    /// Nobody accepted a scan for a day: it is ERROR.
    DispatchGivenUp = Error "dispatch.given_up",
    /// GitHub refuses the token, the repository or the workflow.
    DispatchRefused = Error "dispatch.refused",
    /// A scan has waited for over 15 minutes, to be sent or to begin.
    DispatchWaiting = Error "dispatch.waiting",
    /// A request for an endpoint whose secret is not configured.
    EndpointClosed = Warn "endpoint.closed",
    /// KV did not take a projection; it is written again later.
    KvWriteFailed = Warn "kv.write_failed",
    /// The keys of GitHub's tokens cannot be fetched.
    OidcKeysUnavailable = Warn "oidc.keys_unavailable",
    /// A binding is missing, or the platform failed outside of D1, KV and requests to others.
    PlatformFailed = Error "platform.failed",
    /// Scans timed out three times and are not sent again.
    ScanGivenUp = Error "scan.given_up",
    /// A setting has its old name.
    SettingsDeprecated = Warn "settings.deprecated",
    /// A setting is missing or wrong: every request is answered 503.
    SettingsInvalid = Error "settings.invalid",
    /// D1 did not answer, and a copy in KV was served in its place.
    StaleServed = Warn "stale.served",
    /// What D1 and KV were asked, with `LOG_STORAGE_METRICS`.
    StorageMeasured = Info "storage.measured",
    /// A row, a rule or a static file is not as this build needs it.
    WorkerFailed = Error "worker.failed",
}

/// The value of a field.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    /// Text; it is cleaned and cut.
    Text(&'a dyn fmt::Display),
    /// A number.
    Number(i64),
}

/// A name in camelCase, and its value.
pub(crate) type Field<'a> = (&'static str, Value<'a>);

/// The fields that name a scan.
pub(crate) fn scan_fields<'a>(
    id: &'a ScanId,
    attempt: u32,
    provider: &'a Provider,
    skill: &'a SkillName,
    repo: &'a RepoUrl,
) -> [Field<'a>; 5] {
    [
        ("scanId", Value::Text(id)),
        ("attempt", Value::Number(attempt.into())),
        ("provider", Value::Text(provider)),
        ("skill", Value::Text(skill)),
        ("repo", Value::Text(repo)),
    ]
}

/// One line of the log, without its end. Only [`line`] makes one, so nothing is logged in another form.
#[derive(Debug)]
pub struct Line {
    level: Level,
    json: String,
}

impl Line {
    /// Who has to act.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The JSON object, which names the level too.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

/// The line of an event: time, level, event and request, then its own fields, and the message last.
pub(crate) fn line(
    time: Millis,
    request: &RequestId,
    event: LogEvent,
    fields: &[Field<'_>],
    message: &dyn fmt::Display,
) -> Line {
    let (level, name) = event.entry();
    let level_name = match level {
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    let time = time.rfc3339();
    let mut json = format!(
        "{{\"time\":\"{time}\",\"level\":\"{level_name}\",\"event\":\"{name}\",\"requestId\":\"{request}\""
    );
    for (name, value) in fields.iter().chain(&[("message", Value::Text(message))]) {
        let value = match value {
            Value::Number(number) => number.to_string(),
            Value::Text(shown) => {
                serde_json::to_string(&text::line(&shown.to_string(), MAX_VALUE_CHARS))
                    .unwrap_or_default()
            }
        };
        for part in [",\"", name, "\":", &value] {
            json.push_str(part);
        }
    }
    json.push('}');
    Line { level, json }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(fields: &[Field<'_>], message: &str) -> String {
        let (time, request) = (Millis(1_769_990_400_000), RequestId::from_random([0xab; 16]));
        line(time, &request, LogEvent::DispatchFailed, fields, &message).json
    }

    #[test]
    fn a_line_has_time_level_event_and_request_then_its_fields_and_the_message_last() {
        let (id, skill) = ("s1".parse().unwrap(), "o/r/tool".parse().unwrap());
        let repo = "https://github.com/o/r".parse().unwrap();
        let provider = Provider::ALL[0];
        assert_eq!(
            logged(&scan_fields(&id, 2, &provider, &skill, &repo), "no"),
            concat!(
                r#"{"time":"2026-02-02T00:00:00.000Z","level":"warn","event":"dispatch.failed","#,
                r#""requestId":"abababababababababababababababab","scanId":"s1","attempt":2,"#,
                r#""provider":"semgrep","skill":"o/r/tool","repo":"https://github.com/o/r","message":"no"}"#
            )
        );
    }

    #[test]
    fn an_event_is_one_line_whatever_it_says() {
        let hostile = "a\nlevel=error\u{1b}[31m\u{202e}\"}\\";
        let line = logged(&[("repo", Value::Text(&hostile))], hostile);
        assert!(!line.chars().any(text::is_hidden_or_control), "{line}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        let shown = "a level=error\u{fffd}[31m\u{fffd}\"}\\";
        assert_eq!((&read["repo"], &read["message"]), (&shown.into(), &shown.into()));
        assert_eq!(read["event"], "dispatch.failed");
    }

    #[test]
    fn a_long_value_is_cut() {
        let read: serde_json::Value = serde_json::from_str(&logged(&[], &"é".repeat(999))).unwrap();
        assert_eq!(read["message"].as_str().unwrap().chars().count(), MAX_VALUE_CHARS);
    }
}
