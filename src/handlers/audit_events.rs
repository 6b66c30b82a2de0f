//! `GET /api/v1/admin/audit-events`: what happened, and who did it.

use super::paging::{Page, filter};
use crate::{
    app::App,
    auth::AdminCaller,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    model::AuditRow,
    ports::Ports,
    store::AuditFilter,
};
use skillgate_contract::{
    ScanId, SkillName,
    api::{AuditEvent, EventsAnswer},
    json::StoredJson,
};
use std::str::FromStr;

/// Newest first; of one skill, action or scan where that is asked for.
pub(crate) async fn events<P: Ports>(app: &App<P>, request: &Request) -> Result<Handled, AppError> {
    let _admin = AdminCaller::check(&app.config, request)?;
    let page = Page::read(request)?;
    let filter = AuditFilter {
        skill: filter(request, "skill")?,
        action: filter(request, "action")?.map(|Action(action)| action),
        scan: filter(request, "scanId")?,
    };
    let mut rows = app.store().audit_events(&filter, page.before()?, page.rows()).await?;
    let next_cursor = page.cut(&mut rows, |row| row.seq.to_string());
    let answer = EventsAnswer { events: rows.into_iter().map(shown).collect(), next_cursor };
    let filters = [
        ("skill", filter.skill.as_ref().map(SkillName::as_str)),
        ("action", filter.action.as_deref()),
        ("scanId", filter.scan.as_ref().map(ScanId::as_str)),
    ];
    let response = Response::json(200, &answer, CachePolicy::NoStore);
    Ok(page.link(response, request, &filters, answer.next_cursor.as_deref()).into())
}

/// The name of an action: `blocklist.lifted`.
struct Action(String);

impl FromStr for Action {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        let ok =
            s.len() <= 60 && s.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'_'));
        if ok { Ok(Self(s.to_owned())) } else { Err(()) }
    }
}

fn shown(row: AuditRow) -> AuditEvent {
    AuditEvent {
        id: row.seq,
        at: row.at,
        actor: row.actor,
        action: row.action,
        skill_name: row.skill_name,
        scan_id: row.scan_id,
        detail: StoredJson::parse(&row.detail),
    }
}
