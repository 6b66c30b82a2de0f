//! `GET /api/v1/audits`, `/audits` and `/`: lists over all skills.

use super::paging::{Page, filter};
use crate::{
    app::App,
    domain::{
        overall::{is_of_published, provider_row},
        search::Search,
    },
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    model::SkillState,
    pages,
    ports::Ports,
    route::View,
    store::{self, LatestFilter, Listed},
    timeouts,
};
use skillgate_contract::{
    Provider, ScanStatus, SkillName,
    api::{AuditedScan, AuditsAnswer},
    percent::percent_encode,
    text,
};

/// Names that one request of a search looks through where not each of them need fit.
const MOST_LOOKED_THROUGH: u32 = 200;
/// Newest scans of one skill, one by each tool: so many must be read to show a skill.
const SCANS_OF_A_SKILL: u32 = Provider::ALL.len() as u32;
/// Skills on the first page.
const ON_HOME: u32 = 8;

/// What is asked for.
struct Question {
    page: Page,
    filter: LatestFilter,
    q: String,
    /// In a search: the word and the name to go on with, and how many scans of it have been shown.
    from: (String, String, usize),
}

impl Question {
    fn read(request: &Request) -> Result<Self, AppError> {
        let filter = LatestFilter {
            provider: filter(request, "provider")?,
            status: filter(request, "status")?,
        };
        let q = request.query_value("q")?.unwrap_or_default();
        let (q, page) = (text::line(q.trim(), 100), Page::read(request)?);
        let start = (String::new(), String::new(), 0);
        let from = if q.is_empty() { start } else { page.start(start, place)? };
        Ok(Self { page, filter, q, from })
    }
}

fn place(cursor: &str) -> Option<(String, String, usize)> {
    let mut parts = cursor.split('~');
    let (word, name, shown) = (parts.next()?, parts.next()?, parts.next()?);
    let known =
        word.bytes().all(|b| b.is_ascii_alphanumeric()) && name.parse::<SkillName>().is_ok();
    let shown = shown.parse().ok().filter(|shown| known && *shown < Provider::ALL.len())?;
    Some((word.to_owned(), name.to_owned(), shown))
}

/// The newest scans of all skills, latest first; in a search, in the order of names.
pub(crate) async fn lists<P: Ports>(
    app: &App<P>,
    request: &Request,
    view: View,
) -> Result<Handled, AppError> {
    let asked = match view {
        View::Home => Question {
            page: Page::first(ON_HOME),
            filter: LatestFilter::default(),
            q: String::new(),
            from: Default::default(),
        },
        _ => Question::read(request)?,
    };
    if asked.filter.status == Some(ScanStatus::TimedOut) {
        timeouts::expire_overdue_batches(app).await?;
    }
    let search = Search::parse(&asked.q);
    let plain =
        asked.filter == LatestFilter::default() && search.as_ref().is_some_and(Search::is_one_word);
    let most = match (&search, view) {
        (Some(_), _) if !plain => MOST_LOOKED_THROUGH,
        (None, View::Audits | View::Home) => asked.page.limit() * SCANS_OF_A_SKILL,
        _ => asked.page.limit(),
    };
    let query = match &search {
        Some(search) => store::words(search.key(), (&asked.from.0, &asked.from.1), most + 1),
        // A search without a word that could stand in a name finds nothing.
        None if !asked.q.is_empty() => store::words("~", ("", ""), 0),
        None => store::latest(asked.filter, asked.page.before()?, most + 1),
    };
    let (mut rows, totals) = app.store().listed(query).await?;
    let more = rows.len() > usize::try_from(most).unwrap_or(usize::MAX);
    let beyond = if more { rows.pop() } else { None };
    if let Some(search) = &search {
        rows.retain(|row| search.takes(&row.place, &row.name));
    }
    let shown = rows.iter().filter(|row| view == View::Api || row.first == 1);
    let skills = timeouts::expire_overdue_listed(app, shown.map(|row| row.name.clone())).await?;
    let (found, next) = found(&asked, view, &rows, &skills, beyond);

    if view == View::Api {
        let scans = found.into_iter().filter_map(|(listed, provider)| audited(listed, provider));
        let answer = AuditsAnswer { scans: scans.collect(), next_cursor: next };
        let q = percent_encode(&asked.q);
        let filters = [
            ("provider", asked.filter.provider.map(Provider::as_str)),
            ("status", asked.filter.status.map(ScanStatus::as_str)),
            ("q", Some(q.as_str()).filter(|q| !q.is_empty())),
        ];
        let response = Response::json(200, &answer, CachePolicy::Revalidate);
        let response = asked.page.link(response, request, &filters, answer.next_cursor.as_deref());
        return Ok(response.into());
    }
    let skills: Vec<&SkillState> = found.into_iter().map(|(listed, _)| listed).collect();
    let site = &app.config.platform_url;
    let page = match view {
        View::Home => pages::home::home(&skills, &totals, site),
        _ => pages::audits::audits(&pages::audits::Audits {
            skills: &skills,
            q: &asked.q,
            provider: asked.filter.provider,
            status: asked.filter.status,
            limit: asked.page.given(),
            later: asked.page.is_later(),
            next: next.as_deref(),
            site,
        }),
    };
    Ok(pages::respond(200, page, CachePolicy::Revalidate).into())
}

/// What of the rows is shown, as it stands after what is overdue was promoted, and where the next
/// page starts. `beyond` is the first row that was not looked at.
fn found<'a>(
    asked: &Question,
    view: View,
    rows: &[Listed],
    skills: &'a [SkillState],
    beyond: Option<Listed>,
) -> (Vec<(&'a SkillState, Provider)>, Option<String>) {
    let limit = usize::try_from(asked.page.limit()).unwrap_or(usize::MAX);
    let any = asked.filter == LatestFilter::default();
    let fits = |state: &SkillState, provider: Provider| {
        state.newest(provider).is_some_and(|scan| asked.filter.fits(scan))
    };
    let mut found = Vec::new();
    let mut shown = asked.from.2;
    let mut before: Option<&Listed> = None;
    for row in rows {
        let listed = skills.iter().find(|listed| listed.skill.name == row.name);
        for (at, provider) in Provider::ALL.into_iter().enumerate().skip(std::mem::take(&mut shown))
        {
            let taken = listed.filter(|state| match (view, row.provider) {
                (View::Api, Some(of)) => of == provider && fits(state, provider),
                (View::Api, None) => fits(state, provider),
                _ => {
                    let fits = any || Provider::ALL.iter().any(|of| fits(state, *of));
                    at == 0 && row.first == 1 && fits
                }
            });
            let Some(listed) = taken else { continue };
            if found.len() == limit {
                return (found, Some(cursor(before, row, at)));
            }
            found.push((listed, provider));
        }
        before = Some(row);
    }
    (found, beyond.map(|beyond| cursor(before, &beyond, 0)))
}

/// Names the place of a row, of which some scans have been shown; in a list of the latest, by the
/// number of the row before.
fn cursor(before: Option<&Listed>, row: &Listed, shown: usize) -> String {
    match (row.provider, before) {
        (Some(_), Some(before)) => before.place.clone(),
        _ => format!("{}~{}~{shown}", row.place, row.name),
    }
}

fn audited(state: &SkillState, provider: Provider) -> Option<AuditedScan> {
    let scan = state.newest(provider)?;
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
