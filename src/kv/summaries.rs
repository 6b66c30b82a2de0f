//! Projects the security summary of each skill into KV.

use crate::{
    app::App,
    domain::overall,
    error::AppError,
    log::{LogEvent, Value},
    model::SkillState,
    ports::{Cache, CacheError, Ports},
};
use serde::Serialize;
use skillgate_contract::{SkillName, json};

/// How long KV keeps a summary: 365 days, in seconds.
const SUMMARY_TTL_SECONDS: u64 = 31_536_000;

/// How often one sync puts a skill that changes under its hands.
const MOST_ROUNDS: usize = 5;

/// What the values of a skill begin with. In `external-scans:{name}` the answer of `/security` follows, in
/// `external-scan:{name}:{provider}` one provider of that answer.
#[derive(Serialize)]
struct Head<'a> {
    skill: &'a SkillName,
    revision: i64,
    /// When the overview was read from D1, in milliseconds.
    #[serde(rename = "readAt", skip_serializing_if = "Option::is_none")]
    read_at: Option<i64>,
}

/// The KV key of the overview of a skill.
pub(crate) fn overview_key(skill: &str) -> String {
    format!("external-scans:{skill}")
}

/// Syncs every skill whose summaries in KV are stale, at most 30.
///
/// # Errors
/// [`AppError::Database`] where the stale skills cannot be listed.
pub(crate) async fn sync_stale<P: Ports>(app: &App<P>) -> Result<(), AppError> {
    for name in app.store().stale_in_kv().await? {
        sync(app, &name).await;
    }
    Ok(())
}

/// Syncs the summaries of one skill. An error is only logged: the scheduled handler retries.
pub(crate) async fn sync<P: Ports>(app: &App<P>, name: &SkillName) {
    app.log_error(try_sync(app, name).await);
}

/// Puts the summaries until the revision in D1 no longer changes. A lease lets one writer at a time
/// put a skill, so that no older summary overwrites a newer one; it also puts what other requests
/// changed meanwhile. After [`MOST_ROUNDS`] the lease expires and the scheduled handler goes on.
async fn try_sync<P: Ports>(app: &App<P>, name: &SkillName) -> Result<(), AppError> {
    let mut put = None;
    for _ in 0..MOST_ROUNDS {
        put = app.store().take_kv_write_lease(name, put.as_ref(), app.ports.now()).await?;
        let Some(lease) = &put else { break };
        if let Err(error) = put_summaries(app, &lease.state).await {
            app.log(LogEvent::KvWriteFailed, &[("skill", Value::Text(name))], &error);
            return app.store().end_kv_write_lease(lease).await;
        }
    }
    Ok(())
}

async fn put_summaries<P: Ports>(app: &App<P>, state: &SkillState) -> Result<(), CacheError> {
    let (skill, revision) = (&state.skill.name, state.skill.revision);
    let security = overall::security_answer(state);
    let cache = app.ports.cache();
    for row in &security.providers {
        let summary = json::joined(&Head { skill, revision, read_at: None }, row);
        let key = format!("external-scan:{skill}:{}", row.provider);
        cache.put(&key, summary, Some(SUMMARY_TTL_SECONDS)).await?;
    }
    let read_at = Some(app.ports.now().0);
    let overview = json::joined(&Head { skill, revision, read_at }, &security);
    cache.put(&overview_key(skill.as_str()), overview, Some(SUMMARY_TTL_SECONDS)).await
}
