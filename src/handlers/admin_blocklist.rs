//! `/api/v1/admin/blocklist`: admins read, add, confirm and lift entries.

use super::{body::json_bytes, paging::Page};
use crate::{
    app::App,
    auth::AdminCaller,
    domain::blocklist::shown_to_admins,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    model::EntryId,
    ports::Ports,
    store::Lifted,
};
use skillgate_contract::{
    Millis,
    api::{AddEntry, EntriesAnswer, LiftEntry},
    object::JsonObject,
};

/// Entries in every state, newest first.
pub(crate) async fn entries<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Handled, AppError> {
    let _admin = AdminCaller::check(&app.config, request)?;
    let page = Page::read(request)?;
    let before = page.start(None, |cursor| {
        let (at, id) = cursor.split_once('.')?;
        let id: EntryId = id.parse().ok()?;
        let at = at.parse().ok().filter(|at: &i64| at.unsigned_abs() >> 53 == 0)?;
        Some(Some((Millis(at), id.as_str().to_owned())))
    })?;
    let mut rows = app.store().entries(before, page.rows()).await?;
    let next_cursor =
        page.cut(&mut rows, |row| format!("{}.{}", row.entry.discovered_at.0, row.entry.id));
    let url = &app.config.platform_url;
    let entries = rows.into_iter().map(|row| shown_to_admins(row, url)).collect();
    let answer = EntriesAnswer { entries, next_cursor };
    let response = Response::json(200, &answer, CachePolicy::NoStore);
    Ok(page.link(response, request, &[], answer.next_cursor.as_deref()).into())
}

/// Adds an entry by hand. Where one stands for the same skill and source, the two are one from then
/// on, and it is active: this is how a proposed entry is confirmed.
pub(crate) async fn add<P: Ports>(app: &App<P>, request: &Request) -> Result<Handled, AppError> {
    let _admin = AdminCaller::check(&app.config, request)?;
    let object = JsonObject::parse(json_bytes(request)?, AddEntry::KNOWN_FIELDS)?;
    let add = AddEntry::read(object).map_err(AppError::Fields)?;
    let (id, token, now) =
        (EntryId::from_random(app.ports.random()), app.write_token(), app.ports.now());
    let row = app.store().add_entry(&add, &id, &token, now).await?;
    let entry = shown_to_admins(row, &app.config.platform_url);
    Ok(Response::json(201, &entry, CachePolicy::NoStore).into())
}

/// Lifts an active entry or drops a proposed one, with a reason; nothing is deleted.
pub(crate) async fn lift<P: Ports>(
    app: &App<P>,
    request: &Request,
    id: &EntryId,
) -> Result<Handled, AppError> {
    let _admin = AdminCaller::check(&app.config, request)?;
    let object = JsonObject::parse(json_bytes(request)?, LiftEntry::KNOWN_FIELDS)?;
    let lift = LiftEntry::read(object).map_err(AppError::Fields)?;
    let (token, now) = (app.write_token(), app.ports.now());
    match app.store().lift_entry(id.as_str(), &lift, &token, now).await? {
        Lifted::Now(row) => {
            let entry = shown_to_admins(*row, &app.config.platform_url);
            Ok(Response::json(200, &entry, CachePolicy::NoStore).into())
        }
        Lifted::Changed => Err(AppError::Conflict(
            "the entry has changed since this version; read it again".to_owned(),
        )),
        Lifted::Nothing => Err(AppError::NotFound("no entry of this id stands")),
    }
}
