//! `GET /api/v1/skills/{name}/security/history`: every scan that a skill ever had.

use super::paging::Page;
use crate::{
    app::App,
    domain::overall,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    ports::Ports,
    timeouts,
};
use skillgate_contract::{SkillName, api::HistoryAnswer};

/// Newest first; what is overdue is promoted before it is shown.
pub(crate) async fn history<P: Ports>(
    app: &App<P>,
    request: &Request,
    name: &SkillName,
) -> Result<Handled, AppError> {
    let page = Page::read(request)?;
    let before = page.before()?;
    let state = timeouts::expire_overdue_by_name(app, name).await?;
    let mut rows = app.store().history(&state.skill.name, before, page.rows()).await?;
    let next_cursor = page.cut(&mut rows, |scan| scan.seq.to_string());
    let answer = HistoryAnswer {
        scans: rows.iter().map(|scan| overall::history_scan(&state, scan)).collect(),
        next_cursor,
    };
    let response = Response::json(200, &answer, CachePolicy::Revalidate);
    Ok(page.link(response, request, &[], answer.next_cursor.as_deref()).into())
}
