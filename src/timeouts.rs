//! Expiry of overdue scans: an active scan that is silent past its deadline becomes TIMED_OUT.

use crate::{
    app::App, error::AppError, kv::summaries, model::SkillState, ports::Ports, store::Resolved,
};
use skillgate_contract::SkillName;

/// Batches of skills that a list expires before it is read. More than become overdue between two runs
/// of the scheduled handler, and fewer statements than the 1,000 that D1 allows.
const MOST_BATCHES: usize = 5;

fn has_overdue<P: Ports>(app: &App<P>, state: &SkillState) -> bool {
    let now = app.ports.now();
    state.scans.iter().any(|scan| scan.is_overdue(now))
}

/// Expires the overdue scans of every skill, skill by skill. The first error is returned after all
/// skills were tried.
///
/// # Errors
/// [`AppError::Database`].
pub(crate) async fn expire_overdue_everywhere<P: Ports>(app: &App<P>) -> Result<(), AppError> {
    let now = app.ports.now();
    let mut outcome = Ok(());
    for name in app.store().overdue_skills(now).await? {
        let expired =
            app.store().promote_time_outs(&name, &app.write_token(), app.scheduling()).await;
        outcome = outcome.and(expired);
    }
    outcome
}

/// Expires the overdue scans of one skill on the read that meets them, reads the skill again and syncs
/// KV.
///
/// # Errors
/// [`AppError::Database`].
pub(crate) async fn expire_overdue<P: Ports>(
    app: &App<P>,
    state: SkillState,
) -> Result<SkillState, AppError> {
    if !has_overdue(app, &state) {
        return Ok(state);
    }
    let name = state.skill.name.clone();
    app.store().promote_time_outs(&name, &app.write_token(), app.scheduling()).await?;
    let expired = app.store().skill_state(&name).await?.unwrap_or(state);
    summaries::sync(app, &name).await;
    Ok(expired)
}

/// Expires overdue scans before a list is read that filters by status: at most [`MOST_BATCHES`] batches.
///
/// # Errors
/// [`AppError::Database`].
pub(crate) async fn expire_overdue_batches<P: Ports>(app: &App<P>) -> Result<(), AppError> {
    for _ in 0..MOST_BATCHES {
        let skills = app.store().overdue_skills(app.ports.now()).await?;
        if skills.is_empty() {
            break;
        }
        let overdue = skills.iter().map(|name| (name, app.write_token()));
        app.store().promote_time_outs_of(overdue, app.scheduling()).await?;
    }
    Ok(())
}

/// The one skill that a name stands for, after its overdue scans were expired.
///
/// # Errors
/// 404 where there is none, 409 for a bare name that several skills end in.
pub(crate) async fn expire_overdue_by_name<P: Ports>(
    app: &App<P>,
    name: &SkillName,
) -> Result<SkillState, AppError> {
    match app.store().resolve(name).await? {
        Resolved::Nobody => Err(AppError::NO_SKILL),
        Resolved::Several(_) => Err(AppError::Conflict(
            "several skills end in this name; ask by the full name".to_owned(),
        )),
        Resolved::One(state) => expire_overdue(app, *state).await,
    }
}

/// Skills by their full names, in that order, each once, with their newest scans, after the overdue
/// ones were expired. KV is synced by the next scheduled run, because a list may hold 100 skills.
///
/// # Errors
/// [`AppError::Database`].
pub(crate) async fn expire_overdue_listed<P: Ports>(
    app: &App<P>,
    names: impl Iterator<Item = SkillName>,
) -> Result<Vec<SkillState>, AppError> {
    let mut each: Vec<SkillName> = Vec::new();
    for name in names {
        if !each.contains(&name) {
            each.push(name);
        }
    }
    let skills = app.store().listed_skills(&each).await?;
    let overdue = skills.iter().filter(|state| has_overdue(app, state));
    let overdue: Vec<_> = overdue.map(|state| (&state.skill.name, app.write_token())).collect();
    if overdue.is_empty() {
        return Ok(skills);
    }
    app.store().promote_time_outs_of(overdue.into_iter(), app.scheduling()).await?;
    app.store().listed_skills(&each).await
}
