//! What KV knows to be bad, for the two questions of the installer that D1 does not answer just then.
//!
//! A copy proves no PASS and no "not blocked": whatever it does not say is bad stays a 503. Nor does it
//! tell which skills there are: what any entry of a bare name says counts for the name. It is handed on as
//! text, since types that are read and written again are kilobytes of wasm.

use crate::{
    app::App,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Response},
    kv::{blocklist as projection, summaries::overview_key},
    log::LogEvent,
    ports::{Cache, Ports},
};
use serde_json::{Map, Value};
use skillgate_contract::{
    Millis, RepoUrl, SkillName,
    json::{self, FromJson, JsonMembers, StoredJson},
};

/// How old a summary in KV can be, in seconds.
const MOST_AGE: i64 = 31_536_000;

/// The answer in place of one that D1 did not give; the error where it is not D1's, or nothing bad is known.
/// KV is asked for `bad` in the former case alone.
pub(super) async fn or_else<P: Ports>(
    app: &App<P>,
    error: AppError,
    bad: impl Future<Output = Option<(String, i64)>>,
) -> Result<Handled, AppError> {
    let AppError::Database(cause) = &error else { return Err(error) };
    let Some((body, age)) = bad.await else { return Err(error) };
    app.log(LogEvent::StaleServed, &[], cause);
    Ok(Response::text(200, "application/json", body, CachePolicy::Verdict).stale(age).into())
}

/// The answer of `check` where an entry of the copy's list is surely about the name, and its age.
pub(super) async fn blocked<P: Ports>(
    app: &App<P>,
    name: &SkillName,
    source: Option<&RepoUrl>,
) -> Option<(String, i64)> {
    let copy = projection::get(app).await?;
    let body = projection::body(app, &copy).await?;
    let source = source.map(ToString::to_string);
    // The list may be megabytes: of an entry, `{"id":"…","skillName":"…", …`, only what bears the name is parsed.
    for line in body.split('\n') {
        if !line.split('"').nth(7).is_some_and(|bare| bare.eq_ignore_ascii_case(name.bare())) {
            continue;
        }
        let entry = line.trim_end_matches(',');
        if is_about(app, &json::parse(entry)?, name, source.as_deref()).await {
            let body = format!(
                "{{\"blocked\":true,\"entry\":{entry},\"rejected\":false,\"tainted\":false,\"stale\":true}}"
            );
            return Some((body, copy.age(app.ports.now())));
        }
    }
    None
}

/// As `SELECT_BLOCKLIST_MATCHES`, of an entry with the last segment of a name: by what the copy of a skill says of its
/// source where that decides.
async fn is_about<P: Ports>(
    app: &App<P>,
    entry: &Value,
    name: &SkillName,
    asked: Option<&str>,
) -> bool {
    let text = |member| entry.get(member).and_then(Value::as_str);
    let (Some(of), source) = (text("skill"), text("sourceUrl")) else { return false };
    if of.eq_ignore_ascii_case(name.as_str()) {
        return asked.is_none() || source.is_none() || source == asked;
    }
    let decides = match (of.contains('/'), name.is_bare(), source, asked) {
        (true, false, ..) => return false,
        (_, _, Some(source), Some(asked)) => return source == asked,
        // The entry is by a last segment, and another skill of it was asked for.
        (false, _, None, _) | (true, true, _, None) => return true,
        (false, _, Some(source), None) => (name.as_str(), source),
        // Only a last segment was asked for, and the entry is of whatever source.
        (true, true, None, Some(asked)) => (of, asked),
    };
    let skill = overview(app, decides.0).await;
    skill.as_ref().and_then(|skill| skill.get("repoUrl")?.as_str()) == Some(decides.1)
}

async fn overview<P: Ports>(app: &App<P>, skill: &str) -> Option<Value> {
    json::parse(&app.ports.cache().get(&overview_key(skill)).await.unwrap_or_default()?)
}

/// The answer of `/security` where the copy of just this name says FAIL, and its age: the tools that failed
/// as they are, and nothing of the others.
pub(super) async fn failed<P: Ports>(app: &App<P>, name: &SkillName) -> Option<(String, i64)> {
    let mut copy = overview(app, name.as_str()).await?;
    if copy.get("overallVerdict")?.as_str()? != "FAIL" {
        return None;
    }
    for row in copy.get_mut("providers")?.as_array_mut()? {
        let row = row.as_object_mut()?;
        if row.get("status")?.as_str() == Some("FAIL") {
            continue;
        }
        for (member, value) in row {
            *value = match member.as_str() {
                "provider" => continue,
                "status" | "phase" => Value::from("PENDING"),
                count if count.ends_with("Count") => Value::from(0),
                _ => Value::Null,
            };
        }
    }
    // A copy of an older form does not say when it was read.
    let read_at = copy.get("readAt").and_then(Value::as_i64);
    let age = read_at.map_or(MOST_AGE, |at| app.ports.now().since(Millis(at)) / 1_000);
    let mut answer = Map::new();
    for (member, value) in JsonMembers::from_json(copy)? {
        if !matches!(member.as_str(), "readAt" | "skill" | "revision") {
            answer.insert(member, value);
        }
    }
    answer.insert("stale".to_owned(), Value::Bool(true));
    Some((serde_json::to_string(&StoredJson::from_json(Value::Object(answer))?).ok()?, age))
}
