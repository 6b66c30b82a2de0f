//! `GET /api/v1/audits`, `/audits` and `/`: lists over all skills.

use super::paging::Page;
use crate::{
    app::App,
    domain::{
        overall::{is_of_published, provider_row},
        search::Search,
    },
    error::AppError,
    http::{CachePolicy, Request, Response, percent_encode},
    pages,
    ports::Ports,
    store::{LatestFilter, ScanRow, SkillState},
};
use skillgate_contract::{
    Provider, ScanStatus, SkillName,
    api::{AuditedScan, AuditsAnswer},
};
use std::str::FromStr;

/// Names that one request of a search looks through where not each of them need fit.
const MOST_LOOKED_THROUGH: u32 = 200;
/// Skills on the first page.
const ON_HOME: u32 = 8;
/// Behind every scan there is.
const BEHIND_ALL: i64 = (1 << 53) - 1;

/// What is asked for.
struct Question {
    page: Page,
    filter: LatestFilter,
    q: String,
}

impl Question {
    fn read(request: &Request) -> Result<Self, AppError> {
        let filter = LatestFilter {
            provider: one_of(request, "provider")?,
            status: one_of(request, "status")?,
        };
        let q = request.query_value("q")?.unwrap_or_default();
        let q = skillgate_contract::text::line(q.trim(), 100);
        Ok(Self { page: Page::read(request)?, filter, q })
    }
}

/// One of a closed set of words; an empty one, as forms send it, asks for nothing.
pub(super) fn one_of<T: FromStr<Err: std::fmt::Display>>(
    request: &Request,
    name: &str,
) -> Result<Option<T>, AppError> {
    match request.query_value(name)?.filter(|text| !text.is_empty()) {
        Some(text) => {
            text.parse().map(Some).map_err(|why: T::Err| AppError::Query(format!("{name} {why}")))
        }
        None => Ok(None),
    }
}

/// The newest scans of all skills, latest first; in a search, in the order of names.
pub(crate) async fn audits<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Response, AppError> {
    let asked = Question::read(request)?;
    let (scans, next_cursor) = if asked.q.is_empty() {
        let mut rows = app
            .store()
            .latest(&asked.filter, false, asked.page.before()?, asked.page.rows())
            .await?;
        let next = asked.page.cut(&mut rows, |row| row.seq.to_string());
        let states = app.settled_states(rows.iter().map(|row| row.skill_name.clone())).await?;
        let shown = rows.iter().filter_map(|row| {
            let state = states.iter().find(|state| state.skill.name == row.skill_name)?;
            audited(state, row.provider, &asked.filter)
        });
        (shown.collect(), next)
    } else {
        search(app, &asked, |state| {
            Provider::ALL.map(|provider| audited(state, provider, &asked.filter)).into()
        })
        .await?
    };
    let answer = AuditsAnswer { scans, next_cursor };
    let q = percent_encode(&asked.q, false);
    let filters = [
        ("provider", asked.filter.provider.map(Provider::as_str)),
        ("status", asked.filter.status.map(ScanStatus::as_str)),
        ("q", Some(q.as_str()).filter(|q| !q.is_empty())),
    ];
    let response = Response::json(200, &answer, CachePolicy::Revalidate);
    Ok(asked.page.link(response, request, &filters, answer.next_cursor.as_deref()))
}

fn audited(state: &SkillState, provider: Provider, filter: &LatestFilter) -> Option<AuditedScan> {
    let scan = state.newest(provider).filter(|scan| filter.fits(scan))?;
    Some(AuditedScan {
        skill_name: state.skill.name.clone(),
        row: provider_row(state, provider),
        scan_id: scan.id.clone(),
        repo_url: scan.repo_url.clone(),
        created_at: scan.created_at,
        current: is_of_published(state, scan),
        report_url: state.skill.name.report_path(),
    })
}

/// The same for people, each skill once.
pub(crate) async fn page<P: Ports>(app: &App<P>, request: &Request) -> Result<Response, AppError> {
    let asked = Question::read(request)?;
    let fits = |state: &SkillState| {
        let asked_for = |scan: &ScanRow| asked.filter.fits(scan);
        asked.filter == LatestFilter::default() || state.scans.iter().any(asked_for)
    };
    let (skills, next) = if asked.q.is_empty() {
        let mut rows = app
            .store()
            .latest(&asked.filter, true, asked.page.before()?, asked.page.rows())
            .await?;
        let next = asked.page.cut(&mut rows, |row| row.seq.to_string());
        let mut states = app.settled_states(rows.into_iter().map(|row| row.skill_name)).await?;
        states.retain(fits);
        (states, next)
    } else {
        search(app, &asked, |state| vec![Some(state.clone()).filter(fits)]).await?
    };
    let page = pages::audits::audits(&pages::audits::Audits {
        skills: &skills,
        q: &asked.q,
        provider: asked.filter.provider,
        status: asked.filter.status,
        later: request.query_value("cursor")?.is_some(),
        next: next.as_deref(),
        site: &app.config.platform_url,
    });
    Ok(pages::respond(200, page, CachePolicy::Revalidate))
}

/// The first page.
pub(crate) async fn home<P: Ports>(app: &App<P>) -> Result<Response, AppError> {
    let totals = app.store().totals().await?;
    let latest = app.store().latest(&LatestFilter::default(), true, BEHIND_ALL, ON_HOME).await?;
    let skills = app.settled_states(latest.into_iter().map(|row| row.skill_name)).await?;
    let page = pages::home::home(&skills, &totals, &app.config.platform_url);
    Ok(pages::respond(200, page, CachePolicy::Revalidate))
}

/// A page of what a search finds: `parts` are what one skill gives, each or not. A cursor is the
/// word and the name to go on with, and how many of its parts have been shown.
async fn search<P: Ports, T>(
    app: &App<P>,
    asked: &Question,
    parts: impl Fn(&SkillState) -> Vec<Option<T>>,
) -> Result<(Vec<T>, Option<String>), AppError> {
    let start = asked.page.start((String::new(), String::new(), 0), |cursor| {
        let (place, skip) = cursor.rsplit_once('~')?;
        let (word, name) = place.split_once('~')?;
        let known =
            name.parse::<SkillName>().is_ok() && word.bytes().all(|b| b.is_ascii_alphanumeric());
        let skip = skip.parse().ok().filter(|skip| *skip < Provider::ALL.len())?;
        known.then(|| (word.to_owned(), name.to_owned(), skip))
    })?;
    let Some(search) = Search::parse(&asked.q) else { return Ok((Vec::new(), None)) };
    let (word, name, mut skip) = start;
    let limit = asked.page.limit();
    let plain = search.is_one_word() && asked.filter == LatestFilter::default();
    let most = if plain { limit } else { MOST_LOOKED_THROUGH };
    let mut rows = app.store().words(search.key(), (&word, &name), most + 1).await?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let beyond = if rows.len() > most { rows.pop() } else { None };
    let taken = rows.iter().filter(|(word, name)| search.takes(word, name));
    let states = app.settled_states(taken.map(|(_, name)| name.clone())).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for (word, name) in rows.iter().filter(|(word, name)| search.takes(word, name)) {
        let Some(state) = states.iter().find(|state| state.skill.name == *name) else { continue };
        for (at, part) in parts(state).into_iter().enumerate().skip(std::mem::take(&mut skip)) {
            let Some(part) = part else { continue };
            if found.len() == limit {
                return Ok((found, Some(format!("{word}~{name}~{at}"))));
            }
            found.push(part);
        }
    }
    Ok((found, beyond.map(|(word, name)| format!("{word}~{name}~0"))))
}
