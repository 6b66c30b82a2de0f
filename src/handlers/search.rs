//! `GET /api/v1/skills/search?q=&limit=`: which skills are known here.

use super::paging::limit;
use crate::{
    app::App,
    domain::{overall, search::Search},
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    model::EntryState,
    ports::Ports,
};
use skillgate_contract::api::{FoundSkill, Pagination, SearchAnswer};

/// How many are listed where nobody asks for another number.
const DEFAULT_LIMIT: u32 = 20;
/// No answer lists more.
const MAX_LIMIT: u32 = 100;

/// Names that one search of several words looks through: not each of them need fit.
const MOST_LOOKED_THROUGH: u32 = 200;

/// Skills of whose name each word of `q` begins a word. Without `q`, the first of all.
pub(crate) async fn search<P: Ports>(app: &App<P>, request: &Request) -> Result<Handled, AppError> {
    let limit = limit(request, DEFAULT_LIMIT, MAX_LIMIT)?;
    let q = request.query_value("q")?.unwrap_or_default();
    let search = Search::parse(&q);
    let plain = search.as_ref().is_none_or(Search::is_one_word);
    let most = if plain { limit + 1 } else { MOST_LOOKED_THROUGH };
    let mut found = match (&search, q.trim()) {
        // Nothing in it could stand in a name.
        (None, words) if !words.is_empty() => Vec::new(),
        _ => app.store().search(search.as_ref().map(Search::key), most).await?,
    };
    let beyond = found.len() >= usize::try_from(most).unwrap_or(usize::MAX);
    if let Some(search) = &search {
        found.retain(|row| search.takes(&row.word, &row.name));
    }
    let limit_reached = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = beyond || found.len() > limit_reached;
    found.truncate(limit_reached);
    let results = found.into_iter().map(|row| {
        let [owner_slug, repo_slug, skill_slug] = row.name.slugs(&row.repo_url);
        FoundSkill {
            report_url: row.name.report_path(),
            author: row.repo_url.owner().to_owned(),
            name: row.name,
            owner_slug,
            repo_slug,
            skill_slug,
            repo_url: row.repo_url,
            commit_sha: row.commit_sha,
            version: row.version,
            installs: row.installs,
            vskill_installs: row.installs,
            is_blocked: row.standing == Some(EntryState::Active),
            cert_tier: (),
            tier: overall::tier(row.standing),
        }
    });
    let answer =
        SearchAnswer { results: results.collect(), pagination: Pagination { limit, has_more } };
    Ok(Response::json(200, &answer, CachePolicy::Verdict).into())
}
