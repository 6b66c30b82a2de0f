//! `GET /api/v1/blocklist` and `/api/v1/blocklist/check`: what stops an installation.

use super::from_copy;
use crate::{
    app::App,
    domain::blocklist,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    kv::blocklist::{self as projection, Copy},
    log::LogEvent,
    ports::Ports,
};
use skillgate_contract::{RepoUrl, SkillName};

/// One row of D1 tells whether KV's copy is right; only when it is not is the list built anew. Where
/// D1 does not give it, and just behind a change of a long list, the copy is served as what it is:
/// stale, with its age.
pub(crate) async fn list<P: Ports>(app: &App<P>, request: &Request) -> Result<Handled, AppError> {
    let copy = projection::get(app).await;
    let known = copy.as_ref().map(|copy| copy.revision);
    let now = app.ports.now();
    let served = match (app.store().blocklist_revision(known).await, &copy) {
        (Ok(list), Some(copy)) if list.revision == copy.revision => {
            answer(app, request, copy).await
        }
        (Ok(list), Some(copy)) if copy.may_lack(list.lacks_since, now) => {
            stale(app, request, copy).await
        }
        (Ok(_), _) => None,
        (Err(error), _) => return instead(app, request, copy.as_ref(), error).await,
    };
    if let Some(served) = served {
        return Ok(served.into());
    }
    let (copy, body) = match projection::build(app).await {
        Ok(built) => built,
        Err(error) => return instead(app, request, copy.as_ref(), error).await,
    };
    let response = if request.knows(&etag(&copy)) {
        respond(304, String::new(), &copy)
    } else {
        respond(200, body, &copy)
    };
    Ok(response.into())
}

/// The copy, if there is one, in place of what cannot be read. `stale.served` is D1's failure; another one is logged as what
/// it is.
async fn instead<P: Ports>(
    app: &App<P>,
    request: &Request,
    copy: Option<&Copy>,
    error: AppError,
) -> Result<Handled, AppError> {
    let Some(copy) = copy else { return Err(error) };
    let Some(served) = stale(app, request, copy).await else { return Err(error) };
    match &error {
        AppError::Database(cause) => app.log(LogEvent::StaleServed, &[], cause),
        _ => app.log_cause(&error),
    }
    Ok(served.into())
}

/// As [`answer`], and says that it is not of now.
async fn stale<P: Ports>(app: &App<P>, request: &Request, copy: &Copy) -> Option<Response> {
    Some(answer(app, request, copy).await?.stale(copy.age(app.ports.now())))
}

/// The answer out of the copy; `None` where a part of it is lost.
async fn answer<P: Ports>(app: &App<P>, request: &Request, copy: &Copy) -> Option<Response> {
    if request.knows(&etag(copy)) {
        return Some(respond(304, String::new(), copy));
    }
    Some(respond(200, projection::body(app, copy).await?, copy))
}

fn respond(status: u16, body: String, copy: &Copy) -> Response {
    Response::text(status, "application/json", body, CachePolicy::Blocklist)
        .with("etag", etag(copy))
}

fn etag(copy: &Copy) -> String {
    format!("\"{}\"", copy.digest)
}

/// Straight from D1: "not blocked" is never older than the question. Where D1 fails, the copy of the list
/// may still tell what is blocked.
pub(crate) async fn check<P: Ports>(app: &App<P>, request: &Request) -> Result<Handled, AppError> {
    let name =
        request.query_value("name")?.ok_or_else(|| AppError::query("name is missing".into()))?;
    let name: SkillName = name.parse().map_err(|e| AppError::query(format!("name {e}")))?;
    let source = match request.query_value("repoUrl")?.filter(|url| !url.is_empty()) {
        None => None,
        Some(url) => {
            Some(url.parse::<RepoUrl>().map_err(|e| AppError::query(format!("repoUrl {e}")))?)
        }
    };
    let charges = match app.store().blocklist_matches(&name, source.as_ref()).await {
        Ok(charges) => charges,
        Err(error) => {
            let bad = from_copy::blocked(app, &name, source.as_ref());
            return from_copy::or_else(app, error, bad).await;
        }
    };
    let answer = blocklist::check(source.as_ref(), &charges, &app.config.platform_url);
    Ok(Response::json(200, &answer, CachePolicy::Verdict).into())
}
