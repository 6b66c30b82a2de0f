//! The pages of one skill.

use crate::{
    app::App,
    error::AppError,
    http::{CachePolicy, Request, Response},
    pages,
    ports::Ports,
    store::{EntryRow, Resolved, ScanDetailRow, SkillState},
};
use skillgate_contract::{Millis, Provider, SkillName};

/// Scans in the history of the report.
const HISTORY_SHOWN: u32 = 10;
/// Behind every scan there is.
const BEHIND_ALL: i64 = (1 << 53) - 1;

/// The skill of a name, settled; of a bare name that several skills end in, the page with the
/// choice among them. `rest` is what stands behind the name in the address.
pub(super) async fn open<P: Ports>(
    app: &App<P>,
    name: &SkillName,
    rest: &str,
) -> Result<Result<SkillState, Response>, AppError> {
    match app.store().resolve(name).await? {
        Resolved::Nobody => Err(AppError::NotFound("no skill of this name is published")),
        Resolved::Several(candidates) => {
            let page = pages::security::choice(name, &candidates, rest);
            Ok(Err(pages::respond(200, page, CachePolicy::Revalidate)))
        }
        Resolved::One(state) => app.settled(*state).await.map(Ok),
    }
}

/// `GET /skills/{name}`: the skill in short.
pub(crate) async fn skill<P: Ports>(
    app: &App<P>,
    request: &Request,
    name: &SkillName,
) -> Result<Response, AppError> {
    let state = match open(app, name, "").await? {
        Ok(state) => state,
        Err(choice) => return Ok(choice),
    };
    let entries = entries(app, &state).await?;
    let details = if entries.is_empty() { Vec::new() } else { details(app, &state, None).await? };
    let refresh = refresh(request, &state, None, app.ports.now())?;
    let site = &app.config.platform_url;
    let page = pages::skill::skill(&state, &entries, &details, site, refresh);
    Ok(pages::respond_live(page, refresh))
}

/// `GET /skills/{name}/security`: the report.
pub(crate) async fn report<P: Ports>(
    app: &App<P>,
    request: &Request,
    name: &SkillName,
) -> Result<Response, AppError> {
    let state = match open(app, name, "/security").await? {
        Ok(state) => state,
        Err(choice) => return Ok(choice),
    };
    let now = app.ports.now();
    let entries = entries(app, &state).await?;
    let details = details(app, &state, None).await?;
    let shown = usize::try_from(HISTORY_SHOWN).unwrap_or(usize::MAX);
    let mut history = app.store().history(&state.skill.name, BEHIND_ALL, HISTORY_SHOWN + 1).await?;
    let more_history = history.len() > shown;
    history.truncate(shown);
    let refresh = refresh(request, &state, None, now)?;
    let page = pages::security::report(&pages::security::Report {
        state: &state,
        entries: &entries,
        details: &details,
        history: &history,
        more_history,
        site: &app.config.platform_url,
        now,
        refresh,
    });
    Ok(pages::respond_live(page, refresh))
}

/// `GET /skills/{name}/security/{provider}`: one tool's findings.
pub(crate) async fn findings<P: Ports>(
    app: &App<P>,
    request: &Request,
    name: &SkillName,
    provider: Provider,
) -> Result<Response, AppError> {
    let only = super::audits::one_of(request, "severity")?;
    let state = match open(app, name, &format!("/security/{provider}")).await? {
        Ok(state) => state,
        Err(choice) => return Ok(choice),
    };
    let entries = entries(app, &state).await?;
    let details = details(app, &state, Some(provider)).await?;
    let refresh = refresh(request, &state, Some(provider), app.ports.now())?;
    let page = pages::findings::findings(&pages::findings::Findings {
        state: &state,
        provider,
        details: &details,
        entries: &entries,
        only,
        site: &app.config.platform_url,
        refresh,
    });
    Ok(pages::respond_live(page, refresh))
}

async fn entries<P: Ports>(app: &App<P>, state: &SkillState) -> Result<Vec<EntryRow>, AppError> {
    let skill = &state.skill;
    let (entries, _) = app.store().charges(&skill.name, Some(&skill.repo_url)).await?;
    Ok(entries)
}

/// What each newest scan that has ended found and read, or that of one provider.
async fn details<P: Ports>(
    app: &App<P>,
    state: &SkillState,
    of: Option<Provider>,
) -> Result<Vec<(Provider, ScanDetailRow)>, AppError> {
    let asked = |provider: Provider| of.is_none_or(|of| of == provider);
    let ended = state.scans.iter().filter(|scan| scan.status.is_answered() && asked(scan.provider));
    let ended: Vec<_> = ended.collect();
    let details = app.store().scan_details(&ended).await?;
    let of_each = ended.iter().zip(details);
    Ok(of_each.filter_map(|(scan, detail)| Some((scan.provider, detail?))).collect())
}

/// How soon a page with a scan under way looks again, in seconds: often at first, when a scan takes
/// seconds, and ever more gently. Not at all for a reader who said so.
fn refresh(
    request: &Request,
    state: &SkillState,
    of: Option<Provider>,
    now: Millis,
) -> Result<Option<u32>, AppError> {
    let active = state
        .scans
        .iter()
        .filter(|scan| scan.status.is_active() && of.is_none_or(|of| of == scan.provider));
    let Some(asked_for) = active.map(|scan| scan.created_at).max() else { return Ok(None) };
    if request.query_value("refresh")?.as_deref() == Some("off") {
        return Ok(None);
    }
    Ok(Some(match now.since(asked_for) / Millis::MINUTE {
        ..2 => 5,
        2..10 => 15,
        _ => 60,
    }))
}
