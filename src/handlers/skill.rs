//! `GET /api/v1/skills/{name}`: the published skill with its security summary.

use crate::{
    app::App,
    domain::overall,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Response},
    ports::Ports,
    timeouts,
};
use skillgate_contract::{SkillName, api::SkillAnswer};

/// An unknown skill is a 404; a bare name that several skills end in is a 409.
pub(crate) async fn skill<P: Ports>(app: &App<P>, name: &SkillName) -> Result<Handled, AppError> {
    let state = timeouts::expire_overdue_by_name(app, name).await?;
    let skill = &state.skill;
    let security = overall::security_answer(&state);
    let cache = CachePolicy::of(security.overall_verdict);
    let answer = SkillAnswer {
        name: skill.name.clone(),
        repo_url: skill.repo_url.clone(),
        commit_sha: skill.commit_sha.clone(),
        version: skill.version.clone(),
        skill_path: skill.skill_path.clone(),
        updated_at: skill.updated_at,
        blocked: skill.is_blocked(),
        cert_tier: (),
        tier: overall::tier(skill.standing),
        security,
    };
    Ok(Response::json(200, &answer, cache).into())
}
