//! `GET /skills/{name}/security`: the report, for people.

use crate::{
    app::App,
    error::AppError,
    http::{CachePolicy, Response},
    pages,
    ports::Ports,
    store::{Resolved, ScanDetailRow, SkillState},
};
use skillgate_contract::{Provider, SkillName};

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
            let details = details(app, &state).await?;
            pages::report::report(&state, &entries, &details, now)
        }
    };
    Ok(pages::respond(200, page, CachePolicy::Revalidate))
}

/// What each newest scan that has ended found and read.
async fn details<P: Ports>(
    app: &App<P>,
    state: &SkillState,
) -> Result<Vec<(Provider, ScanDetailRow)>, AppError> {
    let ended: Vec<_> = state.scans.iter().filter(|scan| scan.status.is_answered()).collect();
    let details = app.store().scan_details(&ended).await?;
    let of_each = ended.iter().zip(details);
    Ok(of_each.filter_map(|(scan, detail)| Some((scan.provider, detail?))).collect())
}
