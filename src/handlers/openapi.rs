//! `GET /openapi.json`, `GET /docs`, `GET /rules` and the pages below it: the service about itself. All are static
//! files, which the build writes.

use crate::{
    app::App,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Response},
    middleware::etag,
    pages,
    ports::Ports,
};
use skillgate_contract::rule_page::{self, RULES_PATH};

/// The document, as it is committed.
///
/// # Errors
/// [`AppError::Internal`] where the file cannot be read.
pub(crate) async fn document(app: &App<impl Ports>) -> Result<Handled, AppError> {
    let document = app.ports.asset("openapi.json").await?;
    Ok(Response::text(200, "application/json", document, CachePolicy::Revalidate).into())
}

/// The document, as people read it.
///
/// # Errors
/// [`AppError::Internal`] where the file cannot be read.
pub(crate) async fn page(app: &App<impl Ports>) -> Result<Handled, AppError> {
    let content = app.ports.asset("docs.html").await?;
    Ok(tagged(pages::docs::respond(content, &app.config.platform_url)))
}

/// What all rules look for, or one of them, or a document about them. Which pages there are, the deployed files decide;
/// a `path` below `/rules` ends in a name of the form that `is_page_name` takes, so that no other file is read. A rule of
/// a known family without a page (removed, newer than this build, or of a pack of one's own) leads to its family.
///
/// # Errors
/// [`AppError::NotFound`], or [`AppError::Internal`] where the file cannot be read or no page of rules is deployed.
pub(crate) async fn rules(app: &App<impl Ports>, path: &str) -> Result<Handled, AppError> {
    let asset = async |path: &str| {
        app.ports.asset(&format!("{}.html", path.strip_prefix('/').unwrap_or_default())).await
    };
    match asset(path).await {
        Err(error) if error.missing => {
            // It is there in every deployment that has static files.
            asset(RULES_PATH).await?;
            let section = path.rsplit('/').next().and_then(rule_page::section);
            let section = section
                .ok_or(AppError::NotFound("no rule has this page; all of them are at /rules"))?;
            let leads_on = Response::empty(302, CachePolicy::NoStore);
            Ok(leads_on.with("location", section).into())
        }
        file => Ok(tagged(pages::rules::respond(&file?, &app.config.platform_url, path))),
    }
}

/// A page that does not show the time, so that an ETag pays.
fn tagged(page: Response) -> Handled {
    let etag = etag(&page.body);
    page.with("etag", etag).into()
}
