//! `GET /skills/{name}/security`: the report, for people.

use crate::{
    app::App,
    error::AppError,
    http::{CachePolicy, Response},
    pages,
    ports::Ports,
    store::{Resolved, SkillState},
};
use skillgate_contract::{Finding, Provider, SkillName};

/// The page of one skill; of a bare name that several skills end in, the choice among them.
pub(crate) async fn report<P: Ports>(app: &App<P>, name: &SkillName) -> Result<Response, AppError> {
    let now = app.ports.now();
    let page = match app.store().resolve(name).await? {
        Resolved::Nobody => return Err(AppError::NotFound("no skill of this name is published")),
        Resolved::Several(candidates) => pages::report::choice(name, &candidates),
        Resolved::One(state) => {
            let state = app.settled(*state).await?;
            let (entries, _) =
                app.store().charges(&state.skill.name, Some(&state.skill.repo_url)).await?;
            let found = findings(app, &state).await?;
            pages::report::report(&state, &entries, &found, now)
        }
    };
    Ok(pages::respond(200, page, CachePolicy::Revalidate))
}

/// The findings of each newest scan that has some.
async fn findings<P: Ports>(
    app: &App<P>,
    state: &SkillState,
) -> Result<Vec<(Provider, Vec<Finding>)>, AppError> {
    let scans: Vec<_> = state.scans.iter().filter(|scan| scan.counts().total() > 0).collect();
    let found = app.store().findings(&scans).await?;
    Ok(scans.iter().map(|scan| scan.provider).zip(found).collect())
}
