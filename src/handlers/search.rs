//! `GET /api/v1/skills/search?q=&limit=`: which skills are known here.

use super::paging::limit;
use crate::{
    app::App,
    error::AppError,
    http::{CachePolicy, Request, Response},
    ports::Ports,
};
use skillgate_contract::api::{FoundSkill, Pagination, SearchAnswer};

/// How many are listed where nobody asks for another number.
const DEFAULT_LIMIT: u32 = 20;
/// No answer lists more.
const MAX_LIMIT: u32 = 100;

/// Skills whose last segment begins with `q` in any case; then those whose full name does, as it is
/// written. Without `q`, the first of all.
pub(crate) async fn search<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Response, AppError> {
    let limit = limit(request, DEFAULT_LIMIT, MAX_LIMIT)?;
    let q = request.query_value("q")?.unwrap_or_default();
    let mut found = app.store().search(q.trim(), limit + 1).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = found.len() > most;
    found.truncate(most);
    let results = found.into_iter().map(|row| FoundSkill {
        report_url: row.name.report_path(),
        author: row.repo_url.owner().to_owned(),
        name: row.name,
        repo_url: row.repo_url,
        commit_sha: row.commit_sha,
        version: row.version,
        installs: row.installs,
    });
    let answer =
        SearchAnswer { results: results.collect(), pagination: Pagination { limit, has_more } };
    Ok(Response::json(200, &answer, CachePolicy::Verdict))
}
