//! `GET /skills/{name}/security`: the report, for people.

use crate::{
    app::App,
    error::AppError,
    http::{CachePolicy, Response},
    pages,
    ports::Ports,
    store::Resolved,
};
use skillgate_contract::SkillName;

/// The page of one skill; of a bare name that several skills end in, the choice among them.
pub(crate) async fn report<P: Ports>(app: &App<P>, name: &SkillName) -> Result<Response, AppError> {
    let now = app.ports.now();
    let page = match app.store().resolve(name).await? {
        Resolved::Nobody => return Err(AppError::NotFound("no skill of this name is published")),
        Resolved::Several(candidates) => pages::report::choice(name, &candidates),
        Resolved::One(state) => {
            let state = app.settled(*state).await?;
            let (entries, _) = app.store().charges(&state.skill.name).await?;
            pages::report::report(&state, &entries, now)
        }
    };
    Ok(pages::respond(200, page, CachePolicy::Revalidate))
}
