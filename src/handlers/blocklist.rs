//! `GET /api/v1/blocklist` and `/api/v1/blocklist/check`: what stops an installation.

use crate::{
    app::App,
    domain::blocklist,
    error::AppError,
    http::{CachePolicy, Request, Response},
    ports::{Cache, Ports},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use skillgate_contract::{
    RepoUrl, SkillName,
    api::BlocklistAnswer,
    json::{self, FromJson, Members},
};

/// The key of the serialised list in KV.
const LIST_KEY: &str = "blocklist";

/// The list as KV keeps it. It is the whole truth exactly while its revision is D1's.
#[derive(Debug, Serialize)]
struct Copy {
    revision: i64,
    etag: String,
    body: String,
}

impl FromJson for Copy {
    fn from_json(value: serde_json::Value) -> Option<Self> {
        let mut members = Members::from_json(value)?;
        Some(Self {
            revision: members.take("revision")?,
            etag: members.take("etag")?,
            body: members.take("body")?,
        })
    }
}

/// One row of D1 tells whether KV's copy is right; only when it is not is the list built anew.
/// With D1 down, the copy is served as what it is: stale.
pub(crate) async fn list<P: Ports>(app: &App<P>, request: &Request) -> Result<Response, AppError> {
    let copy = app.ports.cache().get(LIST_KEY).await.unwrap_or_default();
    let copy: Option<Copy> = copy.and_then(|text| json::parse(&text));
    let revision = match (app.store().blocklist_revision().await, &copy) {
        (Ok(revision), _) => revision,
        (Err(error), Some(copy)) => {
            app.ports.log(&format!("{error}; the blocklist is served from its copy"));
            return Ok(answer(request, copy).with("warning", "110 - \"Response is Stale\""));
        }
        (Err(error), None) => return Err(error),
    };
    match copy {
        Some(copy) if copy.revision == revision.revision => Ok(answer(request, &copy)),
        _ => Ok(answer(request, &build(app).await?)),
    }
}

async fn build<P: Ports>(app: &App<P>) -> Result<Copy, AppError> {
    let (revision, entries) = app.store().blocklist().await?;
    let entries: Vec<_> =
        entries.iter().map(|entry| blocklist::shown(entry, &app.config.platform_url)).collect();
    let list = BlocklistAnswer { count: entries.len(), entries, last_updated: revision.changed_at };
    let body = serde_json::to_string(&list).map_err(|e| AppError::Internal(e.to_string()))?;
    let digest = hex::encode(Sha256::digest(&body));
    let etag = format!("\"{}\"", digest.get(..32).unwrap_or(&digest));
    let copy = Copy { revision: revision.revision, etag, body };
    let json = serde_json::to_string(&copy).unwrap_or_default();
    if let Err(error) = app.ports.cache().put(LIST_KEY, json, None).await {
        app.ports.log(&error.to_string());
    }
    Ok(copy)
}

fn answer(request: &Request, copy: &Copy) -> Response {
    let known = request.header("if-none-match").is_some_and(|tags| {
        tags.split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == copy.etag)
    });
    let (status, body) = if known { (304, String::new()) } else { (200, copy.body.clone()) };
    Response::text(status, "application/json", body, CachePolicy::Blocklist)
        .with("etag", copy.etag.clone())
}

/// Straight from D1: «not blocked» is never older than the question.
pub(crate) async fn check<P: Ports>(app: &App<P>, request: &Request) -> Result<Response, AppError> {
    let name =
        request.query_value("name").ok_or_else(|| AppError::Query("name is missing".into()))?;
    let name: SkillName = name.parse().map_err(|e| AppError::Query(format!("name {e}")))?;
    let source = match request.query_value("repoUrl").filter(|url| !url.is_empty()) {
        None => None,
        Some(url) => {
            Some(url.parse::<RepoUrl>().map_err(|e| AppError::Query(format!("repoUrl {e}")))?)
        }
    };
    let (entries, criticals) = app.store().charges(&name, source.as_ref()).await?;
    let answer =
        blocklist::check(&name, source.as_ref(), &entries, &criticals, &app.config.platform_url);
    Ok(Response::json(200, &answer, CachePolicy::Verdict))
}
