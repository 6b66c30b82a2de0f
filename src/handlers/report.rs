//! The pages of one skill.

use super::paging::{Page, filter};
use crate::{
    app::App,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request},
    model::SkillState,
    pages::{self, skill::SkillView},
    ports::Ports,
    route::Tab,
    store::{History, Resolved},
    timeouts,
};
use skillgate_contract::{Millis, Provider, ScanId, SkillName};

/// Scans in the history of the report.
const HISTORY_SHOWN: u32 = 10;

/// The page of a skill; of a bare name that several skills end in, the choice among them.
pub(crate) async fn page<P: Ports>(
    app: &App<P>,
    request: &Request,
    name: &SkillName,
    tab: Tab,
) -> Result<Handled, AppError> {
    let page = match tab {
        Tab::History => Page::read(request)?,
        Tab::Security => Page::first(HISTORY_SHOWN),
        _ => Page::first(0),
    };
    let before = page.before()?;
    let (only, asked): (_, Option<ScanId>) = match tab {
        Tab::Provider(_) => (filter(request, "severity")?, filter(request, "scan")?),
        _ => (None, None),
    };
    let state = match app.store().resolve(name).await? {
        Resolved::Nobody => return Err(AppError::NO_SKILL),
        Resolved::Several(candidates) => {
            let page = pages::skill::choice(name, &candidates, tab, &app.config.platform_url);
            return Ok(pages::respond(200, page, CachePolicy::Revalidate).into());
        }
        Resolved::One(state) => timeouts::expire_overdue(app, *state).await?,
    };
    let shown = |provider: Provider| match tab {
        Tab::Provider(of) => of == provider,
        Tab::Skill | Tab::Security => true,
        Tab::History => false,
    };
    let rows = if page.limit() == 0 { 0 } else { page.rows() };
    let newest = state.scans.iter().any(|scan| asked.as_ref() == Some(&scan.id));
    let (details, history): (Vec<_>, _) = match (tab, &asked) {
        (Tab::Provider(provider), Some(id)) if !newest => (vec![(provider, id)], History::One(id)),
        _ => {
            let answered = state.scans.iter().filter(|scan| scan.status.is_answered());
            let details = answered.filter(|scan| shown(scan.provider));
            let details = details.map(|scan| (scan.provider, &scan.id));
            (details.collect(), History::Before(before, rows))
        }
    };
    let mut parts = app.store().skill_page(&state.skill, &details, history).await?;
    let older = match history {
        History::Before(..) => None,
        History::One(_) => {
            let of_this = parts.history.pop().filter(|scan| {
                scan.skill_name == state.skill.name && tab == Tab::Provider(scan.provider)
            });
            Some(of_this.ok_or(AppError::NO_SCAN)?)
        }
    };
    let next = page.cut(&mut parts.history, |scan| match page.given() {
        Some(limit) => format!("limit={limit}&cursor={}", scan.seq),
        None => format!("cursor={}", scan.seq),
    });
    let now = app.ports.now();
    let refresh = if older.is_some() { None } else { refresh(request, &state, tab, now)? };
    let view = SkillView {
        state: &state,
        entries: &parts.entries,
        details: &parts.details,
        history: &parts.history,
        next: next.as_deref(),
        older: older.as_ref(),
        only,
        site: &app.config.platform_url,
        now,
        refresh,
    };
    let page = match tab {
        Tab::Skill => pages::skill::skill(&view),
        Tab::Security => pages::security::report(&view),
        Tab::Provider(provider) => pages::findings::findings(&view, provider),
        Tab::History => pages::history::history(&view),
    };
    let response = pages::respond(200, page, CachePolicy::Revalidate);
    let response = match refresh {
        // A header, because assistive technology warns of an element that moves the page.
        Some(seconds) => response.with("refresh", seconds.to_string()),
        None => response,
    };
    Ok(response.into())
}

/// How soon a page with a scan to come looks again, in seconds: often at first, when a scan takes
/// seconds, and ever more gently. Not at all for a reader who said so.
fn refresh(
    request: &Request,
    state: &SkillState,
    tab: Tab,
    now: Millis,
) -> Result<Option<u32>, AppError> {
    let awaited =
        state.scans.iter().filter(|scan| scan.is_awaited() && tab.shows_scans_of(scan.provider));
    let Some(asked_for) = awaited.map(|scan| scan.created_at.0).max() else { return Ok(None) };
    if request.query_value("refresh")?.as_deref() == Some("off") {
        return Ok(None);
    }
    Ok(Some(match now.since(Millis(asked_for)) / Millis::MINUTE {
        ..2 => 5,
        2..10 => 15,
        _ => 60,
    }))
}
