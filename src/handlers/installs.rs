//! `POST /api/v1/skills/{name}/installs` and `POST /api/v1/skills/installs`: the installer tells what
//! it has installed, and waits for the answer. From one network, a number of requests in a minute is counted.

use super::body;
use crate::{
    app::App,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    ports::{Limit, Ports},
};
use serde_json::Value;
use skillgate_contract::{SkillName, api::InstallsAnswer, json, object::NotAnObject};

/// The most skills that one request counts; further ones are ignored.
const MOST_SKILLS: usize = 50;

/// Counts an install of one skill. The body is not read.
///
/// # Errors
/// 415 where a web page of others sends it.
pub(crate) async fn installed<P: Ports>(
    app: &App<P>,
    request: &Request,
    name: &SkillName,
) -> Result<Handled, AppError> {
    refuse_pages(request)?;
    Ok(count(app, request, std::slice::from_ref(name)).await)
}

/// Several skills: a list of names, or of objects with a name, under `skills`, `installs` or `names`.
///
/// # Errors
/// 400 where the body is no JSON, 413 where it is larger than may be, 415 where a web page of others sends
/// it.
pub(crate) async fn installed_many<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Handled, AppError> {
    refuse_pages(request)?;
    let body: Option<Value> = std::str::from_utf8(body::bytes(request)?).ok().and_then(json::parse);
    let body = body.ok_or(NotAnObject::Syntax)?;
    let lists =
        ["skills", "installs", "names"].iter().filter_map(|list| body.get(list)?.as_array());
    let mut names: Vec<SkillName> = Vec::new();
    for item in lists.flatten().take(MOST_SKILLS) {
        let text = ["name", "skillName"].iter().find_map(|field| item.get(field)?.as_str());
        if let Some(name) = text.or_else(|| item.as_str()).and_then(|text| text.parse().ok())
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    Ok(count(app, request, &names).await)
}

/// A browser tells in each POST where its page is from. Without a question to us before it, which we answer
/// for no other origin, it sends no JSON.
fn refuse_pages(request: &Request) -> Result<(), AppError> {
    let is_page = ["origin", "sec-fetch-site"].iter().any(|name| request.header(name).is_some());
    if is_page { body::json_bytes(request).map(drop) } else { Ok(()) }
}

/// Counts installs. A failure is logged and answered with 0, as is what is beyond the limit, because the installer
/// cannot act on either.
async fn count<P: Ports>(app: &App<P>, request: &Request, names: &[SkillName]) -> Handled {
    let names = if app.is_beyond(Limit::Installs, request).await { &[] } else { names };
    let counted = app.store().count_installs(names, app.ports.now()).await;
    let counted = counted.unwrap_or_else(|error| {
        app.log_cause(&error);
        0
    });
    Response::json(202, &InstallsAnswer { ok: true, counted }, CachePolicy::NoStore).into()
}
